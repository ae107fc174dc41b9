package domain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

type postService struct {
	store Store
	now   Clock
}

// NewPostService returns a PostService on the store.
func NewPostService(store Store, now Clock) PostService { return postService{store, now} }

func (s postService) Create(ctx context.Context, author UserID, in PostInput) (Post, error) {
	if err := in.check(); err != nil {
		return Post{}, err
	}
	now := s.now()
	created := NewPost{OwnerID: author, Title: in.Title, Content: in.Content, Published: in.Published, CreatedAt: now}
	if in.Published {
		created.PublishedAt = &now
	}
	post, err := s.store.Posts().Insert(ctx, created)
	if errors.Is(err, ErrUserNotFound) {
		return Post{}, fmt.Errorf("%w: the author's account is gone", ErrBadToken)
	}
	return post, err
}

func (s postService) Get(ctx context.Context, viewer Viewer, id PostID) (Post, error) {
	return visible(ctx, s.store, viewer, id)
}

func (s postService) Update(ctx context.Context, editor UserID, id PostID, in PostInput) (Post, error) {
	if err := in.check(); err != nil {
		return Post{}, err
	}
	var updated Post
	err := s.store.InTx(ctx, func(tx Repositories) error {
		post, err := owned(ctx, tx, editor, id)
		if err != nil {
			return err
		}
		updated, err = tx.Posts().Update(ctx, post.revised(in, s.now()))
		return err
	})
	return updated, err
}

func (s postService) Delete(ctx context.Context, editor UserID, id PostID) error {
	return s.store.InTx(ctx, func(tx Repositories) error {
		if _, err := owned(ctx, tx, editor, id); err != nil {
			return err
		}
		return tx.Posts().Delete(ctx, id, editor)
	})
}

// visible returns the post if the viewer may know of it.
func visible(ctx context.Context, r Repositories, viewer Viewer, id PostID) (Post, error) {
	post, err := r.Posts().ByID(ctx, id)
	if err != nil {
		return Post{}, err
	}
	if !post.VisibleTo(viewer) {
		return Post{}, ErrPostNotFound
	}
	return post, nil
}

// owned returns the post if the editor may change it.
func owned(ctx context.Context, r Repositories, editor UserID, id PostID) (Post, error) {
	post, err := visible(ctx, r, Viewer{editor}, id)
	if err != nil {
		return Post{}, err
	}
	if post.OwnerID != editor {
		return Post{}, ErrNotPostOwner
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
