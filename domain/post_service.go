package domain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.com/postern/domain/search"
	"example.com/postern/domain/throttle"
)

type postService struct {
	store    Store
	clock    Clock
	creating inFlight
	searches *search.Gate
	writes   *throttle.Limiter
}

// NewPostService returns a PostService on the store that runs at most so many searches at once; 0 means no bound. Writes may be nil.
func NewPostService(store Store, clock Clock, searches int, writes *throttle.Limiter) PostService {
	return &postService{store: store, clock: clock, searches: search.NewGate(searches, SearchWait), writes: writes}
}

func (s *postService) Create(ctx context.Context, author UserID, in PostInput, key *Idempotency) (CreatedPost, error) {
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

func (s *postService) insert(ctx context.Context, r Repositories, author UserID, in PostInput) (Post, error) {
	now := s.clock.Now()
	post, err := r.Posts().Insert(ctx, in.created(author, now))
	if errors.Is(err, ErrUserNotFound) {
		return Post{}, fmt.Errorf("%w: the author's account is gone", ErrBadToken)
	}
	return post, err
}

func (in PostInput) created(author UserID, at time.Time) NewPost {
	p := NewPost{OwnerID: author, Title: in.Title, Content: in.Content, Published: in.Published, CreatedAt: at}
	if in.Published {
		p.PublishedAt = &at
	}
	return p
}

func (s *postService) Get(ctx context.Context, viewer Viewer, id PostID) (Post, error) {
	return s.store.Posts().Visible(ctx, viewer, id)
}

func (s *postService) Update(ctx context.Context, editor UserID, id PostID, want []Version, edit func(*PostInput)) (Post, error) {
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

func (s *postService) Delete(ctx context.Context, editor UserID, id PostID, want []Version) error {
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

func (s *postService) Vote(ctx context.Context, voter UserID, id PostID, counts bool) error {
	if err := countWrite(s.writes, voter); err != nil {
		return err
	}
	if counts {
		return s.store.Votes().Add(ctx, id, voter)
	}
	return s.store.Votes().Remove(ctx, id, voter)
}

// owned returns the post if the editor may change it, and it has one of the versions that are wanted.
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

// revised returns the post as in says it, at now. The time of the first publication is set once.
func (p Post) revised(in PostInput, now time.Time) Post {
	p.Title, p.Content, p.Published, p.UpdatedAt = in.Title, in.Content, in.Published, now
	if in.Published && p.PublishedAt == nil {
		p.PublishedAt = &now
	}
	return p
}

func (in PostInput) check() error {
	return Invalid(slices.Concat(checkText("title", in.Title, MaxTitle), checkText("content", in.Content, MaxContent))...)
}
