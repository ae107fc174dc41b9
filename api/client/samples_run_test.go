package client_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/client"
)

// TestSamples runs the Go samples of the operations on one server.
func TestSamples(t *testing.T) {
	t.Parallel()
	s := newServer()
	t.Cleanup(s.Close)
	ctx := t.Context()
	require.NoError(t, CreateUser(ctx, s.URL))
	require.NoError(t, Login(ctx, s.URL))

	api, err := client.New(s.URL)
	require.NoError(t, err)
	logIn := func(password string) *client.Session {
		session, err := api.Login(ctx, ada, password)
		require.NoError(t, err)
		return session
	}
	require.NoError(t, CompleteEmailVerification(ctx, api, s.mailToken(t)))
	require.NoError(t, RequestPasswordReset(ctx, api))
	require.NoError(t, CompletePasswordReset(ctx, api, s.mailToken(t)))
	session := logIn(password)
	require.NoError(t, CreateToken(ctx, api, session))
	for _, sample := range []func(context.Context, *client.Session) error{
		GetCurrentUser, UpdateCurrentUser, CreatePost, ListOwnPosts, UpdatePost, PatchPost, VoteForPost, WithdrawVote, ExportAccount, ListSessions,
		EndOtherSessions, RequestEmailVerification, ChangeEmail,
	} {
		require.NoError(t, sample(ctx, session))
	}
	for _, sample := range []func(context.Context, *client.API) error{GetUser, ListPosts, GetPost, GetKeys, GetHealth, GetReadiness} {
		require.NoError(t, sample(ctx, api))
	}
	require.NoError(t, DeletePost(ctx, session))
	require.NoError(t, ChangePassword(ctx, session))
	require.NoError(t, Logout(ctx, session))

	const changed = "seventeen purple gallons of paint"
	require.NoError(t, EndSession(ctx, logIn(changed)))
	require.NoError(t, DeleteCurrentUser(ctx, logIn(changed)))
}
