package domain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"example.com/postern/domain/search"
	"example.com/postern/domain/throttle"
)

// PostService writes and reads posts. Only its owner can see a draft or a post that an operator has hidden (see [Operator]);
// everyone else gets [ErrPostNotFound].
//
// Methods that write return an error of kind [ErrTooMany] if the user writes too much.
type PostService interface {
	// Create adds a post. If key is not nil, it adds only one post per key: for [IdempotencyLife] it returns the same result
	// again, even if the post has been changed or deleted since. It returns an error of kind [ErrInvalid],
	// [ErrIdempotencyKeyReused] for a key with another fingerprint, [ErrIdempotencyInProgress] if the first request with the
	// key takes longer than [IdempotencyWait], or [ErrBadToken] if the author's account is gone.
	Create(ctx context.Context, author UserID, in PostInput, key *Idempotency) (CreatedPost, error)

	// Get returns a post, or [ErrPostNotFound].
	Get(ctx context.Context, viewer Viewer, id PostID) (Post, error)

	// List returns a page of published posts. A post that was published before the first page was read, and stays published,
	// is on exactly one page, regardless of concurrent writes. It returns an error of kind [ErrInvalid],
	// [ErrSearchTooSlow] after [SearchTimeout], or [ErrSearchBusy] after [SearchWait].
	List(ctx context.Context, q PostQuery) (PostPage, error)

	// ListOwn returns a page of the owner's posts, by ID. It returns an error of kind [ErrInvalid].
	ListOwn(ctx context.Context, owner UserID, q OwnPostQuery) (PostPage, error)

	// Update applies edit to a post and increments its version. A nil edit changes nothing and returns the post. The edit may
	// run more than once. If want is not nil, the post must have one of these versions, which is checked atomically. If want is
	// nil, the last writer wins. It returns an error of kind [ErrInvalid], [ErrPostNotFound], [ErrNotPostOwner] or
	// [ErrPostChanged].
	Update(ctx context.Context, editor UserID, id PostID, want []Version, edit func(*PostInput)) (Post, error)

	// Delete deletes a post. It checks want as Update does. It returns [ErrPostNotFound], [ErrNotPostOwner] or
	// [ErrPostChanged].
	Delete(ctx context.Context, editor UserID, id PostID, want []Version) error

	// Vote adds or removes the voter's vote. It is idempotent. It returns [ErrPostNotFound] for a post that the voter may not
	// see, and for a hidden one.
	Vote(ctx context.Context, voter UserID, id PostID, add bool) error
}

// Posts implements [PostService] on a [Store].
type Posts struct {
	store    Store
	clock    Clock
	creating sync.Map // of requests with a key: from an idempotencyID to a channel that is closed when the request is done
	searches *search.Gate
	writes   *throttle.Limiter
}

// NewPosts returns a service on the store. At most maxSearches searches run at once; 0 means no limit. The limiter of writes may
// be nil.
func NewPosts(store Store, clock Clock, maxSearches int, writes *throttle.Limiter) *Posts {
	return &Posts{store: store, clock: clock, searches: search.NewGate(maxSearches, SearchWait), writes: writes}
}

// Create implements [PostService].
func (s *Posts) Create(ctx context.Context, author UserID, in PostInput, key *Idempotency) (CreatedPost, error) {
	if err := in.check(); err != nil {
		return CreatedPost{}, err
	}
	if err := countWrite(s.writes, author); err != nil {
		return CreatedPost{}, err
	}
	if key != nil {
		return s.createOnce(ctx, author, in, *key)
	}
	post, err := s.insert(ctx, s.store, author, in)
	return CreatedPost{Post: post}, err
}

func (s *Posts) insert(ctx context.Context, r Repositories, author UserID, in PostInput) (Post, error) {
	now := s.clock.Now()
	post, err := r.Posts().Insert(ctx, in.created(author, now))
	if errors.Is(err, ErrUserNotFound) {
		return Post{}, fmt.Errorf("%w: the author's account is gone", ErrBadToken)
	}
	return post, err
}

// Get implements [PostService].
func (s *Posts) Get(ctx context.Context, viewer Viewer, id PostID) (Post, error) {
	return s.store.Posts().Visible(ctx, viewer, id)
}

// Update implements [PostService].
func (s *Posts) Update(ctx context.Context, editor UserID, id PostID, want []Version, edit func(*PostInput)) (Post, error) {
	if err := countWrite(s.writes, editor); err != nil {
		return Post{}, err
	}
	var updated Post
	err := s.store.InTx(ctx, func(tx Repositories) error {
		post, err := owned(ctx, tx, editor, id, want)
		if err != nil {
			return err
		}
		if edit == nil {
			updated = post
			return nil
		}
		in := PostInput{Title: post.Title, Content: post.Content, Published: post.Published}
		edit(&in)
		if err := in.check(); err != nil {
			return err
		}
		updated, err = tx.Posts().Update(ctx, post.revised(in, s.clock.Now()))
		return err
	})
	return updated, err
}

// Delete implements [PostService].
func (s *Posts) Delete(ctx context.Context, editor UserID, id PostID, want []Version) error {
	if err := countWrite(s.writes, editor); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx Repositories) error {
		post, err := owned(ctx, tx, editor, id, want)
		if err != nil {
			return err
		}
		return tx.Posts().Delete(ctx, id, editor, post.Version)
	})
}

// Vote implements [PostService].
func (s *Posts) Vote(ctx context.Context, voter UserID, id PostID, add bool) error {
	if err := countWrite(s.writes, voter); err != nil {
		return err
	}
	if add {
		return s.store.Votes().Add(ctx, id, voter)
	}
	return s.store.Votes().Remove(ctx, id, voter)
}

// owned returns a post that the editor may change and that has one of the wanted versions.
func owned(ctx context.Context, r Repositories, editor UserID, id PostID, want []Version) (Post, error) {
	post, err := r.Posts().Visible(ctx, Viewer{editor}, id)
	if err != nil {
		return Post{}, err
	}
	if post.OwnerID != editor {
		return Post{}, ErrNotPostOwner
	}
	if want != nil && !slices.Contains(want, post.Version) {
		return Post{}, ErrPostChanged
	}
	return post, nil
}
