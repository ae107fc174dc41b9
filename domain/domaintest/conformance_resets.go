package domaintest

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

// resetCases run a reset of the password beside another request of the same account: once while the transaction of the reset
// is open, and once while that of the other request is.
var resetCases = []storeCase{
	{"a reset beside another reset with the same token", resetBeside(resetPassword, true)},
	{"a reset beside a change of password", resetBeside(changePassword, true)},
	{"a reset beside a change of address", resetBeside(changeAddress, true)},
	{"a reset beside a deletion of the account", resetBeside(deleteAccount, true)},
	{"a reset beside a login", resetBeside(logIn, false)},
	{"a reset beside a refresh", resetBeside(refresh, false)},
	{"a change of password voids a concurrent request to change the address", changeVoidsRequest},
}

const (
	oldPassword   = "correct horse battery"
	resetTo       = "seven brown foxes sing"
	changedTo     = "nine green owls listen"
	resetAccount  = "ada@example.org"
	resetNewEmail = "eve@example.org"
)

// resetWorld is a store with an account that has a session, a token to reset the password, and a token to change the address.
type resetWorld struct {
	store       domain.Store
	tokens      Tokens
	refresh     RefreshTokens
	emailTokens EmailTokens
	hasher      Hasher
	events      Events

	caller                           domain.Caller
	refreshToken, resetText, newText string
}

// instance is an instance of the service.
type instance struct {
	auth   *domain.Auth
	emails *domain.Emails
}

func (w *resetWorld) open(t *testing.T, s domain.Store) instance {
	t.Helper()
	clock, limits := NewClock(realTime()), throttle.DefaultLimits()
	limits.MailsPerAccount = 100
	ended := domain.NewRevocations(s, clock)
	require.NoError(t, ended.Load(t.Context()))
	auth, err := domain.NewAuth(domain.AuthOptions{
		Store: s, Tokens: &w.tokens, Refresh: &w.refresh, Hasher: &w.hasher, Clock: clock, Revocations: ended, Events: &w.events,
		TokenLife: time.Minute, SessionIdle: time.Hour, SessionLife: time.Hour, MinPassword: domain.MinPassword,
		Limits: limits, KeyedHash: KeyedHash, Notices: true,
	})
	require.NoError(t, err)
	return instance{auth, domain.NewEmails(auth, &w.emailTokens, &url.URL{})}
}

func newResetWorld(t *testing.T, s domain.Store) *resetWorld {
	t.Helper()
	w, ctx := &resetWorld{store: s}, t.Context()
	i := w.open(t, s)
	user, err := i.auth.Register(ctx, domain.Registration{Email: resetAccount, Password: domain.NewPassword(oldPassword)})
	require.NoError(t, err)
	tokens, err := i.auth.Login(ctx, domain.Credentials{Email: resetAccount, Password: domain.NewPassword(oldPassword)})
	require.NoError(t, err)
	w.caller, err = i.auth.Authenticate(ctx, tokens.Access)
	require.NoError(t, err)
	require.Equal(t, user.ID, w.caller.UserID)
	w.refreshToken = tokens.Refresh
	require.NoError(t, i.emails.RequestReset(ctx, domain.ResetRequest{Email: resetAccount}))
	require.NoError(t, i.emails.ChangeEmail(ctx, w.caller, domain.EmailChange{Email: resetNewEmail, Current: domain.NewPassword(oldPassword)}))
	w.compose(t, i)
	return w
}

// compose composes all mails, so that their tokens are known.
func (w *resetWorld) compose(t *testing.T, i instance) {
	t.Helper()
	now, err := w.store.Now(t.Context())
	require.NoError(t, err)
	items, err := w.store.Outbox().Claim(t.Context(), now, now.Add(time.Minute), 100)
	require.NoError(t, err)
	for _, item := range items {
		mail, err := i.emails.Compose(t.Context(), item)
		require.NoError(t, err)
		require.NotNil(t, mail)
		text, _ := w.emailTokens.MintEmailToken(item.Kind, item.TokenID)
		switch item.Kind {
		case domain.MailReset:
			w.resetText = text
		case domain.MailChange:
			w.newText = text
		}
	}
	require.NotEmpty(t, w.resetText)
	require.NotEmpty(t, w.newText)
}

type resetRival func(ctx context.Context, w *resetWorld, i instance) error

func resetPassword(ctx context.Context, w *resetWorld, i instance) error {
	return i.emails.CompleteReset(ctx, domain.ResetCompletion{Token: w.resetText, New: domain.NewPassword(resetTo)})
}

func changePassword(ctx context.Context, w *resetWorld, i instance) error {
	return i.auth.ChangePassword(ctx, w.caller, domain.PasswordChange{
		Current: domain.NewPassword(oldPassword), New: domain.NewPassword(changedTo),
	})
}

func changeAddress(ctx context.Context, w *resetWorld, i instance) error {
	return i.emails.CompleteVerification(ctx, w.newText, domain.Client{})
}

func deleteAccount(ctx context.Context, w *resetWorld, i instance) error {
	return i.auth.DeleteAccount(ctx, w.caller)
}

func logIn(ctx context.Context, _ *resetWorld, i instance) error {
	return second(i.auth.Login(ctx, domain.Credentials{Email: resetAccount, Password: domain.NewPassword(oldPassword)}))
}

func refresh(ctx context.Context, w *resetWorld, i instance) error {
	return second(i.auth.Refresh(ctx, w.refreshToken))
}

// openTx is a store whose first transaction stays open at its end until the test continues it.
type openTx struct {
	domain.Store
	p *pause
}

func (s openTx) InTx(ctx context.Context, fn func(domain.Repositories) error) error {
	return s.Store.InTx(ctx, func(tx domain.Repositories) error {
		err := fn(tx)
		s.p.hold()
		return err
	})
}

// resetBeside runs a reset and a rival in both orders. If they exclude each other, the first one wins. If not, the reset
// succeeds, and no session remains.
func resetBeside(rival resetRival, exclusive bool) func(t *testing.T, s domain.Store) {
	return func(t *testing.T, s domain.Store) {
		for _, resetFirst := range []bool{true, false} {
			w := newResetWorld(t, s)
			held, other := resetRival(resetPassword), rival
			if !resetFirst {
				held, other = rival, resetPassword
			}
			p := newPause()
			slow, quick := w.open(t, openTx{s, p}), w.open(t, s)
			first := start(func() error { return held(t.Context(), w, slow) })
			later := p.during(t, func() error { return other(t.Context(), w, quick) })
			firstErr, laterErr := wait(t, first), wait(t, later)
			w.requireOutcome(t, exclusive, resetFirst, firstErr, laterErr)
			w.forget(t)
		}
	}
}

func (w *resetWorld) requireOutcome(t *testing.T, exclusive, resetFirst bool, firstErr, laterErr error) {
	t.Helper()
	require.NoError(t, firstErr)
	switch {
	case laterErr != nil:
		require.True(t, exclusive || resetFirst, "the reset: %v", laterErr)
		require.True(t, errors.Is(laterErr, domain.ErrForbidden) || errors.Is(laterErr, domain.ErrUnauthenticated), "%v", laterErr)
	default:
		require.False(t, exclusive, "both succeeded")
	}
	require.Empty(t, w.remainingTokens(t), "no token of the account remains")
	if !exclusive || resetFirst {
		require.Empty(t, live(t, w.store, w.caller.UserID))
		require.ErrorIs(t, logIn(t.Context(), w, w.open(t, w.store)), domain.ErrInvalidCredentials)
	}
}

// changeVoidsRequest changes the password, and lets another session ask for a change of address at the same time.
func changeVoidsRequest(t *testing.T, s domain.Store) {
	for _, changeFirst := range []bool{true, false} {
		w := newResetWorld(t, s)
		tokens, err := w.open(t, s).auth.Login(t.Context(), domain.Credentials{Email: resetAccount, Password: domain.NewPassword(oldPassword)})
		require.NoError(t, err)
		thief, err := w.open(t, s).auth.Authenticate(t.Context(), tokens.Access)
		require.NoError(t, err)
		request := func(ctx context.Context, _ *resetWorld, i instance) error {
			return i.emails.ChangeEmail(ctx, thief, domain.EmailChange{Email: "thief@example.org", Current: domain.NewPassword(oldPassword)})
		}
		held, other := resetRival(changePassword), resetRival(request)
		if !changeFirst {
			held, other = request, changePassword
		}
		p := newPause()
		slow, quick := w.open(t, openTx{s, p}), w.open(t, s)
		first := start(func() error { return held(t.Context(), w, slow) })
		later := p.during(t, func() error { return other(t.Context(), w, quick) })
		require.NoError(t, wait(t, first))
		require.Equal(t, changeFirst, wait(t, later) != nil)
		w.requireNoLink(t, quick)
		w.forget(t)
	}
}

// requireNoLink checks that no mail in the outbox has a link.
func (w *resetWorld) requireNoLink(t *testing.T, i instance) {
	t.Helper()
	items, err := w.store.Outbox().Claim(t.Context(), realTime().Add(hour), realTime().Add(2*hour), 100)
	require.NoError(t, err)
	for _, item := range items {
		mail, err := i.emails.Compose(t.Context(), item)
		require.NoError(t, err)
		require.True(t, mail == nil || item.TokenID == "", "%s", item.Kind)
	}
}

// remainingTokens returns the tokens of the account that are still stored.
func (w *resetWorld) remainingTokens(t *testing.T) (texts []string) {
	t.Helper()
	for _, text := range []string{w.resetText, w.newText} {
		kind, id, err := w.emailTokens.ParseEmailToken(text)
		require.NoError(t, err)
		now, err := w.store.Now(t.Context())
		require.NoError(t, err)
		if _, err := w.store.EmailTokens().Find(t.Context(), kind, id, now); err == nil {
			texts = append(texts, text)
		}
	}
	return texts
}

// forget deletes the account, if it still exists, so that the next round can use its address.
func (w *resetWorld) forget(t *testing.T) {
	t.Helper()
	if err := w.store.Users().Delete(t.Context(), w.caller.UserID, moment); err != nil {
		require.ErrorIs(t, err, domain.ErrUserNotFound)
	}
}
