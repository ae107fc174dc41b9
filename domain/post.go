package domain

import (
	"context"
	"slices"
	"time"

	"example.com/postern/domain/search"
)

// Bounds of a post, in Unicode characters.
const (
	MaxTitle   = 300
	MaxContent = 100_000
)

// PostID identifies a post. It is made by the store, from 1 to [MaxID], and never used again, not even after its post is
// deleted.
type PostID int64

// Version counts the states of a post: 1 when it is created, one more with every update.
type Version int64

// Post is a post as its readers see it.
type Post struct {
	ID          PostID
	OwnerID     UserID
	Title       string
	Content     string
	Published   bool // false: a draft, which exists for its owner alone
	Version     Version
	CreatedAt   time.Time
	UpdatedAt   time.Time
	PublishedAt *time.Time // when it was first published; kept, but of no meaning, while Published is false
	OwnerName   *string    // the owner's [User.Name]
	Votes       int64      // how many users vote for it
}

// Viewer is who looks: a user, or, when UserID is 0, nobody in particular.
type Viewer struct{ UserID UserID }

// PostInput is what an author says of a post.
type PostInput struct {
	Title     string // 1 to [MaxTitle] characters
	Content   string // 1 to [MaxContent] characters
	Published bool
}

func (in PostInput) check() error {
	return Invalid(slices.Concat(checkText("title", in.Title, MaxTitle), checkText("content", in.Content, MaxContent))...)
}

func (in PostInput) created(author UserID, at time.Time) NewPost {
	p := NewPost{OwnerID: author, Title: in.Title, Content: in.Content, Published: in.Published, CreatedAt: at}
	if in.Published {
		p.PublishedAt = &at
	}
	return p
}

// revised returns the post as in says it, at now. The time of the first publication is set once.
func (p Post) revised(in PostInput, now time.Time) Post {
	p.Title, p.Content, p.Published, p.UpdatedAt = in.Title, in.Content, in.Published, now
	if in.Published && p.PublishedAt == nil {
		p.PublishedAt = &now
	}
	return p
}

// NewPost is a post about to be inserted, as version 1.
type NewPost struct {
	OwnerID     UserID
	Title       string
	Content     string
	Published   bool
	CreatedAt   time.Time // its first UpdatedAt too
	PublishedAt *time.Time
}

// PostRepository keeps posts, and what is searched of them (see [search.Text]).
type PostRepository interface {
	// Insert adds a post and returns it with its new ID, or [ErrUserNotFound] if its owner is gone.
	Insert(ctx context.Context, p NewPost) (Post, error)

	// Visible returns a post that the viewer may know of, or [ErrPostNotFound]. A draft of another takes the same steps as a post
	// that is not there, so that the time it takes says nothing.
	Visible(ctx context.Context, viewer Viewer, id PostID) (Post, error)

	// Published returns the posts of a range, in the direction of reading. Unless something is searched for, the cost does not
	// depend on where it lies. Every store finds the same.
	Published(ctx context.Context, r PostRange) ([]Post, error)

	// OwnedBy returns the posts of a range, drafts too, in the direction of reading. The cost does not depend on where it lies.
	OwnedBy(ctx context.Context, r OwnPostRange) ([]Post, error)

	// Update writes p's Title, Content, Published, UpdatedAt and PublishedAt and raises the version by one, if the post still
	// has p.Version and belongs to p.OwnerID, checked and written in one statement. It returns what is stored now, or
	// [ErrPostNotFound].
	Update(ctx context.Context, p Post) (Post, error)

	// Delete deletes the post if it still has this version and belongs to owner, checked and written in one statement, or returns
	// [ErrPostNotFound]. From then on no method knows of it. Its rows go by and by (see [UserRepository.Purge]).
	Delete(ctx context.Context, id PostID, owner UserID, version Version) error

	// Index makes at most limit posts searchable that are not, and returns how many; 0 when all are. Those are what an older
	// program has written, and whatever else the store takes too long to index while its author waits: long texts. Those that a
	// list shows first come first, because a search of the beginning of a word reads them first, and those that were never published
	// come last. A post that cannot be indexed is passed over, and its error returned in the end.
	Index(ctx context.Context, limit int) (int, error)
}

// PostRange is a stretch of the list of published posts, which is ordered by (PublishedAt, ID).
type PostRange struct {
	After, Before PostPosition // where it lies; both excluded
	Newer         bool         // it is read from After towards newer posts, not from Before towards older ones
	Author        UserID       // 0 means anyone's
	Search        search.Query // nil means no search
	Hits          *SearchHits  // nil, or what a store remembers from one read of a page to the next
	Limit         int
}

// SearchHits is how many posts a search finds, as far as a store had to count them.
type SearchHits struct {
	Counted bool
	Number  int64
}

// Count calls count once.
func (h *SearchHits) Count(count func() (int64, error)) (n int64, err error) {
	if h == nil {
		return count()
	}
	if !h.Counted {
		h.Number, err = count()
		h.Counted = err == nil
	}
	return h.Number, err
}

// OwnPostRange is a stretch of the list of a user's posts, which is ordered by ID.
type OwnPostRange struct {
	Owner     UserID
	From      PostID // excluded
	Newer     bool   // it is read towards newer posts
	Published *bool  // nil means drafts, too
	Limit     int
}

// VoteRepository counts votes. It stands beside the transactions of a store: a hot post would make them fail. The votes of
// a deleted account count until they are purged (see [UserRepository.Purge]).
type VoteRepository interface {
	// Add makes the voter's vote count, once, or returns [ErrPostNotFound] for a post that is gone, or is a draft of another.
	Add(ctx context.Context, id PostID, voter UserID) error

	// Remove makes the voter's vote count no more. It returns what Add does.
	Remove(ctx context.Context, id PostID, voter UserID) error
}
