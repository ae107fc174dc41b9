package domain_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// requireOut checks that an instance refuses the tokens.
func (w *world) requireOut(t testing.TB, tokens domain.Tokens) {
	t.Helper()
	_, err := w.auth.Authenticate(t.Context(), tokens.Access)
	require.ErrorIs(t, err, domain.ErrBadToken)
	_, err = w.auth.Refresh(t.Context(), tokens.Refresh)
	require.ErrorIs(t, err, domain.ErrBadRefreshToken)
}

func ended(c domain.Caller) domain.SecurityEvent {
	return domain.SecurityEvent{Name: domain.EventSessionEnded, UserID: c.UserID, SessionID: c.SessionID}
}

func TestListSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, first := w.enter(t)
	w.register(t, "bob@example.com")
	_, err := w.login(t.Context(), "bob@example.com", password)
	require.NoError(t, err)
	w.clock.Advance(time.Hour)
	tokens := w.enterAgain(t)
	second := w.caller(t, tokens)
	list := func() (ids []domain.SessionID) {
		sessions, err := w.sessions.List(t.Context(), second)
		require.NoError(t, err)
		for _, s := range sessions {
			ids = append(ids, s.ID)
		}
		return ids
	}
	require.Equal(t, []domain.SessionID{second.SessionID, first.SessionID}, list())
	w.clock.Advance(idle - time.Hour)
	require.Equal(t, []domain.SessionID{second.SessionID}, list(), "the first has expired")
}

func TestEndASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine, caller := w.enter(t)
	lost := w.enterAgain(t)
	lostCaller := w.caller(t, lost)
	w.register(t, "bob@example.com")
	bobs, err := w.login(t.Context(), "bob@example.com", password)
	require.NoError(t, err)
	bob := w.caller(t, bobs)
	w.events.Take()

	require.ErrorIs(t, w.sessions.End(t.Context(), caller, bob.SessionID), domain.ErrSessionNotFound, "the session of another user")
	require.Equal(t, bob, w.caller(t, bobs))
	require.NoError(t, w.sessions.End(t.Context(), caller, lostCaller.SessionID))
	w.requireOut(t, lost)
	require.ErrorIs(t, w.sessions.End(t.Context(), caller, lostCaller.SessionID), domain.ErrSessionNotFound)
	require.Equal(t, caller, w.caller(t, mine))
	require.Equal(t, []domain.SecurityEvent{ended(lostCaller)}, w.events.Take())
}

func TestEndOtherSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine, caller := w.enter(t)
	others := []domain.Tokens{w.enterAgain(t), w.enterAgain(t)}
	want := []domain.SecurityEvent{ended(w.caller(t, others[0])), ended(w.caller(t, others[1]))}
	w.events.Take()
	require.NoError(t, w.sessions.EndOthers(t.Context(), caller))
	require.ElementsMatch(t, want, w.events.Take())
	for _, other := range others {
		w.requireOut(t, other)
	}
	require.Equal(t, caller, w.caller(t, mine))
	w.renew(t, mine.Refresh)
}

func TestLogOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, caller := w.enter(t)
	foreign := w.mint(t, "other", caller.SessionID, 0)
	for name, idleToken := range map[string]string{"nothing": "", "an access token": tokens.Access, "of another key": foreign} {
		require.NoError(t, w.sessions.LogOut(t.Context(), idleToken), name)
		require.Equal(t, caller, w.caller(t, tokens), name)
	}
	w.renew(t, w.renew(t, tokens.Refresh).Refresh)
	require.NoError(t, w.sessions.LogOut(t.Context(), tokens.Refresh), "an old refresh token can end a session")
	w.requireOut(t, tokens)
	require.Equal(t, []domain.SecurityEvent{ended(caller)}, w.events.Take())
	require.NoError(t, w.sessions.LogOut(t.Context(), tokens.Refresh), "logging out twice succeeds")
	require.Empty(t, w.events.Take())
}

// TestAnEndThatFails checks that a session counts as ended on this instance if the write may have happened, and stays live if it
// certainly did not.
func TestAnEndThatFails(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		err error
		out bool
	}{
		"not done":       {domain.ErrStoreUnavailable, false},
		"not known":      {domain.ErrOutcomeUnknown, true},
		"not waited for": {context.Canceled, true},
		"out of time":    {context.DeadlineExceeded, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tokens, caller := w.enter(t)
			w.store.failCommit = c.err
			calls := map[string]error{
				"End":       w.sessions.End(t.Context(), caller, caller.SessionID),
				"EndOthers": w.sessions.EndOthers(t.Context(), domain.Caller{UserID: caller.UserID}),
			}
			for call, err := range calls {
				require.ErrorIs(t, err, c.err, call)
			}
			_, err := w.auth.Authenticate(t.Context(), tokens.Access)
			require.Equal(t, c.out, err != nil, "%v", err)
			require.Empty(t, w.events.Take(), "an unknown outcome is not recorded")
		})
	}
}

func TestAUserHasAtMost100Sessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	oldest, first := w.enter(t)
	w.clock.Advance(time.Second)
	next := w.enterAgain(t)
	for range domain.MaxSessions - 2 {
		w.clock.Advance(time.Second)
		w.enterAgain(t)
	}
	w.caller(t, oldest)
	w.events.Take()
	w.clock.Advance(time.Second)
	newest := w.caller(t, w.enterAgain(t))
	w.requireOut(t, oldest)
	w.caller(t, next)
	sessions, err := w.sessions.List(t.Context(), newest)
	require.NoError(t, err)
	require.Len(t, sessions, domain.MaxSessions)
	require.Equal(t, newest.SessionID, sessions[0].ID)
	succeeded := domain.SecurityEvent{Name: domain.EventLoginSucceeded, UserID: newest.UserID, SessionID: newest.SessionID}
	require.Equal(t, []domain.SecurityEvent{succeeded, ended(first)}, w.events.Take())
}
