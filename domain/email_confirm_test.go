package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func (w *world) complete(t testing.TB, token string) error {
	return w.emails.CompleteVerification(t.Context(), token, domain.Client{IP: home})
}

func TestASignUpIsConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.register(t, ada).ID
	require.Nil(t, w.user(t, id).EmailVerifiedAt)
	token := w.mailedToken(t, ada, "confirm")
	w.events.Take()
	w.clock.Advance(time.Minute)
	require.NoError(t, w.complete(t, token))
	require.Equal(t, w.clock.Now(), *w.user(t, id).EmailVerifiedAt)
	require.Equal(t, []domain.SecurityEvent{{Name: domain.EventEmailConfirmed, UserID: id}}, w.events.Take())
	require.Equal(t, error(domain.ErrBadEmailToken), w.complete(t, token))
	require.Empty(t, w.events.Take())
}

// TestASignUpAndItsMailAreOneTransaction checks that neither exists without the other.
func TestASignUpAndItsMailAreOneTransaction(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.store.failCommit = domain.ErrStoreUnavailable
	_, err := w.auth.Register(t.Context(), domain.Registration{Email: ada, Password: domain.NewPassword(password)})
	require.ErrorIs(t, err, domain.ErrStoreUnavailable)
	w.store.failCommit = nil
	require.Empty(t, w.mails(t))
	w.register(t, ada)
	require.Len(t, w.mails(t), 1)
	_, err = w.auth.Register(t.Context(), domain.Registration{Email: ada, Password: domain.NewPassword(password)})
	require.ErrorIs(t, err, domain.ErrEmailTaken)
	require.Empty(t, w.mails(t))
}

// TestAStrangersAddressIsNotFlooded signs up, and deletes the account, again and again.
func TestAStrangersAddressIsNotFlooded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sent := 0
	for range 20 {
		_, caller := w.enter(t)
		for range 3 {
			require.NoError(t, w.auth.ChangePassword(t.Context(), caller, change(password, password)))
		}
		require.NoError(t, w.auth.DeleteAccount(t.Context(), caller))
		sent += len(w.mails(t))
	}
	require.LessOrEqual(t, sent, 10, "5 confirmations and 5 notices")
}

func TestRequestConfirmation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	first := w.mailedToken(t, ada, "confirm")
	client := domain.Client{IP: home}
	require.NoError(t, w.emails.RequestConfirmation(t.Context(), caller, client))
	require.Equal(t, error(domain.ErrBadEmailToken), w.complete(t, first))
	second := w.mailedToken(t, ada, "confirm")
	require.NoError(t, w.complete(t, second))
	require.NoError(t, w.emails.RequestConfirmation(t.Context(), caller, client))
	require.Empty(t, w.mails(t), "the address is confirmed")

	require.NoError(t, w.auth.DeleteAccount(t.Context(), caller))
	require.ErrorIs(t, w.emails.RequestConfirmation(t.Context(), caller, client), domain.ErrBadToken)
}

func TestRequestConfirmationIsThrottled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	client := domain.Client{IP: home}
	for range 4 { // the sign-up was the first
		require.NoError(t, w.emails.RequestConfirmation(t.Context(), caller, client))
	}
	requireThrottled(t, w.emails.RequestConfirmation(t.Context(), caller, client), "mail", time.Hour)
	require.Len(t, w.mails(t), 1, "one mail for all requests")
}

func TestAConfirmationIsNotSentTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.register(t, ada).ID
	verified, err := w.store.Users().VerifyEmail(t.Context(), id, ada, w.clock.Now())
	require.NoError(t, err)
	require.True(t, verified)
	require.Empty(t, w.mails(t))
}

func (w *world) requestAccount(t testing.TB, email, password string) {
	t.Helper()
	require.NoError(t, w.emails.RequestAccount(t.Context(), domain.Registration{Email: email, Password: domain.NewPassword(password)}))
}

func TestRequestAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.requestAccount(t, ada, newPassword)
	w.requestAccount(t, ada, password)
	_, err := w.login(t.Context(), ada, password)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	w.events.Take()
	token := w.mailedToken(t, ada, "confirm")
	require.NoError(t, w.complete(t, token))
	tokens := w.enterAgain(t)
	user := w.user(t, w.caller(t, tokens).UserID)
	require.Equal(t, domain.User{ID: user.ID, Email: ada, CreatedAt: w.clock.Now(), EmailVerifiedAt: user.EmailVerifiedAt}, user)
	require.Equal(t, w.clock.Now(), *user.EmailVerifiedAt)
	require.Equal(t, domain.SecurityEvent{Name: domain.EventEmailConfirmed, UserID: user.ID}, w.events.Take()[0])
	require.Equal(t, error(domain.ErrBadEmailToken), w.complete(t, token))

	err = w.emails.RequestAccount(t.Context(), domain.Registration{Email: "eve", Password: domain.NewPassword("short")})
	requireFields(t, err, "email format", "password min_length")
}

func TestRequestAccountForATakenAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.confirmed(t)
	w.requestAccount(t, "ADA@example.com", newPassword)
	require.Equal(t, []string{ada + ": You have an account already"}, w.subjects(t))
	w.enterAgain(t)
}

func TestRequestAccountWhoseAddressIsTakenMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.requestAccount(t, ada, newPassword)
	token := w.mailedToken(t, ada, "confirm")
	id := w.register(t, ada).ID
	for range 2 {
		require.ErrorIs(t, w.complete(t, token), domain.ErrEmailTaken)
	}
	require.Nil(t, w.user(t, id).EmailVerifiedAt)
	w.enterAgain(t)
}

func TestAVerificationTakesNoResetToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	w.mails(t)
	require.NoError(t, w.requestReset(t.Context(), ada))
	reset := w.mailedToken(t, ada, "reset")
	require.Equal(t, error(domain.ErrBadEmailToken), w.complete(t, reset))
	require.Equal(t, error(domain.ErrBadEmailToken), w.complete(t, ""))
	require.Nil(t, w.user(t, caller.UserID).EmailVerifiedAt)
	require.NoError(t, w.completeReset(t.Context(), reset, newPassword), "it is still good for a reset")
}

// TestALinkWorksOnceBesideItself completes each kind of link while another request has already found its token.
func TestALinkWorksOnceBesideItself(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T, w *world) (complete func() error){
		"reset": func(t *testing.T, w *world) func() error {
			w.confirmed(t)
			require.NoError(t, w.requestReset(t.Context(), ada))
			token := w.mailedToken(t, ada, "reset")
			return func() error { return w.completeReset(t.Context(), token, newPassword) }
		},
		"confirm": func(t *testing.T, w *world) func() error {
			w.enter(t)
			token := w.mailedToken(t, ada, "confirm")
			return func() error { return w.complete(t, token) }
		},
		"change": func(t *testing.T, w *world) func() error {
			_, caller := w.confirmed(t)
			token := w.requestChange(t, caller, bob)
			return func() error { return w.complete(t, token) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			complete := open(t, w)
			w.store.beginning = func() {
				w.store.beginning = nil
				require.NoError(t, complete())
			}
			require.ErrorIs(t, complete(), domain.ErrBadEmailToken)
		})
	}
}
