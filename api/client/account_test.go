package client_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/client"
)

func TestAccount(t *testing.T) {
	t.Parallel()
	s, session := logIn(t)
	api, ctx := session.API(), t.Context()

	account, err := session.SetName(ctx, "Ada")
	require.NoError(t, err)
	require.Equal(t, "Ada", account.Name)
	user, err := api.GetUser(ctx, account.ID)
	require.NoError(t, err)
	require.Equal(t, "Ada", user.Name)
	account, err = session.SetName(ctx, "")
	require.NoError(t, err)
	require.Empty(t, account.Name)
	require.NotContains(t, fmt.Sprintf("%v %+v", account, user), "map[")
	_, err = api.GetUser(ctx, 99)
	require.ErrorIs(t, err, client.ProblemCodeUserNotFound)

	require.ErrorIs(t, session.ChangePassword(ctx, "wrong", "seventeen purple gallons"), client.ProblemCodeInvalidCredentials)
	require.NoError(t, session.ChangePassword(ctx, password, "seventeen purple gallons"))
	_, err = api.Login(ctx, ada, password)
	require.ErrorIs(t, err, client.ProblemCodeInvalidCredentials)

	s.clock.Advance(11 * time.Minute)
	require.ErrorIs(t, session.DeleteAccount(ctx), client.ProblemCodeReauthenticationRequired)
	session, err = api.Login(ctx, ada, "seventeen purple gallons")
	require.NoError(t, err)
	require.NoError(t, session.DeleteAccount(ctx))
	_, err = session.Account(ctx)
	require.ErrorIs(t, err, client.ErrSessionEnded)
	_, err = api.SignUp(ctx, ada, password)
	require.NoError(t, err, "the address is free again")
}

func TestSessions(t *testing.T) {
	t.Parallel()
	_, laptop := logIn(t)
	ctx := t.Context()
	phone, err := laptop.API().Login(ctx, ada, password)
	require.NoError(t, err)
	tablet, err := laptop.API().Login(ctx, ada, password)
	require.NoError(t, err)

	sessions, err := laptop.ListSessions(ctx)
	require.NoError(t, err)
	require.Len(t, sessions, 3)
	for _, session := range sessions {
		require.Equal(t, "postern-go", session.UserAgent)
	}
	others, err := phone.ListSessions(ctx)
	require.NoError(t, err)
	for _, session := range others {
		if session.Current {
			require.NoError(t, laptop.EndSession(ctx, session.ID))
			require.ErrorIs(t, laptop.EndSession(ctx, session.ID), client.ProblemCodeSessionNotFound)
		}
	}
	_, err = phone.Account(ctx)
	require.ErrorIs(t, err, client.ErrSessionEnded)
	_, err = tablet.Account(ctx)
	require.NoError(t, err)

	require.NoError(t, laptop.EndOtherSessions(ctx))
	_, err = tablet.Account(ctx)
	require.ErrorIs(t, err, client.ErrSessionEnded)
	_, err = laptop.Account(ctx)
	require.NoError(t, err)
}
