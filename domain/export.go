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

// ExportWriter receives the data of an account. A method that waits for its reader returns when ctx ends, which is when the
// export has used its time. The export stops at the first error.
type ExportWriter interface {
	WriteAccount(ctx context.Context, u User) error
	WritePost(ctx context.Context, p Post) error
	WriteVote(ctx context.Context, id PostID) error
	WriteSession(ctx context.Context, s Session) error
}

// ExportService gives users all their data.
type ExportService interface {
	// Export writes the caller's account, posts (drafts and hidden ones too, by ID), votes (by post) and live sessions (newest
	// first), as they were at one moment. It returns [ErrBadToken], wrapped, if the account is gone or the session has ended,
	// also in the meantime; [ErrExportRunning] if the caller has an export running on this instance; [ErrExportBusy] if there
	// are too many others; an error of kind [ErrBusy] if it takes too long; and otherwise the writer's error.
	Export(ctx context.Context, caller Caller, client Client, to ExportWriter) error
}

// Exports implements [ExportService] on a [Store].
type Exports struct {
	store       Store
	revocations *revocation.List
	slots       *throttle.Slots
	timeout     time.Duration

	mu      sync.Mutex
	running map[UserID]struct{}
}

// NewExports returns a service on the store. At most atOnce exports run at the same time, about half of them for one
// [Network], and each takes at most timeout.
func NewExports(store Store, list *revocation.List, atOnce int, timeout time.Duration) *Exports {
	return &Exports{
		store: store, revocations: list, slots: throttle.NewSlots(atOnce), timeout: timeout, running: map[UserID]struct{}{},
	}
}

// Export implements [ExportService].
func (s *Exports) Export(ctx context.Context, caller Caller, client Client, to ExportWriter) error {
	if !s.start(caller.UserID) {
		return ErrExportRunning
	}
	defer s.finish(caller.UserID)
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
		e := export{tx: tx, caller: caller, now: now, to: to, revocations: s.revocations}
		return e.run(bounded)
	})
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %v", errExportTimeout, err)
	}
	return badCaller(err)
}

// start reports whether the user has no export running, and notes that one is.
func (s *Exports) start(user UserID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, running := s.running[user]; running {
		return false
	}
	s.running[user] = struct{}{}
	return true
}

func (s *Exports) finish(user UserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, user)
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
	if err := e.posts(ctx); err != nil {
		return err
	}
	if err := e.votes(ctx); err != nil {
		return err
	}
	sessions, err := e.tx.Sessions().Live(ctx, e.caller.UserID, e.now, MaxSessions)
	return writeAll(ctx, sessions, err, e.to.WriteSession)
}

func (e export) posts(ctx context.Context) error {
	for after := PostID(0); ; {
		posts, err := e.tx.Posts().AllOf(ctx, e.caller.UserID, after, exportedPosts)
		if err := writeAll(ctx, posts, err, e.to.WritePost); err != nil {
			return err
		}
		if len(posts) < exportedPosts {
			return nil
		}
		after = posts[len(posts)-1].ID
		if err := e.checkSession(); err != nil {
			return err
		}
	}
}

func (e export) votes(ctx context.Context) error {
	for after := PostID(0); ; {
		ids, err := e.tx.Posts().VotedBy(ctx, e.caller.UserID, after, exportedVotes)
		if err := writeAll(ctx, ids, err, e.to.WriteVote); err != nil {
			return err
		}
		if len(ids) < exportedVotes {
			return nil
		}
		after = ids[len(ids)-1]
		if err := e.checkSession(); err != nil {
			return err
		}
	}
}

// checkSession returns [ErrSessionNotFound] if the session has ended since the transaction began: the user may have noticed that
// the token was stolen.
func (e export) checkSession() error {
	if e.revocations.Ended(string(e.caller.SessionID)) {
		return ErrSessionNotFound
	}
	return nil
}

func writeAll[T any](ctx context.Context, items []T, err error, write func(context.Context, T) error) error {
	for _, item := range items {
		if err != nil {
			return err
		}
		err = write(ctx, item)
	}
	return err
}
