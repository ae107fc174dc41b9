package domain

import (
	"context"
	"fmt"
	"sync"
	"time"

	"example.com/postern/domain/revocation"
	"example.com/postern/domain/throttle"
)

// MaxExportBatch is the maximum size of the titles and contents that an export holds in memory at once, in bytes.
const MaxExportBatch = exportedPosts * (MaxTitle + MaxContent) * 4

// How many rows an export reads at once.
const (
	exportedPosts = 4
	exportedVotes = 500
)

// exportRetryAfter is when a refused export may be tried again.
const exportRetryAfter = 5 * time.Second

// errExportTimeout is returned by an export that took too long, usually because its reader is slow.
var errExportTimeout = &Error{Kind: ErrBusy, Code: "busy", Message: "The export took too long.", RetryAfter: exportRetryAfter}

// ExportWriter receives the data of an account. Its context ends when the export has used its time. A method that still
// waits for the reader then returns. The export stops at the first error.
type ExportWriter interface {
	WriteAccount(ctx context.Context, u User) error
	WritePost(ctx context.Context, p Post) error
	WriteVote(ctx context.Context, id PostID) error
	WriteSession(ctx context.Context, s Session) error
}

// ExportService gives users all their data.
type ExportService interface {
	// Export writes the caller's account, posts (drafts and hidden ones too, by ID), votes (by post) and live sessions (newest
	// first), as they were at one moment. It returns [ErrBadToken], wrapped, if the account is gone or the session has ended
	// or ends meanwhile; [ErrExportRunning] if the caller has an export running on this instance; [ErrExportBusy] if there
	// are too many others; an error of kind [ErrBusy] if it takes too long; and otherwise the writer's error.
	Export(ctx context.Context, caller Caller, client Client, to ExportWriter) error
}

// Exports implements [ExportService] on a [Store].
type Exports struct {
	store       Store
	revocations *revocation.List
	slots       *throttle.Slots
	timeout     time.Duration
	running     sync.Map // its keys are the UserIDs that have an export running
}

// NewExports returns a service on the store. At most atOnce exports run at the same time, about half of them for one
// [Network], and each takes at most timeout.
func NewExports(store Store, list *revocation.List, atOnce int, timeout time.Duration) *Exports {
	return &Exports{store: store, revocations: list, slots: throttle.NewSlots(atOnce), timeout: timeout}
}

// Export implements [ExportService].
func (s *Exports) Export(ctx context.Context, caller Caller, client Client, to ExportWriter) error {
	if _, running := s.running.LoadOrStore(caller.UserID, nil); running {
		return ErrExportRunning
	}
	defer s.running.Delete(caller.UserID)
	if !s.slots.Acquire(string(client.Network())) {
		return ErrExportBusy
	}
	defer s.slots.Release(string(client.Network()))
	now, err := s.store.Now(ctx)
	if err != nil {
		return fmt.Errorf("export an account: %w", err)
	}
	bounded, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	err = s.store.ReadTx(bounded, func(tx Repositories) error {
		return export{tx, caller, now, to, s.revocations}.run(bounded)
	})
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %v", errExportTimeout, err)
	}
	return badCaller(err)
}

// export is one running export.
type export struct {
	tx          Repositories
	caller      Caller
	now         time.Time
	to          ExportWriter
	revocations *revocation.List
}

func (e export) run(ctx context.Context) error {
	if _, err := ownSession(ctx, e.tx, e.caller, e.now); err != nil {
		return err
	}
	user, err := e.tx.Users().ByID(ctx, e.caller.UserID)
	if err != nil {
		return err
	}
	if err := e.to.WriteAccount(ctx, user); err != nil {
		return err
	}
	err = writePages(ctx, e, exportedPosts, e.tx.Posts().AllOf, func(p Post) PostID { return p.ID }, e.to.WritePost)
	if err != nil {
		return err
	}
	err = writePages(ctx, e, exportedVotes, e.tx.Posts().VotedBy, func(id PostID) PostID { return id }, e.to.WriteVote)
	if err != nil {
		return err
	}
	sessions, err := e.tx.Sessions().Live(ctx, e.caller.UserID, e.now, MaxSessions)
	return writeAll(ctx, sessions, err, e.to.WriteSession)
}

// writePages reads items of the user, size at a time, in the order of the ids of their posts, and writes them.
func writePages[T any](
	ctx context.Context, e export, size int, read func(ctx context.Context, of UserID, after PostID, limit int) ([]T, error),
	idOf func(T) PostID, write func(context.Context, T) error,
) error {
	for after := PostID(0); ; {
		items, err := read(ctx, e.caller.UserID, after, size)
		if err := writeAll(ctx, items, err, write); err != nil {
			return err
		}
		if len(items) < size {
			return nil
		}
		after = idOf(items[len(items)-1])
		if e.revocations.Ended(string(e.caller.SessionID)) { // its user may have noticed that the token was stolen
			return ErrSessionNotFound
		}
	}
}

// writeAll writes the items, unless reading them has failed with err.
func writeAll[T any](ctx context.Context, items []T, err error, write func(context.Context, T) error) error {
	for _, item := range items {
		if err != nil {
			return err
		}
		err = write(ctx, item)
	}
	return err
}
