package domaintest

import (
	"cmp"
	"context"
	"slices"

	"example.com/postern/domain"
)

type posts struct{ access }

func (r posts) Insert(ctx context.Context, p domain.NewPost) (post domain.Post, err error) {
	err = r.write(ctx, func(t *tables) error {
		if _, found := t.users[p.OwnerID]; !found {
			return domain.ErrUserNotFound
		}
		t.lastPost++
		t.posts[t.lastPost] = domain.Post{
			ID: t.lastPost, OwnerID: p.OwnerID, Title: p.Title, Content: p.Content, Published: p.Published, Version: 1,
			CreatedAt: p.CreatedAt, UpdatedAt: p.CreatedAt, PublishedAt: clone(p.PublishedAt),
		}
		post, err = t.post(t.lastPost)
		return err
	})
	return post, err
}

func (r posts) ByID(ctx context.Context, id domain.PostID) (post domain.Post, err error) {
	err = r.read(ctx, func(t *tables) error {
		post, err = t.post(id)
		return err
	})
	return post, err
}

// post returns a post as its readers see it, sharing no memory with what is kept.
func (t *tables) post(id domain.PostID) (domain.Post, error) {
	post, found := t.posts[id]
	if !found {
		return domain.Post{}, domain.ErrPostNotFound
	}
	post.PublishedAt, post.OwnerName = clone(post.PublishedAt), clone(t.users[post.OwnerID].Name)
	return post, nil
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	copied := *p
	return &copied
}

func (r posts) PublishedBefore(ctx context.Context, before domain.PostPosition, limit int) ([]domain.Post, error) {
	return r.published(ctx, limit, func(a, b domain.PostPosition) int { return compare(b, a) }, before)
}

func (r posts) PublishedAfter(ctx context.Context, after domain.PostPosition, limit int) ([]domain.Post, error) {
	return r.published(ctx, limit, compare, after)
}

// published returns the first published posts that come behind from in the given order.
func (r posts) published(
	ctx context.Context, limit int, order func(a, b domain.PostPosition) int, from domain.PostPosition,
) (page []domain.Post, err error) {
	err = r.read(ctx, func(t *tables) error {
		for id, kept := range t.posts {
			if !kept.Published || order(position(kept), from) <= 0 {
				continue
			}
			post, err := t.post(id)
			if err != nil {
				return err
			}
			page = append(page, post)
		}
		slices.SortFunc(page, func(a, b domain.Post) int { return order(position(a), position(b)) })
		page = page[:min(len(page), max(limit, 0))]
		return nil
	})
	return page, err
}

func position(p domain.Post) domain.PostPosition {
	return domain.PostPosition{PublishedAt: *p.PublishedAt, ID: p.ID}
}

func compare(a, b domain.PostPosition) int {
	return cmp.Or(a.PublishedAt.Compare(b.PublishedAt), cmp.Compare(a.ID, b.ID))
}

func (r posts) Update(ctx context.Context, p domain.Post) (post domain.Post, err error) {
	err = r.write(ctx, func(t *tables) error {
		kept, found := t.posts[p.ID]
		if !found || kept.OwnerID != p.OwnerID || kept.Version != p.Version {
			return domain.ErrPostNotFound
		}
		kept.Title, kept.Content, kept.Published, kept.Version = p.Title, p.Content, p.Published, kept.Version+1
		kept.UpdatedAt, kept.PublishedAt = p.UpdatedAt, clone(p.PublishedAt)
		t.posts[p.ID] = kept
		post, err = t.post(p.ID)
		return err
	})
	return post, err
}

func (r posts) Delete(ctx context.Context, id domain.PostID, owner domain.UserID) error {
	return r.write(ctx, func(t *tables) error {
		if kept, found := t.posts[id]; !found || kept.OwnerID != owner {
			return domain.ErrPostNotFound
		}
		delete(t.posts, id)
		return nil
	})
}
