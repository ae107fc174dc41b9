package domain_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// TestAnEndedSessionCannotChangeItsAccount checks that calls that change the account are refused at once on every instance,
// even on one that does not know yet that the session ended.
func TestAnEndedSessionCannotChangeItsAccount(t *testing.T) {
	t.Parallel()
	powers := map[string]func(w *world, t *testing.T, c domain.Caller) error{
		"change the password": func(w *world, t *testing.T, c domain.Caller) error {
			in := domain.PasswordChange{Current: domain.NewPassword(password), New: domain.NewPassword("marmalade heron")}
			return w.auth.ChangePassword(t.Context(), c, in)
		},
		"change the address": func(w *world, t *testing.T, c domain.Caller) error {
			return w.emails.ChangeEmail(t.Context(), c, emailChange("eve@example.com", password, home))
		},
		"delete the account": func(w *world, t *testing.T, c domain.Caller) error {
			return w.auth.DeleteAccount(t.Context(), c)
		},
	}
	for name, use := range powers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tokens, caller := w.enter(t)
			other := w.enterAgain(t)
			w.endElsewhere(t, caller)
			require.NoError(t, w.refusal(t, tokens), "this instance does not know the end yet")
			require.ErrorIs(t, use(w, t, caller), domain.ErrBadToken)
			require.NoError(t, w.refusal(t, other), "its other sessions go on")
			w.enterAgain(t)

			stranger := domain.Caller{UserID: w.register(t, "bob@example.com").ID, SessionID: w.caller(t, other).SessionID}
			require.ErrorIs(t, use(w, t, stranger), domain.ErrBadToken, "a session belongs to one user")
			w.clock.Advance(idle)
			require.Error(t, use(w, t, w.callerOf(other)), "an expired session is refused")
			w.enterAgain(t)
		})
	}
}

// callerOf returns the caller that a token was issued to, even if it has expired.
func (w *world) callerOf(tokens domain.Tokens) domain.Caller {
	claims, _ := w.tokens.Verify(context.Background(), tokens.Access, time.Time{})
	return domain.Caller{UserID: claims.UserID, SessionID: claims.SessionID}
}

// frozenStore is a store that freezes the process at the end of a number of transactions.
type frozenStore struct {
	domain.Store
	times  int
	freeze func()
}

func (s *frozenStore) InTx(ctx context.Context, fn func(domain.Repositories) error) error {
	return s.Store.InTx(ctx, func(tx domain.Repositories) error {
		return fn(frozenTx{tx, s})
	})
}

type frozenTx struct {
	domain.Repositories
	store *frozenStore
}

func (t frozenTx) Sessions() domain.SessionRepository {
	if t.store.times--; t.store.times >= 0 {
		t.store.freeze()
	}
	return t.Repositories.Sessions()
}

// TestAnEndIsCommittedSoonAfterItsTime matters because instances look for ends by their time.
func TestAnEndIsCommittedSoonAfterItsTime(t *testing.T) {
	t.Parallel()
	for name, freeze := range map[string]func(w *world){
		"frozen": func(w *world) { w.clock.Advance(31 * time.Second) },
		"asleep": func(w *world) { w.clock.Set(31 * time.Second) },
	} {
		for times, want := range map[int]error{2: nil, 3: domain.ErrStoreUnavailable} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				tokens, caller := w.enter(t)
				store := &frozenStore{w.store, times, func() { freeze(w) }}
				sessions := domain.NewSessions(store, w.clock, w.refresh, w.ended, w.events)
				require.ErrorIs(t, sessions.End(t.Context(), caller, caller.SessionID), want)
				ends, err := w.fake.Sessions().EndedAfter(t.Context(), domain.SessionEnd{}, 10)
				require.NoError(t, err)
				if want == nil {
					require.Equal(t, []domain.SessionEnd{{SessionID: caller.SessionID, EndedAt: w.clock.Now()}}, ends)
					require.ErrorIs(t, w.refusal(t, tokens), domain.ErrBadToken)
					return
				}
				require.Empty(t, ends)
				require.NoError(t, w.ended.Poll(t.Context()))
				require.NoError(t, w.refusal(t, tokens), "the session has not ended")
			})
		}
	}
}
