package domain

import (
	"context"
	"time"
)

// Bounds of a post, in Unicode characters.
const (
	MaxTitle   = 300
	MaxContent = 100_000
)

// Bounds of a page of posts.
const (
	DefaultPageLimit = 20
	MaxPageLimit     = 100

	// MaxPageSize is how many octets of titles and contents a page has at most, unless it has one post only. A page that
	// would have more has fewer posts than were asked for.
	MaxPageSize = 1 << 20
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
}

// VisibleTo tells whether the viewer may know that the post exists.
func (p Post) VisibleTo(v Viewer) bool { return p.Published || p.OwnerID == v.UserID }

// PostInput is what an author says of a post.
type PostInput struct {
	Title     string // 1 to [MaxTitle] characters
	Content   string // 1 to [MaxContent] characters
	Published bool
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

// Viewer is who looks: a user, or, when UserID is 0, nobody in particular.
type Viewer struct{ UserID UserID }

// PostPosition is a place in the list of published posts, which is ordered by (PublishedAt, ID). It names no row: the
// place stays when the post that stood there goes.
type PostPosition struct {
	PublishedAt time.Time
	ID          PostID
}

// PostCursor says where a page begins: right behind From in the direction of reading, which is towards older posts, or,
// when Newer is true, towards newer ones.
type PostCursor struct {
	From  PostPosition
	Newer bool
}

// PostQuery asks for a page of published posts.
type PostQuery struct {
	Limit  int         // 1 to [MaxPageLimit]; 0 means [DefaultPageLimit]
	Cursor *PostCursor // nil means the newest posts
}

// PostPage is a page of published posts, newest first.
type PostPage struct {
	Posts []Post
	Older *PostCursor // where the next page begins; nil on the last one
	Newer *PostCursor // where the previous page begins; nil on the first one
}

// PostRepository keeps posts.
type PostRepository interface {
	// Insert adds a post and returns it with its new ID, or [ErrUserNotFound] if its owner is gone.
	Insert(ctx context.Context, p NewPost) (Post, error)

	// ByID returns a post, draft or not, or [ErrPostNotFound].
	ByID(ctx context.Context, id PostID) (Post, error)

	// PublishedBefore returns at most limit published posts that stand before the position, newest first. The cost does
	// not depend on where that is.
	PublishedBefore(ctx context.Context, before PostPosition, limit int) ([]Post, error)

	// PublishedAfter returns at most limit published posts that stand after the position, oldest first. The cost does not
	// depend on where that is.
	PublishedAfter(ctx context.Context, after PostPosition, limit int) ([]Post, error)

	// Update writes p's Title, Content, Published, UpdatedAt and PublishedAt and raises the version by one, if the post still
	// has p.Version and belongs to p.OwnerID, checked and written in one statement. It returns what is stored now, or
	// [ErrPostNotFound].
	Update(ctx context.Context, p Post) (Post, error)

	// Delete removes the post if it belongs to owner, checked and written in one statement, or returns [ErrPostNotFound].
	Delete(ctx context.Context, id PostID, owner UserID) error
}

// PostService writes and reads posts. A draft exists for its owner alone: to everyone else it is [ErrPostNotFound].
type PostService interface {
	// Create adds a post. It returns an error of kind [ErrInvalid], or [ErrBadToken] if the author's account is gone.
	Create(ctx context.Context, author UserID, in PostInput) (Post, error)

	// Get returns a post that the viewer may see, or [ErrPostNotFound].
	Get(ctx context.Context, viewer Viewer, id PostID) (Post, error)

	// List returns a page of published posts. A post that was published before the first page was asked for, and stays so,
	// is on exactly one of the pages that Older leads through, whoever writes meanwhile. It returns an error of kind
	// [ErrInvalid].
	List(ctx context.Context, q PostQuery) (PostPage, error)

	// Update replaces what the author said of a post; the last writer wins. It returns an error of kind [ErrInvalid],
	// [ErrPostNotFound] or [ErrNotPostOwner].
	Update(ctx context.Context, editor UserID, id PostID, in PostInput) (Post, error)

	// Delete removes a post, or returns [ErrPostNotFound] or [ErrNotPostOwner].
	Delete(ctx context.Context, editor UserID, id PostID) error
}
