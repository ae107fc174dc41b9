package domaintest

import (
	"context"
	"slices"
	"sync"

	"example.com/postern/domain"
	"example.com/postern/domain/search"
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
		post, err = t.post(t.lastPost, p.OwnerID)
		return err
	})
	return post, err
}

func (r posts) Visible(ctx context.Context, viewer domain.Viewer, id domain.PostID) (post domain.Post, err error) {
	err = r.read(ctx, func(t *tables) error {
		post, err = t.post(id, viewer.UserID)
		if err == nil && !visible(post, viewer.UserID) {
			post, err = domain.Post{}, domain.ErrPostNotFound
		}
		return err
	})
	return post, err
}

// visible reports whether the user may see the post. Only its owner may see a draft or a hidden post.
func visible(p domain.Post, user domain.UserID) bool {
	return p.Published && !p.Hidden || p.OwnerID == user
}

// post returns a post with its votes and its owner's name, as the viewer sees it. It shares no memory with the tables.
func (t *tables) post(id domain.PostID, viewer domain.UserID) (domain.Post, error) {
	post, found := t.posts[id]
	if !found {
		return domain.Post{}, domain.ErrPostNotFound
	}
	post.PublishedAt, post.OwnerName = clone(post.PublishedAt), clone(t.users[post.OwnerID].Name)
	for vote := range t.votes {
		if vote.post == id {
			post.Votes++
		}
	}
	_, post.Voted = t.votes[vote{id, viewer}]
	return post, nil
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	copied := *p
	return &copied
}

func (r posts) Published(ctx context.Context, within domain.PostRange) ([]domain.Post, error) {
	return r.list(ctx, within.Viewer.UserID, within.Limit, within.Newer, position, func(p domain.Post) bool {
		return p.Published && !p.Hidden && position(p).Compare(within.After) > 0 && position(p).Compare(within.Before) < 0 &&
			(within.Author == 0 || p.OwnerID == within.Author) && matches(p, within.Search)
	})
}

func (r posts) OwnedBy(ctx context.Context, within domain.OwnPostRange) ([]domain.Post, error) {
	byID := func(p domain.Post) domain.PostPosition { return domain.PostPosition{ID: p.ID} }
	return r.list(ctx, within.Owner, within.Limit, within.Newer, byID, func(p domain.Post) bool {
		behind := p.ID < within.From
		if within.Newer {
			behind = p.ID > within.From
		}
		return behind && !p.Hidden && p.OwnerID == within.Owner && (within.Published == nil || p.Published == *within.Published)
	})
}

func (r posts) AllOf(ctx context.Context, owner domain.UserID, after domain.PostID, limit int) ([]domain.Post, error) {
	byID := func(p domain.Post) domain.PostPosition { return domain.PostPosition{ID: p.ID} }
	return r.list(ctx, owner, limit, true, byID, func(p domain.Post) bool { return p.OwnerID == owner && p.ID > after })
}

// list returns the first posts that match, as the viewer sees them, in the direction of reading.
func (r posts) list(
	ctx context.Context, viewer domain.UserID, limit int, newer bool, at func(domain.Post) domain.PostPosition, wanted func(domain.Post) bool,
) (page []domain.Post, err error) {
	err = r.read(ctx, func(t *tables) error {
		for id, kept := range t.posts {
			if !wanted(kept) {
				continue
			}
			post, err := t.post(id, viewer)
			if err != nil {
				return err
			}
			page = append(page, post)
		}
		slices.SortFunc(page, func(a, b domain.Post) int {
			if newer {
				return at(a).Compare(at(b))
			}
			return at(b).Compare(at(a))
		})
		page = page[:min(len(page), max(limit, 0))]
		return nil
	})
	return page, err
}

// searchTexts caches searchable texts, because some tests search long texts many times.
var searchTexts sync.Map

func wordsOf(p domain.Post) string {
	key := [2]string{p.Title, p.Content}
	if kept, ok := searchTexts.Load(key); ok {
		return kept.(string)
	}
	text := search.Text(p.Title, p.Content)
	searchTexts.Store(key, text)
	return text
}

// matches reports whether all terms of a query occur in a post.
func matches(p domain.Post, s search.Query) bool {
	return s == nil || s.Matches(wordsOf(p))
}

func position(p domain.Post) domain.PostPosition {
	return domain.PostPosition{PublishedAt: *p.PublishedAt, ID: p.ID}
}

func (r posts) VotedBy(
	ctx context.Context, voter domain.UserID, after domain.PostID, limit int,
) (ids []domain.PostID, err error) {
	err = r.read(ctx, func(t *tables) error {
		for v := range t.votes {
			post, found := t.posts[v.post]
			if found && v.voter == voter && v.post > after && visible(post, voter) {
				ids = append(ids, v.post)
			}
		}
		slices.Sort(ids)
		ids = ids[:min(len(ids), max(limit, 0))]
		return nil
	})
	return ids, err
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
		post, err = t.post(p.ID, p.OwnerID)
		return err
	})
	return post, err
}

func (r posts) SetHidden(ctx context.Context, id domain.PostID, hidden bool) error {
	return r.write(ctx, func(t *tables) error {
		kept, found := t.posts[id]
		if !found {
			return domain.ErrPostNotFound
		}
		kept.Hidden = hidden
		t.posts[id] = kept
		return nil
	})
}

func (r posts) Delete(ctx context.Context, id domain.PostID, owner domain.UserID, version domain.Version) error {
	return r.write(ctx, func(t *tables) error {
		if kept, found := t.posts[id]; !found || kept.OwnerID != owner || kept.Version != version {
			return domain.ErrPostNotFound
		}
		delete(t.posts, id)
		t.deletedPosts[id] = struct{}{}
		return nil
	})
}

// Index does nothing, because a search reads the posts themselves.
func (r posts) Index(ctx context.Context, _ int) (int, error) {
	return 0, r.read(ctx, func(*tables) error { return nil })
}
