package simulation_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
)

// delay is how long an end, or a new epoch, may take to reach every instance.
const delay = time.Second

// oracle knows what was acknowledged, and says what must not happen after it:
//
//   - an acknowledged end is never followed, more than a second later, by an accepted token of that session, on any instance,
//     and never by a refresh, a change of the password or the deletion of the account in its name;
//   - an instance that has lost the store for more than a second lets nobody in;
//   - a token opens only the account that it was issued for;
//   - a session's refresh counter never goes back within an epoch, and no refresh token is made in two epochs;
//   - an acknowledged write is there afterwards;
//   - failed guesses for an account from an address stay within the limits;
//   - after a rollback, which may lose ends, writes and counts, no token of an earlier epoch is accepted.
type oracle struct {
	judging   sync.Mutex // held by tasks, of which several may go on at once when their time is over at the same moment
	store     *domaintest.Store
	broken    string
	epoch     int // how often the store was rolled back
	rolledAt  time.Time
	accounts  []*account
	sessions  []*session
	refreshed map[string]int // refresh tokens, and the epoch that they were made in
}

type account struct {
	id      domain.UserID
	email   domain.Email
	posts   []domain.PostID
	deleted bool        // somebody tried to
	changes int         // of its password that were begun
	guesses []time.Time // that failed, by the store's clock
}

type session struct {
	*account
	id      domain.SessionID
	access  string
	refresh []string // the newest last
	epoch   int
	endedAt time.Time // when its end was acknowledged
	count   int64     // the highest refresh counter that was seen
}

// fail records the first thing that is broken.
func (o *oracle) fail(format string, args ...any) {
	if o.broken == "" {
		o.broken = fmt.Sprintf(format, args...)
	}
}

// mustNotPass reports why a call in the name of a session that begins now must be refused, if it must.
func (o *oracle) mustNotPass(s *session) (reason string) {
	switch {
	case s.epoch < o.epoch:
		if time.Since(o.rolledAt) > delay {
			return "its store was rolled back"
		}
	case !s.endedAt.IsZero() && time.Since(s.endedAt) > delay:
		return "its session has ended"
	}
	return ""
}

// mustHaveNoPower is mustNotPass for what looks at the session's row, which knows at once.
func (o *oracle) mustHaveNoPower(s *session) bool { return s.epoch < o.epoch || !s.endedAt.IsZero() }

// end notes that the end of a session was acknowledged.
func (o *oracle) end(s *session) {
	if s.endedAt.IsZero() {
		s.endedAt = time.Now()
	}
}

// of returns the sessions of an account in this epoch.
func (o *oracle) of(a *account) (all []*session) {
	for _, s := range o.sessions {
		if s.account == a && s.epoch == o.epoch {
			all = append(all, s)
		}
	}
	return all
}

// accepted checks whom a token was accepted for.
func (o *oracle) accepted(s *session, caller domain.Caller) {
	if caller.UserID != s.account.id || caller.SessionID != s.id {
		o.fail("a token of account %d spoke for account %d", s.account.id, caller.UserID)
	}
	user, err := o.store.Users().ByID(context.Background(), caller.UserID)
	if err == nil && user.Email != s.email {
		o.fail("a token of %s opened the account of %s", s.email, user.Email)
	}
}

// minted notes the refresh token that a session got.
func (o *oracle) minted(s *session, token string) {
	if epoch, found := o.refreshed[token]; found && epoch != s.epoch {
		o.fail("a refresh token was made again in another epoch")
	}
	o.refreshed[token] = s.epoch
	s.refresh = append(s.refresh, token)
}

// checkCounters looks at the store's refresh counters.
func (o *oracle) checkCounters() {
	for _, s := range o.sessions {
		if s.epoch < o.epoch {
			continue
		}
		kept, err := o.store.Sessions().ByID(context.Background(), s.id)
		if err != nil {
			continue
		}
		if !s.endedAt.IsZero() {
			o.fail("an acknowledged end is not in the store")
		}
		if kept.RefreshCount < s.count {
			o.fail("a refresh counter went from %d to %d", s.count, kept.RefreshCount)
		}
		s.count = kept.RefreshCount
	}
}

// checkWrites looks for what was acknowledged in the store.
func (o *oracle) checkWrites() {
	for _, a := range o.accounts {
		user, err := o.store.Users().ByID(context.Background(), a.id)
		if !a.deleted && (err != nil || user.Email != a.email) {
			o.fail("an acknowledged account is not there: %v", err)
		}
		for _, id := range a.posts {
			if _, err := o.store.Posts().Visible(context.Background(), domain.Viewer{UserID: a.id}, id); !a.deleted && err != nil {
				o.fail("an acknowledged post is not there: %v", err)
			}
		}
	}
}

// guessed notes a guess that was found wrong, and counts those of an account from one address: 5 at once, and then one after 1, 2,
// 4, ... seconds.
func (o *oracle) guessed(a *account) {
	now := o.store.Clock()
	a.guesses = append(a.guesses, now)
	for _, limit := range []struct {
		window time.Duration
		most   int
	}{{time.Second, 5}, {31 * time.Second, 10}} {
		recent := 0
		for _, at := range a.guesses {
			if now.Sub(at) < limit.window {
				recent++
			}
		}
		if recent > limit.most {
			o.fail("%d guesses for one account from one address within %v", recent, limit.window)
		}
	}
}

func (o *oracle) forgetGuesses() {
	for _, a := range o.accounts {
		a.guesses = nil
	}
}

// known returns copies of the accounts, for a backup.
func (o *oracle) known() (all []*account) {
	for _, a := range o.accounts {
		b := *a
		b.posts, b.guesses = slices.Clone(a.posts), nil
		all = append(all, &b)
	}
	return all
}

// newEpoch notes that the store knows of nothing but these accounts.
func (o *oracle) newEpoch(accounts []*account) {
	o.epoch++
	o.rolledAt = time.Now()
	o.accounts = accounts
}
