package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	client "example.com/postern/api/client/wire"
)

const newPassword = "seventeen purple gallons of paint"

// account returns the account of an access token.
func (s *instance) account(t *testing.T, access string) *client.Account {
	t.Helper()
	answer, err := s.client(t).GetCurrentUserWithResponse(t.Context(), bearer(access))
	require.NoError(t, err)
	require.NotNil(t, answer.JSON200, string(answer.Body))
	return answer.JSON200
}

func (s *instance) askForReset(t *testing.T, email string) {
	t.Helper()
	answer, err := s.client(t).RequestPasswordResetWithResponse(t.Context(), client.PasswordResetRequest{Email: email})
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, answer.StatusCode(), string(answer.Body))
}

// completeReset returns the status and the code.
func (s *instance) completeReset(t *testing.T, token, password string) (int, string) {
	t.Helper()
	answer, err := s.client(t).CompletePasswordResetWithResponse(t.Context(), client.PasswordReset{Token: token, NewPassword: password})
	require.NoError(t, err)
	return answer.StatusCode(), codeOf(answer.JSONDefault)
}

// confirm returns the status and the code.
func (s *instance) confirm(t *testing.T, token string) (int, string) {
	t.Helper()
	answer, err := s.client(t).CompleteEmailVerificationWithResponse(t.Context(), client.EmailVerification{Token: token})
	require.NoError(t, err)
	return answer.StatusCode(), codeOf(answer.JSONDefault)
}

func codeOf(p *client.Problem) string {
	if p == nil {
		return ""
	}
	return string(p.Code)
}

// logInStatus returns the status of a login.
func (s *instance) logInStatus(t *testing.T, email, password string) int {
	t.Helper()
	login, err := s.client(t).LoginWithFormdataBodyWithResponse(t.Context(), client.LoginForm{Username: email, Password: password})
	require.NoError(t, err)
	return login.StatusCode()
}

// onTwoInstances runs a test with two instances on each kind of store, or one on SQLite, and with their mailbox.
func onTwoInstances(t *testing.T, test func(t *testing.T, one, two *instance, mails *mailbox), settings ...string) {
	t.Helper()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		mails := newMailbox(t, env)
		for i := 0; i < len(settings); i += 2 {
			env[settings[i]] = settings[i+1]
		}
		one := launch(t, env)
		two := one
		if env["POSTERN_DATABASE_URL"] != "" {
			two = launch(t, env)
		}
		test(t, one, two, mails)
	})
}

func TestSignUpIsConfirmedByMail(t *testing.T) {
	t.Parallel()
	onTwoInstances(t, func(t *testing.T, one, two *instance, mails *mailbox) {
		login := one.signUp(t, ada)
		require.True(t, one.account(t, login.AccessToken).EmailVerifiedAt.IsNull())
		first := mails.next(t, ada, "Confirm").token(t)

		again, err := one.client(t).RequestEmailVerificationWithResponse(t.Context(), bearer(login.AccessToken))
		require.NoError(t, err)
		require.Equal(t, http.StatusAccepted, again.StatusCode())
		second := mails.next(t, ada, "Confirm").token(t)
		status, code := two.confirm(t, first)
		require.Equal(t, []any{http.StatusForbidden, "invalid_email_token"}, []any{status, code}, "the newer mail replaces it")

		status, _ = two.confirm(t, second)
		require.Equal(t, http.StatusNoContent, status)
		require.False(t, one.account(t, login.AccessToken).EmailVerifiedAt.IsNull())
		status, code = one.confirm(t, second)
		require.Equal(t, []any{http.StatusForbidden, "invalid_email_token"}, []any{status, code}, "a link works once")
	})
}

func TestPasswordIsResetByMail(t *testing.T) {
	t.Parallel()
	onTwoInstances(t, func(t *testing.T, one, two *instance, mails *mailbox) {
		laptop := one.signUp(t, ada)
		confirm := mails.next(t, ada, "Confirm").token(t)
		one.askForReset(t, "nobody@example.com")
		one.askForReset(t, "ADA@example.com")
		token := mails.next(t, ada, "Set a new password").token(t)

		// A token opens nothing but its own operation.
		for _, foreign := range []string{confirm, laptop.AccessToken, laptop.RefreshToken} {
			status, _ := two.completeReset(t, foreign, newPassword)
			require.Contains(t, []int{http.StatusForbidden, http.StatusUnprocessableEntity}, status)
		}
		status, _ := one.confirm(t, token)
		require.Equal(t, http.StatusForbidden, status)
		require.Equal(t, http.StatusUnauthorized, one.me(t, token))
		_, status = one.refresh(t, token)
		require.Equal(t, http.StatusBadRequest, status)

		// Scanners open links before people do. Neither a scanner nor a refused password uses up the link.
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			require.Equal(t, http.StatusOK, one.status(t, method, "/account/reset?token="+token, "", ""))
			require.Equal(t, http.StatusMethodNotAllowed, one.status(t, method, "/password-resets/complete", "", ""))
		}
		status, code := two.completeReset(t, token, "password")
		require.Equal(t, []any{http.StatusUnprocessableEntity, "validation"}, []any{status, code})

		status, _ = two.completeReset(t, token, newPassword)
		require.Equal(t, http.StatusNoContent, status)
		one.requireRefusedSoon(t, laptop.AccessToken)
		_, status = one.refresh(t, laptop.RefreshToken)
		require.Equal(t, http.StatusBadRequest, status)
		require.Equal(t, http.StatusForbidden, one.logInStatus(t, ada, goodPassword))
		require.False(t, one.account(t, one.logIn(t, ada, newPassword).AccessToken).EmailVerifiedAt.IsNull(), "the link has confirmed the address")
		status, code = one.completeReset(t, token, goodPassword)
		require.Equal(t, []any{http.StatusForbidden, "invalid_email_token"}, []any{status, code})
		status, _ = one.confirm(t, confirm)
		require.Equal(t, http.StatusForbidden, status, "a reset voids the other links")

		require.NotContains(t, mails.next(t, ada, "Your password was changed").text, "#token=")
		require.Zero(t, mails.count(t, "nobody@example.com"))
		for _, s := range []*instance{one, two} {
			_ = s.shutDown() // one and two are the same on SQLite
			requireCleanLog(t, s, token, confirm, newPassword, goodPassword)
		}
	})
}

func TestAddressIsChangedByMail(t *testing.T) {
	t.Parallel()
	const grace = "grace@example.com"
	onTwoInstances(t, func(t *testing.T, one, two *instance, mails *mailbox) {
		laptop, phone := one.signUp(t, ada), one.logIn(t, ada, goodPassword)
		bob := one.signUp(t, "bob@example.com")
		change := func(email, password string) int {
			answer, err := one.client(t).ChangeEmailWithResponse(t.Context(), client.EmailChange{Email: email, CurrentPassword: password}, bearer(laptop.AccessToken))
			require.NoError(t, err)
			return answer.StatusCode()
		}
		require.Equal(t, http.StatusForbidden, change(grace, newPassword))
		require.Equal(t, http.StatusAccepted, change("bob@example.com", goodPassword))
		require.NotContains(t, mails.next(t, "bob@example.com", "has an account already").text, "#token=")

		require.Equal(t, http.StatusAccepted, change(grace, goodPassword))
		require.NotContains(t, mails.next(t, ada, "change of your e-mail address").text, "#token=")
		token := mails.next(t, grace, "Confirm your new").token(t)
		require.Equal(t, ada, one.account(t, laptop.AccessToken).Email)

		status, _ := two.confirm(t, token)
		require.Equal(t, http.StatusNoContent, status)
		changed := one.account(t, laptop.AccessToken)
		require.Equal(t, grace, changed.Email)
		require.False(t, changed.EmailVerifiedAt.IsNull())
		one.requireRefusedSoon(t, phone.AccessToken)
		require.Equal(t, http.StatusOK, one.me(t, bob.AccessToken))
		require.Equal(t, http.StatusForbidden, one.logInStatus(t, ada, goodPassword))
		one.logIn(t, grace, goodPassword)
		mails.next(t, ada, "Your e-mail address was changed")
		status, _ = one.confirm(t, token)
		require.Equal(t, http.StatusForbidden, status)
	})
}

// TestVerifiedSignUpHidesWhoHasAnAccount: with POSTERN_SIGNUP=verified, only the mail says whether an address has an account.
func TestVerifiedSignUpHidesWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	onTwoInstances(t, func(t *testing.T, one, two *instance, mails *mailbox) {
		signUp := func(password string) {
			answer, err := one.client(t).CreateUserWithResponse(t.Context(), client.Registration{Email: ada, Password: password})
			require.NoError(t, err)
			require.Equal(t, http.StatusAccepted, answer.StatusCode(), string(answer.Body))
			require.Empty(t, answer.Body)
			require.Empty(t, answer.HTTPResponse.Header.Get("Location"))
		}
		signUp(goodPassword)
		token := mails.next(t, ada, "Finish your sign-up").token(t)
		require.Equal(t, http.StatusForbidden, one.logInStatus(t, ada, goodPassword), "there is no account yet")
		status, _ := two.confirm(t, token)
		require.Equal(t, http.StatusNoContent, status)
		require.False(t, one.account(t, one.logIn(t, ada, goodPassword).AccessToken).EmailVerifiedAt.IsNull())

		signUp(newPassword)
		require.NotContains(t, mails.next(t, ada, "You have an account already").text, "#token=")
		require.Equal(t, http.StatusForbidden, one.logInStatus(t, ada, newPassword))
		status, _ = one.confirm(t, token)
		require.Equal(t, http.StatusForbidden, status)
	}, "POSTERN_SIGNUP", "verified")
}

// TestRequestsForMailsTellNobodyWhoHasAnAccount compares whole answers: status, headers and body.
func TestRequestsForMailsTellNobodyWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	onTwoInstances(t, func(t *testing.T, one, _ *instance, _ *mailbox) {
		login := one.signUp(t, ada)
		one.signUp(t, "bob@example.com")
		ask := func(method, path, body string) (int, http.Header, string) {
			return one.whole(t, method, path, login.AccessToken, body)
		}
		for _, c := range []struct{ method, path, known, unknown string }{
			{"POST", "/password-resets", `{"email":"ada@example.com"}`, `{"email":"eve@example.com"}`},
			{"PUT", "/users/me/email", `{"email":"bob@example.com","current_password":"` + goodPassword + `"}`,
				`{"email":"trudy@example.com","current_password":"` + goodPassword + `"}`},
		} {
			for range 7 { // past the limit of mails to one address
				status, header, body := ask(c.method, c.path, c.known)
				unknownStatus, unknownHeader, unknownBody := ask(c.method, c.path, c.unknown)
				require.Equal(t, status, unknownStatus, c.path)
				require.Equal(t, header, unknownHeader, c.path)
				require.Equal(t, body, unknownBody, c.path)
			}
		}
	})
}

// TestTwoRacersWithOneToken: one of them wins, on either instance.
func TestTwoRacersWithOneToken(t *testing.T) {
	t.Parallel()
	onTwoInstances(t, func(t *testing.T, one, two *instance, mails *mailbox) {
		one.signUp(t, ada)
		one.askForReset(t, ada)
		token := mails.next(t, ada, "Set a new password").token(t)
		statuses := make(chan int)
		for i := range 8 {
			s := []*instance{one, two}[i%2]
			go func() {
				status, _ := s.completeReset(t, token, newPassword)
				statuses <- status
			}()
		}
		seen := map[int]int{}
		for range 8 {
			seen[<-statuses]++
		}
		require.Equal(t, 1, seen[http.StatusNoContent], "%v", seen)
		// On a slow machine a password may wait too long for a hash worker.
		require.Equal(t, 7, seen[http.StatusForbidden]+seen[http.StatusServiceUnavailable], "%v", seen)
		status, _ := two.completeReset(t, token, newPassword)
		require.Equal(t, http.StatusForbidden, status)
	})
}

var waits = regexp.MustCompile(`;t=\d+$`)

// whole returns an answer without the parts that differ in every request: the time, the identifier, and the seconds to wait.
func (s *instance) whole(t *testing.T, method, path, access, body string) (int, http.Header, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+access)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Request-Id", "same")
	request.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	answer.Header.Del("Date")
	if answer.Header.Get("Retry-After") != "" {
		answer.Header.Set("Retry-After", "later")
		answer.Header.Set("RateLimit", waits.ReplaceAllString(answer.Header.Get("RateLimit"), ""))
	}
	return answer.StatusCode, answer.Header, string(text)
}
