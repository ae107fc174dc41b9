package main

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	client "example.com/postern/api/client/wire"
)

// TestOAuth2LibraryWorksUnchanged logs in and refreshes tokens with golang.org/x/oauth2.
func TestOAuth2LibraryWorksUnchanged(t *testing.T) {
	t.Parallel()
	a := newAttacker(t, launch(t, map[string]string{"POSTERN_TOKEN_TTL": "1m"}))
	first := a.signUp(ada)
	for name, style := range map[string]oauth2.AuthStyle{
		"tries both": oauth2.AuthStyleAutoDetect, "header": oauth2.AuthStyleInHeader, "form": oauth2.AuthStyleInParams,
	} {
		t.Run(name, func(t *testing.T) {
			endpoint := oauth2.Endpoint{TokenURL: a.s.url + "/token", AuthStyle: style}
			config := oauth2.Config{ClientID: "any", Endpoint: endpoint, Scopes: []string{"any"}}
			ctx := context.WithValue(t.Context(), oauth2.HTTPClient, a.client)
			before := time.Now()
			token, err := config.PasswordCredentialsToken(ctx, ada, goodPassword)
			after := time.Now()
			require.NoError(t, err)
			require.True(t, token.Valid())
			require.Equal(t, "Bearer", token.Type())
			require.False(t, token.Expiry.Before(before.Add(time.Minute)))
			require.False(t, token.Expiry.After(after.Add(time.Minute)))
			require.NotEqual(t, first.RefreshToken, token.RefreshToken)

			for range 2 { // the second refresh uses the refresh token of the first
				expired := *token
				expired.Expiry = time.Now().Add(-time.Minute)
				source := config.TokenSource(ctx, &expired)
				requireOK(t, oauth2.NewClient(ctx, source), a.s.url+"/users/me")
				token, err = source.Token()
				require.NoError(t, err)
				require.True(t, token.Valid())
				require.NotEqual(t, expired.AccessToken, token.AccessToken, "the library refreshed the token")
				require.NotEqual(t, expired.RefreshToken, token.RefreshToken)
			}

			_, err = config.PasswordCredentialsToken(ctx, ada, wrongPassword)
			requireInvalidGrant(t, err)
			a.s.end(t, &client.Token{RefreshToken: token.RefreshToken})
			token.Expiry = time.Now().Add(-time.Minute)
			_, err = config.TokenSource(ctx, token).Token()
			requireInvalidGrant(t, err)
		})
	}
}

func requireOK(t *testing.T, c *http.Client, address string) {
	t.Helper()
	answer, err := c.Get(address)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
}

// requireInvalidGrant checks that the library understands the error (RFC 6749, section 5.2).
func requireInvalidGrant(t *testing.T, err error) {
	t.Helper()
	var refused *oauth2.RetrieveError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "invalid_grant", refused.ErrorCode)
	require.NotEmpty(t, refused.ErrorDescription)
	require.Equal(t, http.StatusBadRequest, refused.Response.StatusCode)
}
