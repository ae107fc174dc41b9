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

// PostID identifies a post. The store assigns it, from 1 to [MaxID], and never reuses it.
type PostID int64

// Version counts the states of a post, from 1 when it is created. Every update adds 1.
type Version int64

// Post is a post as readers see it.
type Post struct {
	ID          PostID
	OwnerID     UserID
	Title       string
	Content     string
	Published   bool // false for a draft, which only its owner can see; the author decides, also while the post is hidden
	Version     Version
	CreatedAt   time.Time
	UpdatedAt   time.Time
	PublishedAt *time.Time // when it was first published; meaningless while Published is false
	OwnerName   *string    // the owner's [User.Name]
	Votes       int64      // the number of users who vote for it
	Hidden      bool       // an operator has hidden it: only its owner can see it, and no list has it
	Voted       bool       // whether the viewer votes for it; false for an anonymous viewer
}

// Inserted returns the stored form of p: version 1, with the identifier and the owner's name that the store returned.
func (p NewPost) Inserted(id PostID, ownerName *string) Post {
	return Post{
		ID: id, OwnerID: p.OwnerID, Title: p.Title, Content: p.Content, Published: p.Published, Version: 1,
		CreatedAt: p.CreatedAt, UpdatedAt: p.CreatedAt, PublishedAt: p.PublishedAt, OwnerName: ownerName,
	}
}

// Viewer is the user who reads posts, or an anonymous reader if UserID is 0.
type Viewer struct{ UserID UserID }

// PostInput is the part of a post that its author writes.
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

// revised returns the post with a new input. PublishedAt is set only once.
func (p Post) revised(in PostInput, now time.Time) Post {
	p.Title, p.Content, p.Published, p.UpdatedAt = in.Title, in.Content, in.Published, now
	if in.Published && p.PublishedAt == nil {
		p.PublishedAt = &now
	}
	return p
}

// NewPost is the input of [PostRepository.Insert].
type NewPost struct {
	OwnerID     UserID
	Title       string
	Content     string
	Published   bool
	CreatedAt   time.Time // also its first UpdatedAt
	PublishedAt *time.Time
}

// PostRepository stores posts and their searchable texts (see [search.Text]).
type PostRepository interface {
	// Insert adds a post as version 1 and returns it with its ID, or [ErrUserNotFound] if its owner is gone.
	Insert(ctx context.Context, p NewPost) (Post, error)

	// Visible returns a post that the viewer may see, or [ErrPostNotFound]. Another user's draft or hidden post takes the same
	// steps as a missing post, so that timing does not reveal it.
	Visible(ctx context.Context, viewer Viewer, id PostID) (Post, error)

	// Published returns the posts of a range as its viewer sees them, in the direction of reading, without hidden ones. Without a
	// search, the cost does not depend on the position of the range. All stores find the same posts.
	Published(ctx context.Context, r PostRange) ([]Post, error)

	// OwnedBy returns the posts of a range as their owner sees them, with drafts and without hidden posts, in the direction of
	// reading. The cost does not depend on the position of the range.
	OwnedBy(ctx context.Context, r OwnPostRange) ([]Post, error)

	// AllOf returns at most limit of the owner's posts as the owner sees them, with drafts and hidden posts, in the order of
	// their ids, from the first one that is larger than after.
	AllOf(ctx context.Context, owner UserID, after PostID, limit int) ([]Post, error)

	// VotedBy returns at most limit ids of posts that the voter votes for and may see, in the order of their ids, from the first
	// one that is larger than after.
	VotedBy(ctx context.Context, voter UserID, after PostID, limit int) ([]PostID, error)

	// Update writes p's Title, Content, Published, UpdatedAt and PublishedAt and increases the version, if the post still
	// has p.Version and belongs to p.OwnerID. It checks and writes in one statement. A hidden post stays hidden. It returns
	// the stored post as its owner sees it, or [ErrPostNotFound].
	Update(ctx context.Context, p Post) (Post, error)

	// SetHidden hides a post, or shows it again. It changes neither Published nor the version, and is idempotent. It returns
	// [ErrPostNotFound] if there is no such post.
	SetHidden(ctx context.Context, id PostID, hidden bool) error

	// Delete deletes the post if it still has the version and belongs to owner, or returns [ErrPostNotFound]. It checks and
	// writes in one statement. The post is then gone for every method; [UserRepository.Purge] deletes its rows later.
	Delete(ctx context.Context, id PostID, owner UserID, version Version) error

	// Index adds at most limit missing posts to the search index and returns how many; 0 means that none is missing. A post
	// is missing if an older version of the program wrote it, or if it was too long to be indexed while its author waited.
	// Published posts come first, and posts that were never published last. Index skips a post that fails, and returns its
	// error at the end.
	Index(ctx context.Context, limit int) (int, error)
}

// PostRange is a range of the published posts, which are ordered by (PublishedAt, ID).
type PostRange struct {
	After, Before PostPosition // the bounds, both exclusive
	Newer         bool         // read from After towards newer posts, not from Before towards older ones
	Author        UserID       // 0 means any author
	Search        search.Query // nil means no search
	Viewer        Viewer
	Limit         int
}

// OwnPostRange is a range of a user's posts, which are ordered by ID.
type OwnPostRange struct {
	Owner     UserID
	From      PostID // exclusive
	Newer     bool   // read towards newer posts
	Published *bool  // nil means published posts and drafts
	Limit     int
}

// VoteRepository stores votes. It does not take part in transactions, because votes on a popular post would make them fail. The
// votes of a deleted account count until they are purged (see [UserRepository.Purge]).
type VoteRepository interface {
	// Add adds the voter's vote. It is idempotent. It returns [ErrPostNotFound] for a post that the voter may not see, and for a
	// hidden one.
	Add(ctx context.Context, id PostID, voter UserID) error

	// Remove removes the voter's vote. It is idempotent. It returns the same error as Add.
	Remove(ctx context.Context, id PostID, voter UserID) error
}
