package domaintest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
)

var (
	_ domain.PasswordHasher = (*domaintest.Hasher)(nil)
	_ domain.TokenService   = (*domaintest.Tokens)(nil)
	_ domain.RefreshTokens  = (*domaintest.RefreshTokens)(nil)
	_ domain.SecurityLog    = (*domaintest.Events)(nil)
	_ domain.Clock          = (*domaintest.Clock)(nil)
)

func TestClock(t *testing.T) {
	t.Parallel()
	clock := domaintest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.FixedZone("east", 3600)))
	want := time.Date(2026, 3, 1, 11, 0, 0, 123456000, time.UTC)
	require.Equal(t, want, clock.Now())
	require.Equal(t, want, clock.Now(), "it does not move by itself")
	require.Equal(t, want.Add(time.Second), clock.Advance(time.Second+time.Nanosecond))
	require.Equal(t, want.Add(time.Second), clock.Now())
	require.Equal(t, want, clock.Set(-time.Second))
	require.Equal(t, time.Second+time.Nanosecond, clock.Elapsed(), "Set does not change the elapsed time")
}

func TestHasher(t *testing.T) {
	t.Parallel()
	var hasher domaintest.Hasher
	composed, decomposed := domain.NewPassword("caf\u00e9$"), domain.NewPassword("cafe\u0301$")
	hash, err := hasher.Hash(t.Context(), "", composed)
	require.NoError(t, err)
	again, err := hasher.Hash(t.Context(), "", composed)
	require.NoError(t, err)
	require.NotEqual(t, hash, again, "it is salted")

	ok, stale, err := hasher.Verify(t.Context(), "", hash, decomposed)
	require.NoError(t, err)
	require.True(t, ok)
	require.False(t, stale)
	hasher.Outdate()
	ok, stale, err = hasher.Verify(t.Context(), "", hash, domain.NewPassword("cafe$"))
	require.NoError(t, err)
	require.False(t, ok)
	require.True(t, stale)

	_, _, err = hasher.Verify(t.Context(), "", "$argon2id$v=19$", composed)
	require.Error(t, err)
	hasher.OnHash(func() error { return domain.ErrHasherBusy })
	_, err = hasher.Hash(t.Context(), "", composed)
	require.ErrorIs(t, err, domain.ErrHasherBusy)
	require.True(t, hasher.Accepts(hash))
	require.False(t, hasher.Accepts("$argon2id$v=19$"))
	ended, end := context.WithCancel(t.Context())
	end()
	_, _, err = hasher.Verify(ended, "", hash, composed)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 3, hasher.Hashes())
	require.Equal(t, 4, hasher.Verifies())
	ok, _, err = hasher.Verify(t.Context(), "", hasher.DummyHash(), composed)
	require.NoError(t, err)
	require.False(t, ok)
}

func TestTokens(t *testing.T) {
	t.Parallel()
	var tokens domaintest.Tokens
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	claims := domain.Claims{UserID: 1, SessionID: "s", IssuedAt: now, ExpiresAt: now.Add(time.Minute)}
	token, err := tokens.Issue(t.Context(), claims)
	require.NoError(t, err)
	got, err := tokens.Verify(t.Context(), token, now.Add(time.Minute-time.Microsecond))
	require.NoError(t, err)
	require.Equal(t, claims, got)
	_, err = tokens.Verify(t.Context(), token, now.Add(time.Minute))
	require.ErrorIs(t, err, domain.ErrBadToken)
	_, err = tokens.Verify(t.Context(), "another", now)
	require.ErrorIs(t, err, domain.ErrBadToken)

	claims.ExpiresAt = now.Add(domain.MaxTokenLife + time.Second)
	_, err = tokens.Issue(t.Context(), claims)
	require.Error(t, err)
}

func TestRefreshTokens(t *testing.T) {
	t.Parallel()
	var tokens domaintest.RefreshTokens
	old := tokens.RefreshKeyID()
	seventh := domain.RefreshToken{KeyID: old, Epoch: "e", SessionID: "s", N: 7}
	token, err := tokens.MintRefresh(seventh)
	require.NoError(t, err)
	again, err := tokens.MintRefresh(seventh)
	require.NoError(t, err)
	require.Equal(t, token, again)
	parsed, err := tokens.ParseRefresh(token)
	require.NoError(t, err)
	require.Equal(t, seventh, parsed)
	_, err = tokens.ParseRefresh("refresh." + old + ".e.s.8")
	require.Error(t, err, "it was never minted")

	tokens.Rotate("new")
	require.Equal(t, "new", tokens.RefreshKeyID())
	_, err = tokens.ParseRefresh(token)
	require.NoError(t, err)
	tokens.Drop(old)
	_, err = tokens.ParseRefresh(token)
	require.Error(t, err)
	_, err = tokens.MintRefresh(seventh)
	require.Error(t, err)
}

func TestEvents(t *testing.T) {
	t.Parallel()
	var events domaintest.Events
	first := domain.SecurityEvent{Name: domain.EventLoginFailed}
	second := domain.SecurityEvent{Name: domain.EventLoginSucceeded, UserID: 1}
	events.Record(t.Context(), first)
	events.Record(t.Context(), second)
	require.Equal(t, []domain.SecurityEvent{first, second}, events.All())
	require.Equal(t, []domain.SecurityEvent{first, second}, events.Take())
	require.Empty(t, events.Take())
}
