package rest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest"
	"example.com/postern/api"
	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

// fakeEmails records its calls, and answers each with err.
type fakeEmails struct {
	asked []any
	err   error
}

func (f *fakeEmails) answer(in ...any) error { f.asked = append(f.asked, in...); return f.err }

func (f *fakeEmails) RequestReset(_ context.Context, in domain.ResetRequest) error {
	return f.answer(in.Email)
}

func (f *fakeEmails) CompleteReset(_ context.Context, in domain.ResetCompletion) error {
	return f.answer(in.Token, in.New.Reveal())
}

func (f *fakeEmails) RequestAccount(_ context.Context, in domain.Registration) error {
	return f.answer(in.Email, in.Password.Reveal())
}

func (f *fakeEmails) RequestConfirmation(_ context.Context, caller domain.Caller, _ domain.Client) error {
	return f.answer(caller.UserID)
}

func (f *fakeEmails) ChangeEmail(_ context.Context, caller domain.Caller, in domain.EmailChange) error {
	return f.answer(caller.UserID, in.Email, in.Current.Reveal())
}

func (f *fakeEmails) CompleteVerification(_ context.Context, token string, _ domain.Client) error {
	return f.answer(token)
}

// mailToken fits the contract, but is not a token of the service.
var mailToken = strings.Repeat("A", 91)

// emailRequests has a valid request for each operation that sends a mail or uses a link, and the call that it causes.
var emailRequests = []struct {
	method, target, body string
	status               int
	asked                []any
}{
	{"POST", "/password-resets", `{"email":"ada@example.com"}`, http.StatusAccepted, []any{adaEmail}},
	{"POST", "/password-resets/complete", `{"token":"` + mailToken + `","new_password":"seventeen purple gallons"}`, http.StatusNoContent, []any{mailToken, "seventeen purple gallons"}},
	{"POST", "/email-verifications/complete", `{"token":"` + mailToken + `"}`, http.StatusNoContent, []any{mailToken}},
	{"POST", "/users/me/email-verification", ``, http.StatusAccepted, []any{domain.UserID(1)}},
	{"PUT", "/users/me/email", `{"email":"ada2@example.com","current_password":"` + adaPassword + `"}`, http.StatusAccepted, []any{domain.UserID(1), "ada2@example.com", adaPassword}},
}

func TestEmailOperations(t *testing.T) {
	t.Parallel()
	emails := &fakeEmails{}
	s := newService(t, func(o *rest.Options) { o.Emails = emails })
	_, auth := s.signUp(adaEmail)
	for _, r := range emailRequests {
		emails.asked, emails.err = nil, nil
		header := auth
		if r.body != "" {
			header = append([]string{"Content-Type", "application/json"}, auth...)
		}
		done := s.send(r.method, r.target, r.body, header...)
		require.Equal(t, r.status, done.StatusCode, "%s %s", r.target, done.body)
		require.Empty(t, done.body, "the answer says nothing about an account")
		require.Equal(t, "no-store", done.Header.Get("Cache-Control"))
		require.Equal(t, r.asked, emails.asked)

		emails.err = &domain.Error{Kind: domain.ErrTooMany, Code: "quota_exceeded", Message: "Too many.", RetryAfter: time.Minute, Quota: &throttle.Quota{Policy: "mails", Limit: 5, Window: time.Hour}}
		if r.status == http.StatusAccepted {
			refused := s.send(r.method, r.target, r.body, header...)
			require.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
			require.Equal(t, "60", refused.Header.Get("Retry-After"))
			continue
		}
		emails.err = domain.ErrBadEmailToken
		refused := s.send(r.method, r.target, r.body, header...)
		require.Equal(t, http.StatusForbidden, refused.StatusCode)
		require.Equal(t, api.ProblemCode("invalid_email_token"), refused.problem.Code)
	}
}

// TestGarbageIsRefusedByTheContract: only texts that have the form of a token reach the service.
func TestGarbageIsRefusedByTheContract(t *testing.T) {
	t.Parallel()
	emails := &fakeEmails{}
	s := newService(t, func(o *rest.Options) { o.Emails = emails })
	for _, token := range []string{"", "x", strings.Repeat("A", 90) + "\u0000", strings.Repeat("é", 91), strings.Repeat("A", 90) + "=", strings.Repeat("A", 4096)} {
		body := toJSON(t, map[string]string{"token": token})
		refused := s.sendJSON("POST", "/email-verifications/complete", body)
		require.Equal(t, http.StatusUnprocessableEntity, refused.StatusCode, token)
		require.Equal(t, "/token", *refused.problem.Errors[0].Pointer)
		body = toJSON(t, map[string]string{"token": token, "new_password": "seventeen purple gallons"})
		require.Equal(t, http.StatusUnprocessableEntity, s.sendJSON("POST", "/password-resets/complete", body).StatusCode, token)
	}
	require.Equal(t, http.StatusRequestEntityTooLarge, s.sendJSON("POST", "/password-resets", `{"email":"`+strings.Repeat("a", 16<<10)+`"}`).StatusCode)
	require.Empty(t, emails.asked)
}

// TestVerifiedSignUp: the answer is the same whether the address has an account or not.
func TestVerifiedSignUp(t *testing.T) {
	t.Parallel()
	emails := &fakeEmails{}
	s := newService(t, func(o *rest.Options) { o.Emails, o.VerifiedSignUp = emails, true })
	asked := s.sendJSON("POST", "/users", toJSON(t, api.Registration{Email: adaEmail, Password: adaPassword}))
	require.Equal(t, http.StatusAccepted, asked.StatusCode)
	require.Empty(t, asked.body)
	require.Empty(t, asked.Header.Get("Location"))
	require.Equal(t, []any{adaEmail, adaPassword}, emails.asked)
	require.Equal(t, http.StatusUnprocessableEntity, s.sendJSON("POST", "/users", `{"email":"ada","password":"password"}`).StatusCode)
	require.Len(t, emails.asked, 2)
}
