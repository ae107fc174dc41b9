package domain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/postern/domain/search"
)

// SearchTimeout is the maximum duration of a search.
const SearchTimeout = 2 * time.Second

// SearchWait is how long a search waits for its turn. It is longer than [SearchTimeout], so that a search can wait
// for one that uses all of its time.
const SearchWait = SearchTimeout + time.Second

// ParseSearch parses the text of a search. It returns a FieldError if the text contains no word or too many.
func ParseSearch(text string) (search.Query, *FieldError) {
	query := search.Parse(text)
	switch words := len(query.Words()); {
	case words == 0:
		return nil, &FieldError{"search", "format", "must contain a letter or a digit"}
	case words > search.MaxWords:
		return nil, &FieldError{"search", "too_many_words", fmt.Sprintf("must contain at most %d different words", search.MaxWords)}
	}
	return query, nil
}

// runSearch calls read when it is the client's turn, with a context that ends after [SearchTimeout].
func (s *Posts) runSearch(ctx context.Context, client Client, read func(context.Context) (PostPage, error)) (PostPage, error) {
	leave, err := s.searches.Enter(ctx, string(client.Network()))
	if errors.Is(err, search.ErrBusy) {
		return PostPage{}, ErrSearchBusy
	} else if err != nil {
		return PostPage{}, err
	}
	defer leave()
	bounded, cancel := context.WithTimeout(ctx, SearchTimeout)
	defer cancel()
	page, err := read(bounded)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return PostPage{}, ErrSearchTooSlow
	}
	return page, err
}

// indexBatch is how many posts are indexed at once. It is small because posts may be long.
const indexBatch = 10

// IndexPosts adds all missing posts to the search index and returns how many. It stops when ctx ends; the next call continues.
func IndexPosts(ctx context.Context, store Store) (total int, err error) {
	for {
		n, err := store.Posts().Index(ctx, indexBatch)
		total += n
		if err != nil {
			return total, fmt.Errorf("index posts: %w", err)
		}
		if n == 0 {
			return total, nil
		}
	}
}
