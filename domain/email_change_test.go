package domain_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func emailChange(email, password, ip string) domain.EmailChange {
	return domain.EmailChange{Email: email, Current: domain.NewPassword(password), Client: domain.Client{IP: ip}}
}

// requestChange asks to change the address, and returns the token.
func (w *world) requestChange(t testing.TB, c domain.Caller, email domain.Email) string {
	t.Helper()
	require.NoError(t, w.emails.ChangeEmail(t.Context(), c, emailChange(string(email), password, home)))
	for _, m := range w.mails(t) {
		if m.To == email {
			return tokenIn(t, m, "confirm")
		}
		require.Equal(t, "A change of your e-mail address was requested", m.Subject)
	}
	require.Fail(t, "no mail to the new address")
	return ""
}

func TestChangeEmail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine, caller := w.confirmed(t)
	other := w.enterAgain(t)
	otherCaller := w.caller(t, other)
	w.guess(t, 5, home, ada)
	w.clock.Advance(time.Minute)
	w.events.Take()
	require.NoError(t, w.emails.ChangeEmail(t.Context(), caller, emailChange("Bob@example.com", password, away)))
	require.Equal(t, []domain.SecurityEvent{
		{Name: domain.EventEmailChangeRequested, UserID: caller.UserID, SessionID: caller.SessionID},
	}, w.events.Take())
	sent := w.mails(t)
	require.Len(t, sent, 2)
	if sent[0].To == ada {
		sent[0], sent[1] = sent[1], sent[0]
	}
	require.Equal(t, domain.Email(ada), sent[1].To)
	require.Contains(t, sent[1].Text, "change your password at once")
	require.NotContains(t, sent[1].Text+sent[1].HTML, "ob@example", "no text of a user")
	require.Equal(t, domain.Email(ada), w.user(t, caller.UserID).Email, "nothing has changed yet")
	w.caller(t, other)

	require.NoError(t, w.complete(t, tokenIn(t, sent[0], "confirm")))
	require.Equal(t, []domain.SecurityEvent{
		ended(otherCaller), {Name: domain.EventEmailChanged, UserID: caller.UserID, SessionID: caller.SessionID},
	}, w.events.Take())
	w.requireOut(t, other)
	require.Equal(t, caller, w.caller(t, mine))
	user := w.user(t, caller.UserID)
	require.Equal(t, domain.Email("Bob@example.com"), user.Email)
	require.Equal(t, w.clock.Now(), *user.EmailVerifiedAt)
	require.Equal(t, []string{ada + ": Your e-mail address was changed"}, w.subjects(t))
	_, err := w.login(t.Context(), ada, password)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	require.NoError(t, w.loginFrom(t.Context(), home, bob, password))
	require.NotEqual(t, caller.UserID, w.register(t, ada).ID, "the former address is free")
	require.NoError(t, w.loginFrom(t.Context(), home, ada, password), "its throttles are forgotten")
}

func TestChangeEmailOfSpelling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.confirmed(t)
	require.NoError(t, w.complete(t, w.requestChange(t, caller, "Ada@Example.com")))
	require.Equal(t, domain.Email("Ada@Example.com"), w.user(t, caller.UserID).Email)
	w.enterAgain(t)
}

func TestChangeEmailNamesEveryBadField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	verifies := w.hasher.Verifies()
	requireFields(t, w.emails.ChangeEmail(t.Context(), caller, emailChange("eve", "", home)), "current_password required", "email format")
	require.Equal(t, verifies, w.hasher.Verifies())
}

// TestChangeEmailGuesses checks that guessing the password by changes of address is throttled and recorded like by logins.
func TestChangeEmailGuesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.confirmed(t)
	for range 5 {
		err := w.emails.ChangeEmail(t.Context(), caller, emailChange(bob, "wrong "+password, home))
		require.Equal(t, error(domain.ErrInvalidCredentials), err)
	}
	requireThrottled(t, w.emails.ChangeEmail(t.Context(), caller, emailChange(bob, password, home)), "login", time.Second)
	requireThrottled(t, w.loginFrom(t.Context(), home, ada, password), "login", time.Second)
	failed := domain.SecurityEvent{Name: domain.EventLoginFailed, UserID: caller.UserID, SessionID: caller.SessionID}
	throttled := domain.SecurityEvent{Name: domain.EventLoginThrottled, UserID: caller.UserID, SessionID: caller.SessionID}
	require.Equal(t, []domain.SecurityEvent{failed, failed, failed, failed, failed, throttled}, w.events.Take()[:6])
	require.Empty(t, w.mails(t))
	w.clock.Advance(time.Second)
	w.requestChange(t, caller, bob)
}

func TestChangeEmailToATakenAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.confirmed(t)
	w.register(t, "Bob@example.com")
	w.mails(t)
	require.NoError(t, w.emails.ChangeEmail(t.Context(), caller, emailChange(bob, password, home)))
	require.ElementsMatch(t, []string{
		ada + ": A change of your e-mail address was requested", "Bob@example.com: This e-mail address has an account already",
	}, w.subjects(t))
}

func TestChangeEmailToAnAddressThatIsTakenMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, caller := w.confirmed(t)
	other := w.enterAgain(t)
	token := w.requestChange(t, caller, bob)
	w.register(t, bob)
	require.ErrorIs(t, w.complete(t, token), domain.ErrEmailTaken)
	require.Equal(t, domain.Email(ada), w.user(t, caller.UserID).Email)
	w.caller(t, tokens)
	w.caller(t, other)
}

// TestAChangeOfAddressVoidsTheOtherTokens checks both orders of a reset by the former address and a change.
func TestAChangeOfAddressVoidsTheOtherTokens(t *testing.T) {
	t.Parallel()
	for _, changeFirst := range []bool{true, false} {
		w := newWorld(t)
		_, caller := w.confirmed(t)
		token := w.requestChange(t, caller, bob)
		require.NoError(t, w.requestReset(t.Context(), ada))
		reset := w.mailedToken(t, ada, "reset")
		if changeFirst {
			require.NoError(t, w.complete(t, token))
			require.Equal(t, error(domain.ErrBadEmailToken), w.completeReset(t.Context(), reset, newPassword))
		} else {
			require.NoError(t, w.completeReset(t.Context(), reset, newPassword))
			require.Equal(t, error(domain.ErrBadEmailToken), w.complete(t, token))
		}
	}
}

// TestAPasswordChangeDuringAChangeOfAddress changes the password after the old one was verified.
func TestAPasswordChangeDuringAChangeOfAddress(t *testing.T) {
	t.Parallel()
	for hash, want := range map[string]error{"fake$1$0$" + password: nil, "fake$1$0$another password": domain.ErrInvalidCredentials} {
		w := newWorld(t)
		_, caller := w.confirmed(t)
		known := w.credential(t)
		done := false
		w.store.throttled = func() { // after the password was verified, the mail is counted
			if !done && w.hasher.Verifies() > 1 {
				done = true
				_, err := w.store.Users().UpdatePasswordHash(t.Context(), known.UserID, known.PasswordHash, hash)
				require.NoError(t, err)
			}
		}
		require.ErrorIs(t, w.emails.ChangeEmail(t.Context(), caller, emailChange(bob, password, home)), want)
		require.True(t, done)
		require.Equal(t, want != nil, len(w.mails(t)) == 0)
	}
}

func TestNoticesCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.options()
	o.Notices = false
	w.open(t, o)
	_, caller := w.confirmed(t)
	require.NoError(t, w.complete(t, w.requestChange(t, caller, bob)))
	require.NoError(t, w.auth.ChangePassword(t.Context(), caller, change(password, newPassword)))
	require.NoError(t, w.auth.DeleteAccount(t.Context(), caller))
	require.Empty(t, w.mails(t))
}

func TestNotices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.confirmed(t)
	require.NoError(t, w.auth.ChangePassword(t.Context(), caller, change(password, newPassword)))
	require.Equal(t, []string{ada + ": Your password was changed"}, w.subjects(t))
	require.NoError(t, w.operator().SetPassword(t.Context(), ada, domain.NewPassword(password)))
	require.Equal(t, []string{ada + ": Your password was changed"}, w.subjects(t))
	tokens := w.enterAgain(t)
	require.NoError(t, w.auth.DeleteAccount(t.Context(), w.caller(t, tokens)))
	require.Equal(t, []string{ada + ": Your account was deleted"}, w.subjects(t))
}

// TestAStrangersAddressIsNotFloodedByChanges signs up with an address that is never confirmed, and moves each account to
// another one.
func TestAStrangersAddressIsNotFloodedByChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sent := 0
	for i := range 20 {
		_, caller := w.enter(t)
		own := domain.Email(fmt.Sprintf("own%d@example.com", i))
		require.NoError(t, w.emails.ChangeEmail(t.Context(), caller, emailChange(string(own), password, home)))
		for _, m := range w.mails(t) {
			if m.To == own {
				require.NoError(t, w.complete(t, tokenIn(t, m, "confirm")))
			} else {
				sent++
			}
		}
		sent += len(w.mails(t))
	}
	require.LessOrEqual(t, sent, 10, "5 confirmations and 5 notices")
}

// TestAFullBacklogHidesNoChangeOfAddress checks that the owner of a confirmed address is always told that it was replaced.
func TestAFullBacklogHidesNoChangeOfAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.options()
	o.Backlog = domain.NewMailBacklog(w.store, 1)
	w.open(t, o)
	_, caller := w.confirmed(t)
	token := w.requestChange(t, caller, bob)
	require.NoError(t, w.requestReset(t.Context(), "eve@example.com"))
	require.NoError(t, o.Backlog.Sample(t.Context()))
	require.ErrorIs(t, w.requestReset(t.Context(), "eve@example.com"), domain.ErrMailBacklog)
	require.NoError(t, w.complete(t, token))
	require.Equal(t, []string{ada + ": Your e-mail address was changed"}, w.subjects(t))
}

// TestAnOperatorVoidsAPendingChange checks that a thief cannot finish a change of address after an operator has reacted.
func TestAnOperatorVoidsAPendingChange(t *testing.T) {
	t.Parallel()
	for _, react := range []func(o domain.Operator) error{
		func(o domain.Operator) error { return second(o.Suspend(t.Context(), ada)) },
		func(o domain.Operator) error { return second(o.EndSessions(t.Context(), ada)) },
	} {
		w := newWorld(t)
		_, caller := w.confirmed(t)
		token := w.requestChange(t, caller, bob)
		require.NoError(t, react(w.operator()))
		require.Equal(t, error(domain.ErrBadEmailToken), w.complete(t, token))
		require.Equal(t, domain.Email(ada), w.user(t, caller.UserID).Email)
	}
}
