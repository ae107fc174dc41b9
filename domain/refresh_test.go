package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// enter creates an account, logs in, and discards the events.
func (w *world) enter(t testing.TB) (domain.Tokens, domain.Caller) {
	t.Helper()
	w.register(t, ada)
	tokens := w.enterAgain(t)
	caller := w.caller(t, tokens)
	w.events.Take()
	return tokens, caller
}

func (w *world) enterAgain(t testing.TB) domain.Tokens {
	t.Helper()
	tokens, err := w.login(t.Context(), ada, password)
	require.NoError(t, err)
	return tokens
}

func (w *world) caller(t testing.TB, tokens domain.Tokens) domain.Caller {
	t.Helper()
	caller, err := w.auth.Authenticate(t.Context(), tokens.Access)
	require.NoError(t, err)
	return caller
}

func (w *world) renew(t testing.TB, refresh string) domain.Tokens {
	t.Helper()
	tokens, err := w.auth.Refresh(t.Context(), refresh)
	require.NoError(t, err)
	return tokens
}

func (w *world) session(t testing.TB, id domain.SessionID) domain.Session {
	t.Helper()
	session, err := w.store.Sessions().ByID(t.Context(), id)
	require.NoError(t, err)
	return session
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, caller := w.enter(t)
	began := w.clock.Now()
	now := w.clock.Advance(time.Hour)
	second := w.renew(t, first.Refresh)
	require.NotEqual(t, first.Refresh, second.Refresh)
	require.NotEqual(t, first.Access, second.Access)
	require.Equal(t, domain.Tokens{UserID: caller.UserID, Access: second.Access, ExpiresIn: life, Refresh: second.Refresh}, second)
	require.Equal(t, caller, w.caller(t, second))
	claims, err := w.tokens.Verify(t.Context(), second.Access, now)
	require.NoError(t, err)
	require.Equal(t, now.Truncate(time.Second), claims.IssuedAt)
	require.Equal(t, now.Truncate(time.Second).Add(life), claims.ExpiresAt)

	session := w.session(t, caller.SessionID)
	require.Equal(t, int64(1), session.RefreshCount)
	require.Equal(t, []time.Time{began, now, now.Add(idle)}, []time.Time{session.CreatedAt, session.RefreshedAt, session.ExpiresAt})
	third := w.renew(t, second.Refresh)
	require.NotEqual(t, second.Refresh, third.Refresh)
	require.Empty(t, w.events.Take())
}

func TestASessionLivesWhileItIsRefreshedUpToALimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, caller := w.enter(t)
	end := w.clock.Now().Add(sessionLife)
	for range 6 {
		w.clock.Advance(idle - time.Second)
		tokens = w.renew(t, tokens.Refresh)
	}
	require.Equal(t, end, w.session(t, caller.SessionID).ExpiresAt, "84 of 90 days are over")
	require.Equal(t, life, tokens.ExpiresIn)
	w.clock.Advance(end.Sub(w.clock.Now()) - 90*time.Second)
	tokens = w.renew(t, tokens.Refresh)
	require.Equal(t, 90*time.Second, tokens.ExpiresIn, "an access token does not outlive its session")
	claims, err := w.tokens.Verify(t.Context(), tokens.Access, w.clock.Now())
	require.NoError(t, err)
	require.False(t, claims.ExpiresAt.After(end))
	w.clock.Advance(89*time.Second + time.Microsecond)
	_, err = w.auth.Refresh(t.Context(), tokens.Refresh)
	require.ErrorIs(t, err, domain.ErrBadRefreshToken)

	idler := newWorld(t)
	tokens, _ = idler.enter(t)
	idler.clock.Advance(idle)
	_, err = idler.auth.Refresh(t.Context(), tokens.Refresh)
	require.ErrorIs(t, err, domain.ErrBadRefreshToken)
}

func TestARefreshCanBeRepeatedWithinTheGracePeriod(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, caller := w.enter(t)
	second := w.renew(t, first.Refresh)
	session := w.session(t, caller.SessionID)
	for range 3 {
		w.clock.Advance(10 * time.Second)
		writes := w.store.refreshes
		again := w.another(t).renew(t, first.Refresh)
		require.Equal(t, writes+1, w.store.refreshes, "the session is written, so that an acknowledged refresh survives a failover")
		require.Equal(t, second.Refresh, again.Refresh)
		require.NotEqual(t, second.Access, again.Access)
		require.Equal(t, session, w.session(t, caller.SessionID), "the session does not change, and the grace period does not start again")
	}
	w.clock.Advance(time.Microsecond)
	_, err := w.auth.Refresh(t.Context(), first.Refresh)
	require.ErrorIs(t, err, domain.ErrBadRefreshToken)
}

func TestAStolenRefreshTokenEndsItsSession(t *testing.T) {
	t.Parallel()
	cases := map[string]func(w *world, t *testing.T, stolen string){
		"the one before, too late": func(w *world, t *testing.T, stolen string) {
			w.renew(t, stolen)
			w.clock.Advance(domain.RefreshGrace + time.Microsecond)
		},
		"an older one, at once": func(w *world, t *testing.T, stolen string) { w.renew(t, w.renew(t, stolen).Refresh) },
	}
	for name, use := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			stolen, caller := w.enter(t)
			use(w, t, stolen.Refresh)
			_, err := w.auth.Refresh(t.Context(), stolen.Refresh)
			require.ErrorIs(t, err, domain.ErrBadRefreshToken)
			_, err = w.auth.Authenticate(t.Context(), stolen.Access)
			require.ErrorIs(t, err, domain.ErrBadToken, "refused at once")
			newest := w.mint(t, w.refresh.RefreshKeyID(), caller.SessionID, 1)
			_, err = w.auth.Refresh(t.Context(), newest)
			require.ErrorIs(t, err, domain.ErrBadRefreshToken, "the newest token is refused too")
			require.Equal(t, []domain.SecurityEvent{
				{Name: domain.EventRefreshReused, UserID: caller.UserID, SessionID: caller.SessionID},
				{Name: domain.EventSessionEnded, UserID: caller.UserID, SessionID: caller.SessionID},
			}, w.events.Take())
		})
	}
}

func TestAReusedTokenIsRefusedOnlyAfterItsSessionEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stolen, _ := w.enter(t)
	w.renew(t, w.renew(t, stolen.Refresh).Refresh)
	w.store.failCommit = domain.ErrStoreUnavailable
	_, err := w.auth.Refresh(t.Context(), stolen.Refresh)
	require.ErrorIs(t, err, domain.ErrStoreUnavailable)
}

func TestBadRefreshTokens(t *testing.T) {
	t.Parallel()
	cases := map[string]func(w *world, t *testing.T, tokens domain.Tokens, caller domain.Caller) string{
		"empty":           func(*world, *testing.T, domain.Tokens, domain.Caller) string { return "" },
		"an access token": func(_ *world, _ *testing.T, tokens domain.Tokens, _ domain.Caller) string { return tokens.Access },
		"one that is not minted yet": func(w *world, t *testing.T, _ domain.Tokens, c domain.Caller) string {
			return w.mint(t, "key", c.SessionID, 1)
		},
		"of another key": func(w *world, t *testing.T, _ domain.Tokens, c domain.Caller) string {
			return w.mint(t, "other", c.SessionID, 0)
		},
		"of no session": func(w *world, t *testing.T, _ domain.Tokens, _ domain.Caller) string {
			return w.mint(t, "key", domain.NewSessionID(), 0)
		},
		"of a key that is gone": func(w *world, _ *testing.T, tokens domain.Tokens, _ domain.Caller) string {
			w.refresh.Drop("key")
			return tokens.Refresh
		},
		"of an account that is gone": func(w *world, t *testing.T, tokens domain.Tokens, c domain.Caller) string {
			require.NoError(t, w.store.Users().Delete(t.Context(), c.UserID, w.clock.Now()))
			return tokens.Refresh
		},
		"of a session that has ended": func(w *world, t *testing.T, tokens domain.Tokens, c domain.Caller) string {
			require.NoError(t, w.sessions.End(t.Context(), c, c.SessionID))
			return tokens.Refresh
		},
	}
	for name, bad := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tokens, caller := w.enter(t)
			token := bad(w, t, tokens, caller)
			_, err := w.auth.Refresh(t.Context(), token)
			require.ErrorIs(t, err, domain.ErrBadRefreshToken)
			require.Greater(t, len(err.Error()), len(domain.ErrBadRefreshToken.Message), "the error gives a reason")
			if token != "" {
				require.NotContains(t, err.Error(), token)
			}
			for _, event := range w.events.Take() {
				require.NotEqual(t, domain.EventRefreshReused, event.Name)
			}
		})
	}
}

func TestSessionsOutliveARotationOfTheirKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, _ := w.enter(t)
	w.refresh.Rotate("new")
	require.Contains(t, w.enterAgain(t).Refresh, "new")
	require.NotContains(t, w.renew(t, tokens.Refresh).Refresh, "new")
}
