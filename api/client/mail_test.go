package client_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/client"
)

func TestAccountsByMail(t *testing.T) {
	t.Parallel()
	s, session := logIn(t)
	api, ctx := session.API(), t.Context()

	account, err := session.Account(ctx)
	require.NoError(t, err)
	require.Zero(t, account.EmailVerifiedAt)
	confirm := s.mailToken(t)
	require.NoError(t, api.ConfirmEmail(ctx, confirm))
	require.ErrorIs(t, api.ConfirmEmail(ctx, confirm), client.ProblemCodeInvalidEmailToken)
	account, err = session.Account(ctx)
	require.NoError(t, err)
	require.Equal(t, s.clock.Now(), account.EmailVerifiedAt)
	require.NoError(t, session.RequestConfirmation(ctx), "nothing is left to confirm")

	require.ErrorIs(t, session.ChangeEmail(ctx, "wrong", "grace@example.com"), client.ProblemCodeInvalidCredentials)
	require.NoError(t, session.ChangeEmail(ctx, password, "grace@example.com"))
	require.NoError(t, api.ConfirmEmail(ctx, s.mailToken(t)))
	account, err = session.Account(ctx)
	require.NoError(t, err)
	require.Equal(t, "grace@example.com", account.Email)

	require.NoError(t, api.RequestPasswordReset(ctx, "nobody@example.com"))
	require.NoError(t, api.RequestPasswordReset(ctx, "grace@example.com"))
	reset := s.mailToken(t)
	require.ErrorIs(t, api.ResetPassword(ctx, reset, "password"), client.ProblemCodeValidation)
	require.NoError(t, api.ResetPassword(ctx, reset, "seventeen purple gallons"))
	require.ErrorIs(t, api.ResetPassword(ctx, reset, "seventeen purple gallons"), client.ProblemCodeInvalidEmailToken)
	_, err = session.Account(ctx)
	require.ErrorIs(t, err, client.ErrSessionEnded)
	_, err = api.Login(ctx, "grace@example.com", "seventeen purple gallons")
	require.NoError(t, err)
}

// TestSignUpByMail: a server with POSTERN_SIGNUP=verified answers 202 without a body.
func TestSignUpByMail(t *testing.T) {
	t.Parallel()
	s := &script{answers: []answer{{status: http.StatusAccepted}, {status: http.StatusAccepted, body: "a page"}}}
	account, err := s.api(t).SignUp(t.Context(), ada, password)
	require.ErrorIs(t, err, client.ErrMailSent)
	require.Nil(t, account)
	_, err = s.api(t).SignUp(t.Context(), ada, password)
	require.NotErrorIs(t, err, client.ErrMailSent, "the answer of another server")
}
