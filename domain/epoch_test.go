package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// olderTokens returns the tokens that an instance of an older release, without epochs, makes for a session.
func (w *world) olderTokens(t testing.TB, c domain.Caller) domain.Tokens {
	t.Helper()
	now := w.clock.Now()
	access, err := w.tokens.Issue(t.Context(), domain.Claims{UserID: c.UserID, SessionID: c.SessionID, IssuedAt: now, ExpiresAt: now.Add(life)})
	require.NoError(t, err)
	refresh, err := w.refresh.MintRefresh(domain.RefreshToken{KeyID: w.refresh.RefreshKeyID(), SessionID: c.SessionID})
	require.NoError(t, err)
	return domain.Tokens{Access: access, Refresh: refresh}
}

func TestANewEpochEndsEverySession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, _ := w.enter(t)
	_, err := w.store.NewEpoch(t.Context(), domain.OperatorAction{})
	require.NoError(t, err)
	require.NoError(t, w.refusal(t, before), "memory is certain for a second")
	_, err = w.auth.Refresh(t.Context(), before.Refresh)
	require.ErrorIs(t, err, domain.ErrBadRefreshToken, "refused at once")
	require.NoError(t, w.ended.Poll(t.Context()))
	require.ErrorIs(t, w.refusal(t, before), domain.ErrBadToken)

	after := w.enterAgain(t)
	require.NoError(t, w.refusal(t, after))
	w.renew(t, after.Refresh)
}

// TestNoTokenFromBeforeARestoreOpensAnything restores a backup. It contains sessions that ended since, and lacks accounts
// that were created since.
func TestNoTokenFromBeforeARestoreOpensAnything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ended, caller := w.enter(t)
	restore := w.fake.Backup()
	require.NoError(t, w.sessions.End(t.Context(), caller, caller.SessionID))
	w.register(t, "bob@example.com")
	lost, err := w.login(t.Context(), "bob@example.com", password)
	require.NoError(t, err)

	restore()
	_, err = w.store.NewEpoch(t.Context(), domain.OperatorAction{})
	require.NoError(t, err)
	stranger := w.register(t, "eve@example.com")
	require.NotEqual(t, lost.UserID, stranger.ID, "no id is used twice")
	other := w.another(t)
	for name, tokens := range map[string]domain.Tokens{"ended": ended, "lost": lost} {
		require.ErrorIs(t, other.refusal(t, tokens), domain.ErrBadToken, name)
		_, err = other.auth.Refresh(t.Context(), tokens.Refresh)
		require.ErrorIs(t, err, domain.ErrBadRefreshToken, name)
	}
}

func TestATokenOfANewerEpochIsKnownAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, _ := w.enter(t)
	behind := w.another(t)
	_, err := w.store.NewEpoch(t.Context(), domain.OperatorAction{})
	require.NoError(t, err)
	after := w.enterAgain(t)
	w.store.reads = 0
	require.NoError(t, behind.refusal(t, after), "the epoch is newer than the last poll")
	require.Equal(t, 1, w.store.reads)
	require.NoError(t, behind.ended.Poll(t.Context()))
	require.NoError(t, behind.refusal(t, after))
	for range 10 {
		require.ErrorIs(t, behind.refusal(t, before), domain.ErrBadToken)
	}
	require.Equal(t, 2, w.store.reads, "the store is read once for all tokens of an old epoch")
}

func TestTokensWithoutAnEpochAreValidUntilTheFirstNewOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, caller := w.enter(t)
	older := w.olderTokens(t, caller)
	require.ErrorIs(t, w.refusal(t, older), domain.ErrBadToken, "a store that always had an epoch has no such tokens")
	_, err := w.auth.Refresh(t.Context(), older.Refresh)
	require.ErrorIs(t, err, domain.ErrBadRefreshToken)

	w.fake.SetEpoch(domain.Epoch{ID: w.epoch(t).ID, First: true})
	require.NoError(t, w.ended.Poll(t.Context()))
	require.NoError(t, w.refusal(t, older))
	require.NoError(t, w.refusal(t, tokens))
	renewed := w.renew(t, older.Refresh)
	token, err := w.refresh.ParseRefresh(renewed.Refresh)
	require.NoError(t, err)
	require.Empty(t, token.Epoch, "instances of the older release can read the token")
	claims, err := w.tokens.Verify(t.Context(), renewed.Access, w.clock.Now())
	require.NoError(t, err)
	require.Equal(t, w.epoch(t).ID, claims.Epoch)

	_, err = w.store.NewEpoch(t.Context(), domain.OperatorAction{})
	require.NoError(t, err)
	require.NoError(t, w.ended.Poll(t.Context()))
	require.ErrorIs(t, w.refusal(t, w.olderTokens(t, caller)), domain.ErrBadToken)
	_, err = w.auth.Refresh(t.Context(), renewed.Refresh)
	require.ErrorIs(t, err, domain.ErrBadRefreshToken)
}

func TestAFullListChecksATokensUserInTheStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	stranger := w.register(t, "bob@example.com")
	w.ended.Capacity = 0
	w.endElsewhere(t, w.caller(t, w.enterAgain(t)))
	require.NoError(t, w.ended.Poll(t.Context()))
	forged := w.token(t, domain.Caller{UserID: stranger.ID, SessionID: caller.SessionID})
	require.ErrorIs(t, w.refusal(t, domain.Tokens{Access: forged}), domain.ErrBadToken)
	require.NoError(t, w.refusal(t, domain.Tokens{Access: w.token(t, caller)}))
}
