package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// TestTheLimitOfMailsTellsNobodyWhoHasAnAccount: what the owner of an account does is not counted as a request for a mail to the
// address. Otherwise the limit would be reached earlier if there is an account.
func TestTheLimitOfMailsTellsNobodyWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	require.NoError(t, w.emails.RequestConfirmation(t.Context(), caller, domain.Client{}))
	accepted := func(email string) (n int) {
		for w.requestReset(t.Context(), email) == nil {
			n++
		}
		require.ErrorIs(t, w.requestReset(t.Context(), email), domain.ErrTooMany)
		return n
	}
	require.Equal(t, accepted(ada), accepted(bob))
}

// TestAFullBacklogRefusesRequestsForMails: while too many mails wait, requests for a mail are refused, whatever the address.
// A mail that nobody asked for is left out.
func TestAFullBacklogRefusesRequestsForMails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.options()
	o.Backlog = domain.NewMailBacklog(w.store, 1)
	w.open(t, o)
	_, caller := w.enter(t)
	require.NoError(t, o.Backlog.Sample(t.Context()))

	for _, email := range []string{ada, bob} {
		require.ErrorIs(t, w.requestReset(t.Context(), email), domain.ErrMailBacklog)
	}
	require.ErrorIs(t, w.emails.RequestConfirmation(t.Context(), caller, domain.Client{}), domain.ErrMailBacklog)
	require.ErrorIs(t, w.emails.RequestAccount(t.Context(), domain.Registration{Email: bob, Password: domain.NewPassword(password)}), domain.ErrMailBacklog)
	require.ErrorIs(t, w.emails.ChangeEmail(t.Context(), caller, domain.EmailChange{Email: bob, Current: domain.NewPassword(password)}), domain.ErrMailBacklog)

	w.register(t, "grace@example.com")
	require.Len(t, w.mails(t), 1, "the mail that waited; the new account gets none")
	require.NoError(t, o.Backlog.Sample(t.Context()))
	require.NoError(t, w.requestReset(t.Context(), ada))
}

// TestEachKindOfMailHasItsOwnLimit checks that a stranger cannot keep the owner of an address from a reset by asking for
// other mails, and that a thief cannot use up the notices of a change.
func TestEachKindOfMailHasItsOwnLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	w.register(t, bob)
	w.mails(t)
	for range 5 {
		w.requestAccount(t, bob, newPassword)
		require.NoError(t, w.emails.ChangeEmail(t.Context(), caller, emailChange(bob, password, home)))
	}
	w.mails(t)
	require.NoError(t, w.requestReset(t.Context(), bob))
	require.NoError(t, w.completeReset(t.Context(), w.mailedToken(t, bob, "reset"), newPassword))
}

// TestAThiefCannotHideAChangeOfAddress asks for confirmations until no more are sent, and then changes the address.
func TestAThiefCannotHideAChangeOfAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	for w.emails.RequestConfirmation(t.Context(), caller, domain.Client{}) == nil {
		w.mails(t)
	}
	require.NoError(t, w.complete(t, w.requestChange(t, caller, bob)))
	require.Equal(t, []string{ada + ": Your e-mail address was changed"}, w.subjects(t))
}
