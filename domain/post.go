package domain

import (
	"context"
	"time"

	"example.com/postern/domain/search"
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
	Votes       int64      // how many users vote for it
}

// VisibleTo reports whether the viewer may know that the post exists.
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

// PostPosition is a place in a list of posts, which is ordered by (PublishedAt, ID), or, if they are one user's own, by ID
// alone. It names no row: the place stays when the post that stood there goes.
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
	Cursor *PostCursor // nil means the first page
	Oldest bool        // the oldest posts come first, not the newest

	Author          UserID       // 0 means any author
	Search          search.Query // what [ParseSearch] returned; nil means no search
	Client          Client       // the client that searches; those of one [Network] wait in one queue
	PublishedAfter  *time.Time   // included; nil means no bound
	PublishedBefore *time.Time   // excluded; nil means no bound
}

// OwnPostQuery asks for a page of one's own posts, newest first.
type OwnPostQuery struct {
	Limit     int         // 1 to [MaxPageLimit]; 0 means [DefaultPageLimit]
	Cursor    *PostCursor // nil means the first page
	Published *bool       // nil means drafts, too
}

// PostPage is a page of posts.
type PostPage struct {
	Posts    []Post
	Next     *PostCursor // where the next page begins; nil on the last one
	Previous *PostCursor // where the previous page begins; nil on the first one
}

// MaxIdempotencyKey is how many characters an idempotency key has at most.
const MaxIdempotencyKey = 255

// Idempotency makes a request that can be sent again (draft-ietf-httpapi-idempotency-key-header).
type Idempotency struct {
	Key         string // 1 to MaxIdempotencyKey visible ASCII characters, chosen by the client; it belongs to one user
	Fingerprint string // what else the requests must have in common, at most 64 ASCII characters
}

// CreatedPost is a post as it was created.
type CreatedPost struct {
	Post
	Replayed bool // it was created by an earlier request with the same key
}

// PostService writes and reads posts. A draft exists for its owner alone: to everyone else it is [ErrPostNotFound].
type PostService interface {
	// Create adds a post. With a key, which may be nil, it does so once: for [IdempotencyLife] it returns the same again, also
	// when the post was changed or deleted since. It returns an error of kind [ErrInvalid], [ErrIdempotencyKeyReused] for a
	// key that came with another fingerprint, [ErrIdempotencyInProgress] if the first request with that key takes longer than
	// [IdempotencyWait], or [ErrBadToken] if the author's account is gone.
	Create(ctx context.Context, author UserID, in PostInput, key *Idempotency) (CreatedPost, error)

	// Get returns a post that the viewer may see, or [ErrPostNotFound].
	Get(ctx context.Context, viewer Viewer, id PostID) (Post, error)

	// List returns a page of published posts. A post that was published before the first page was asked for, and stays so,
	// is on exactly one of the pages that Next leads through, whoever writes meanwhile. It returns an error of kind
	// [ErrInvalid], or [ErrSearchTooSlow] after [SearchTimeout], or [ErrSearchBusy] if its turn does not come within [SearchWait].
	List(ctx context.Context, q PostQuery) (PostPage, error)

	// ListOwn returns a page of the owner's posts, by ID. It returns an error of kind [ErrInvalid].
	ListOwn(ctx context.Context, owner UserID, q OwnPostQuery) (PostPage, error)

	// Update applies edit to the author's part of a post and makes that the next version. If edit is nil, it changes nothing
	// and returns the post as it is. The edit may run more than once. Unless want is nil, the post must have one of these
	// versions, checked and written as one; otherwise the last writer wins. It returns an error of kind [ErrInvalid],
	// [ErrPostNotFound], [ErrNotPostOwner] or [ErrPostChanged].
	Update(ctx context.Context, editor UserID, id PostID, want []Version, edit func(*PostInput)) (Post, error)

	// Delete removes a post, or returns [ErrPostNotFound], [ErrNotPostOwner] or, as Update does, [ErrPostChanged].
	Delete(ctx context.Context, editor UserID, id PostID, want []Version) error

	// Vote makes the voter's vote for a post count, once, or not, and returns nil if it was so before. It returns
	// [ErrPostNotFound] for a post that the voter may not see.
	Vote(ctx context.Context, voter UserID, id PostID, counts bool) error
}
