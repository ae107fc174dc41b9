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

// delay is how long every instance may take to learn of an end or a new epoch.
const delay = time.Second

// oracle records what was acknowledged, and checks these rules:
//
//   - a second after the acknowledged end of a session, no instance accepts its access tokens;
//   - after the acknowledged end of a session, it can neither be refreshed, nor change the password, nor delete the account;
//   - a link in a mail resets a password once, and not in another epoch;
//   - an instance without the store for more than a second accepts no token;
//   - a token belongs only to the account that it was issued for;
//   - a session's refresh counter never decreases within an epoch, and no refresh token is made in two epochs;
//   - an acknowledged write is in the store;
//   - failed guesses for an account from an address stay within the limits;
//   - after a rollback, which may lose ends, writes and counts, no token of an earlier epoch is accepted.
type oracle struct {
	judging   sync.Mutex // tasks whose timers end at the same moment run concurrently
	store     *domaintest.Store
	broken    string
	epoch     int // the number of rollbacks of the store
	rolledAt  time.Time
	accounts  []*account
	sessions  []*session
	refreshed map[string]int // the epochs in which refresh tokens were made
}

type account struct {
	id      domain.UserID
	email   domain.Email
	posts   []domain.PostID
	deleted bool        // a deletion was tried
	changes int         // the number of password changes that began
	guesses []time.Time // the times of failed guesses, by the store's clock
}

type session struct {
	*account
	id      domain.SessionID
	access  string
	refresh []string // the newest last
	epoch   int
	endedAt time.Time // when its end was acknowledged
	count   int64     // the highest known refresh counter
}

// fail records the first broken rule.
func (o *oracle) fail(format string, args ...any) {
	if o.broken == "" {
		o.broken = fmt.Sprintf(format, args...)
	}
}

// refusalReason returns why a call of a session that begins now must be refused, or "" if it may succeed.
func (o *oracle) refusalReason(s *session) (reason string) {
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

// mustBeRefusedAtOnce reports whether a call that reads the session's row must be refused. Such a call learns of an end without
// delay.
func (o *oracle) mustBeRefusedAtOnce(s *session) bool {
	return s.epoch < o.epoch || !s.endedAt.IsZero()
}

// end records the acknowledged end of a session.
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

// accepted checks the caller that a token was accepted for.
func (o *oracle) accepted(s *session, caller domain.Caller) {
	if caller.UserID != s.account.id || caller.SessionID != s.id {
		o.fail("a token of account %d was accepted for account %d", s.account.id, caller.UserID)
	}
	user, err := o.store.Users().ByID(context.Background(), caller.UserID)
	if err == nil && user.Email != s.email {
		o.fail("a token of %s opened the account of %s", s.email, user.Email)
	}
}

// minted records a new refresh token of a session.
func (o *oracle) minted(s *session, token string) {
	if epoch, found := o.refreshed[token]; found && epoch != s.epoch {
		o.fail("a refresh token was made again in another epoch")
	}
	o.refreshed[token] = s.epoch
	s.refresh = append(s.refresh, token)
}

// checkCounters checks the refresh counters in the store.
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

// checkWrites checks that the store contains every acknowledged write.
func (o *oracle) checkWrites() {
	for _, a := range o.accounts {
		user, err := o.store.Users().ByID(context.Background(), a.id)
		if !a.deleted && (err != nil || user.Email != a.email) {
			o.fail("an acknowledged account is missing: %v", err)
		}
		for _, id := range a.posts {
			if _, err := o.store.Posts().Visible(context.Background(), domain.Viewer{UserID: a.id}, id); !a.deleted && err != nil {
				o.fail("an acknowledged post is missing: %v", err)
			}
		}
	}
}

// guessed records a wrong guess, and checks the number of guesses for an account from one address: 5 at once, and then one
// after 1, 2, 4, ... seconds.
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

// newEpoch records a rollback. The store now contains these accounts.
func (o *oracle) newEpoch(accounts []*account) {
	o.epoch++
	o.rolledAt = time.Now()
	o.accounts = accounts
}
