package domain_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestReset(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, caller := w.enter(t)
	other := w.enterAgain(t)
	otherCaller := w.caller(t, other)
	w.mails(t)
	w.events.Take()
	require.NoError(t, w.requestReset(t.Context(), "ADA@example.com"))
	require.Equal(t, []domain.SecurityEvent{{Name: domain.EventResetRequested}}, w.events.Take())

	token := w.mailedToken(t, ada, "reset")
	require.NoError(t, w.completeReset(t.Context(), token, newPassword))
	require.ElementsMatch(t, []domain.SecurityEvent{
		ended(caller), ended(otherCaller), {Name: domain.EventPasswordReset, UserID: caller.UserID},
	}, w.events.Take())
	w.requireOut(t, tokens)
	w.requireOut(t, other)
	require.Equal(t, w.clock.Now(), *w.user(t, caller.UserID).EmailVerifiedAt, "a reset confirms the address")
	require.Equal(t, []string{ada + ": Your password was changed"}, w.subjects(t))
	_, err := w.login(t.Context(), ada, password)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	_, err = w.login(t.Context(), ada, newPassword)
	require.NoError(t, err)
	require.Equal(t, error(domain.ErrBadEmailToken), w.completeReset(t.Context(), token, newPassword), "a token works once")
}

func TestAResetReachesOtherInstances(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, _ := w.confirmed(t)
	elsewhere := w.another(t)
	require.NoError(t, w.requestReset(t.Context(), ada))
	require.NoError(t, w.completeReset(t.Context(), w.mailedToken(t, ada, "reset"), newPassword))
	require.NoError(t, elsewhere.ended.Poll(t.Context()))
	elsewhere.requireOut(t, tokens)
}

// TestAResetGoesToTheAddressOfTheAccount matters because some mail servers tell apart spellings that have one key here.
func TestAResetGoesToTheAddressOfTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t, "Ada@münchen.example")
	w.mails(t)
	require.NoError(t, w.requestReset(t.Context(), "aDA@xn--mnchen-3ya.example"))
	w.mailedToken(t, "Ada@münchen.example", "reset")
}

func TestNoResetForAnUnknownAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.requestReset(t.Context(), bob))
	require.Empty(t, w.mails(t))
	n, err := w.store.EmailTokens().DeleteExpired(t.Context(), w.clock.Now().Add(-24*time.Hour), 10)
	require.NoError(t, err)
	require.Equal(t, 1, n, "the address that was typed is forgotten soon")
	for _, bad := range []string{"", "ada", "ada@example.com\r\nBcc: eve@example.com", "ada@example.com\x00", "<ada@example.com>"} {
		requireFields(t, w.requestReset(t.Context(), bad), "email format")
	}
	require.Empty(t, w.mails(t))
}

func TestANewResetVoidsTheOneBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.confirmed(t)
	require.NoError(t, w.requestReset(t.Context(), ada))
	first := w.mailedToken(t, ada, "reset")
	require.NoError(t, w.requestReset(t.Context(), ada))
	require.Equal(t, error(domain.ErrBadEmailToken), w.completeReset(t.Context(), first, newPassword), "even before the new mail is sent")
	require.NoError(t, w.requestReset(t.Context(), "ADA@example.com"))
	require.NoError(t, w.completeReset(t.Context(), w.mailedToken(t, ada, "reset"), newPassword), "one mail for both requests")
}

// TestTheLifeOfATokenBeginsWhenItsMailIsSent matters when the mail server is down for a day.
func TestTheLifeOfATokenBeginsWhenItsMailIsSent(t *testing.T) {
	t.Parallel()
	for after, want := range map[time.Duration]error{
		domain.EmailTokenLife - time.Microsecond: nil, domain.EmailTokenLife: domain.ErrBadEmailToken,
	} {
		w := newWorld(t)
		w.register(t, ada)
		w.mails(t)
		require.NoError(t, w.requestReset(t.Context(), ada))
		w.clock.Advance(25 * time.Hour)
		sweepAll(t, w.store, w.clock)
		token := w.mailedToken(t, ada, "reset")
		w.clock.Advance(after)
		require.ErrorIs(t, w.completeReset(t.Context(), token, newPassword), want)
	}
}

// TestAMailIsNotForgottenBetweenTwoAttempts matters while the mail server is down and many mails wait: an hour may pass
// between two attempts to send one of them.
func TestAMailIsNotForgottenBetweenTwoAttempts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t, ada)
	w.mails(t)
	require.NoError(t, w.requestReset(t.Context(), ada))
	now := w.clock.Now()
	items, err := w.store.Outbox().Claim(t.Context(), now, now, 1)
	require.NoError(t, err)
	failed, err := w.emails.Compose(t.Context(), items[0])
	require.NoError(t, err)
	w.clock.Advance(domain.EmailTokenLife + time.Hour)
	sweepAll(t, w.store, w.clock)
	token := tokenIn(t, *failed, "reset")
	require.ErrorIs(t, w.completeReset(t.Context(), token, newPassword), domain.ErrBadEmailToken, "not valid for longer because of that")
	require.Equal(t, token, w.mailedToken(t, ada, "reset"))
	require.NoError(t, w.completeReset(t.Context(), token, newPassword))
}

// TestABadPasswordLeavesTheToken also checks that nothing is hashed for it.
func TestABadPasswordLeavesTheToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.confirmed(t)
	require.NoError(t, w.requestReset(t.Context(), ada))
	token, hashes := w.mailedToken(t, ada, "reset"), w.hasher.Hashes()
	requireFields(t, w.completeReset(t.Context(), token, "short"), "new_password min_length")
	requireFields(t, w.completeReset(t.Context(), token, ada), "new_password password_guessable")
	requireFields(t, w.completeReset(t.Context(), token, strings.Repeat("x", domain.MaxLoginPassword+1)), "new_password max_length")
	require.Equal(t, hashes, w.hasher.Hashes())
	w.hasher.OnHash(func() error { return domain.ErrHasherBusy })
	require.ErrorIs(t, w.completeReset(t.Context(), token, newPassword), domain.ErrHasherBusy)
	w.hasher.OnHash(nil)
	w.store.failCommit = domain.ErrStoreUnavailable
	require.ErrorIs(t, w.completeReset(t.Context(), token, newPassword), domain.ErrStoreUnavailable)
	w.store.failCommit = nil
	w.enterAgain(t)
	require.NoError(t, w.completeReset(t.Context(), token, newPassword))
}

func TestABadTokenHashesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.confirmed(t)
	require.NoError(t, w.requestReset(t.Context(), ada))
	used := w.mailedToken(t, ada, "reset")
	require.NoError(t, w.completeReset(t.Context(), used, newPassword))
	require.NoError(t, w.emails.ChangeEmail(t.Context(), w.caller(t, w.enterWith(t, newPassword)), emailChange(bob, newPassword, home)))
	w.mails(t)
	change, err := w.emailTokens.MintEmailToken(domain.MailChange, w.tokenOf(t, caller.UserID, domain.MailChange))
	require.NoError(t, err)
	neverStored, err := w.emailTokens.MintEmailToken(domain.MailReset, "unknown")
	require.NoError(t, err)
	hashes := w.hasher.Hashes()
	for name, bad := range map[string]string{"empty": "", "forged": "email.reset.x", "used": used, "of another kind": change, "not stored": neverStored} {
		require.Equal(t, error(domain.ErrBadEmailToken), w.completeReset(t.Context(), bad, "another "+newPassword), name)
	}
	require.Equal(t, hashes, w.hasher.Hashes())
}

// enterWith logs in with a password.
func (w *world) enterWith(t testing.TB, password string) domain.Tokens {
	t.Helper()
	tokens, err := w.login(t.Context(), ada, password)
	require.NoError(t, err)
	return tokens
}

// tokenOf returns the ID of a user's token, which is expected to exist.
func (w *world) tokenOf(t testing.TB, user domain.UserID, kind domain.MailKind) (id string) {
	t.Helper()
	for _, token := range w.fake.EmailTokensOf(user) {
		if token.Kind == kind {
			id = token.ID
		}
	}
	require.NotEmpty(t, id)
	return id
}

// TestActsThatVoidAReset checks the acts that delete the tokens of a user in their own transaction.
func TestActsThatVoidAReset(t *testing.T) {
	t.Parallel()
	events := map[string]func(w *world, c domain.Caller) error{
		"a change of password": func(w *world, c domain.Caller) error {
			return w.auth.ChangePassword(context.Background(), c, change(password, newPassword))
		},
		"an operator's password": func(w *world, _ domain.Caller) error {
			return w.operator().SetPassword(context.Background(), ada, domain.NewPassword(newPassword))
		},
		"a suspension": func(w *world, _ domain.Caller) error {
			_, err := w.operator().Suspend(context.Background(), ada)
			return err
		},
		"a deletion": func(w *world, c domain.Caller) error { return w.auth.DeleteAccount(context.Background(), c) },
		"a new epoch": func(w *world, _ domain.Caller) error {
			_, err := w.store.NewEpoch(context.Background(), domain.OperatorAction{})
			return err
		},
	}
	for name, happen := range events {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, caller := w.confirmed(t)
			require.NoError(t, w.requestReset(t.Context(), ada))
			reset := w.mailedToken(t, ada, "reset")
			require.NoError(t, w.emails.ChangeEmail(t.Context(), caller, emailChange(bob, password, home)))
			sent := w.mails(t)
			require.Len(t, sent, 2)
			w.store.failCommit = errors.New("boom")
			if err := happen(w, caller); err == nil {
				require.Equal(t, "a new epoch", name)
			}
			w.store.failCommit = nil
			if name != "a new epoch" {
				require.NoError(t, happen(w, caller))
			}
			require.Equal(t, error(domain.ErrBadEmailToken), w.completeReset(t.Context(), reset, "another "+newPassword))
			require.Empty(t, w.fake.EmailTokensOf(caller.UserID))
		})
	}
}

func TestAResetForgetsFailedLogins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.confirmed(t)
	w.guess(t, 5, home, ada)
	requireThrottled(t, w.loginFrom(t.Context(), home, ada, password), "login", time.Second)
	require.NoError(t, w.requestReset(t.Context(), ada))
	require.NoError(t, w.completeReset(t.Context(), w.mailedToken(t, ada, "reset"), newPassword))
	require.NoError(t, w.loginFrom(t.Context(), home, ada, newPassword))
}

// TestAResetBesideALogin lets a login replace a stale hash while the new password is hashed.
func TestAResetBesideALogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.confirmed(t)
	require.NoError(t, w.requestReset(t.Context(), ada))
	token := w.mailedToken(t, ada, "reset")
	w.hasher.OnHash(func() error {
		known := w.credential(t)
		_, err := w.store.Users().UpdatePasswordHash(t.Context(), known.UserID, known.PasswordHash, "fake$1$0$"+password)
		return err
	})
	require.NoError(t, w.completeReset(t.Context(), token, newPassword))
	w.hasher.OnHash(nil)
	_, err := w.login(t.Context(), ada, newPassword)
	require.NoError(t, err)
}

func TestAResetRestoresNoSuspendedAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.confirmed(t)
	require.NoError(t, second(w.operator().Suspend(t.Context(), ada)))
	require.NoError(t, w.requestReset(t.Context(), ada))
	require.NoError(t, w.completeReset(t.Context(), w.mailedToken(t, ada, "reset"), newPassword))
	_, err := w.login(t.Context(), ada, newPassword)
	require.ErrorIs(t, err, domain.ErrAccountSuspended)
}
