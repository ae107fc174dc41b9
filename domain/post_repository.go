package domain

import (
	"context"
	"time"

	"example.com/postern/domain/search"
)

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

// PostRepository keeps posts, and what is searched of them (see [search.Text]).
type PostRepository interface {
	// Insert adds a post and returns it with its new ID, or [ErrUserNotFound] if its owner is gone.
	Insert(ctx context.Context, p NewPost) (Post, error)

	// ByID returns a post, draft or not, or [ErrPostNotFound].
	ByID(ctx context.Context, id PostID) (Post, error)

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

// VoteRepository counts votes. It stands beside the transactions of a store: a hot post would make them fail. The votes of
// a deleted account count until they are purged (see [UserRepository.Purge]).
type VoteRepository interface {
	// Add makes the voter's vote count, once, or returns [ErrPostNotFound] for a post that is gone, or is a draft of another.
	Add(ctx context.Context, id PostID, voter UserID) error

	// Remove makes the voter's vote count no more. It returns what Add does.
	Remove(ctx context.Context, id PostID, voter UserID) error
}

// IdempotencyRecord says that a post was created by a request with a key. What else the answer held is in the request itself.
// Times are the store's (see [Store.Now]).
type IdempotencyRecord struct {
	UserID      UserID
	Key         string
	Fingerprint string
	PostID      PostID
	CreatedAt   time.Time // of the post
	OwnerName   *string   // when it was created
	ExpiresAt   time.Time
}

// IdempotencyRepository keeps idempotency records.
type IdempotencyRepository interface {
	// Insert adds a record, in the place of one that expired at or before now. It returns [ErrIdempotencyKeyTaken] if there is
	// one that has not, and [ErrIdempotencyInProgress] if one is being added that takes longer than wait, which may be over
	// (0 or less), or than the store waits for anything. Without another's record wait does not matter.
	Insert(ctx context.Context, r IdempotencyRecord, now time.Time, wait time.Duration) error

	// Replay returns a record that expires after now, or [ErrNoIdempotencyRecord]. It is a durable write, so that what is
	// answered again is not lost when the first answer's write is.
	Replay(ctx context.Context, user UserID, key string, now time.Time) (IdempotencyRecord, error)

	// DeleteExpired removes at most limit records that expired at or before now, and returns how many.
	DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error)
}
