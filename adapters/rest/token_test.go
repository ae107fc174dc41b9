package rest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
)

func refreshForm(token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
}

func passwordForm(password string) url.Values {
	return url.Values{"grant_type": {"password"}, "username": {adaEmail}, "password": {password}}
}

func (a answer) oauth(t *testing.T) api.OAuthError {
	t.Helper()
	require.Equal(t, http.StatusBadRequest, a.StatusCode, string(a.body))
	var failure api.OAuthError
	a.decode(t, &failure)
	require.Equal(t, failure.Detail, failure.ErrorDescription)
	return failure
}

func TestInvalidTokenRequests(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.signUp(adaEmail)
	token := s.logIn(adaEmail)
	long := strings.Repeat("x", 1025)
	for name, c := range map[string]struct {
		form    url.Values
		code    api.OAuthErrorCode
		problem api.ProblemCode
		fields  []string
	}{
		"no grant type":                       {url.Values{"username": {"a"}}, "invalid_request", "validation", []string{"body /grant_type required"}},
		"another grant type":                  {url.Values{"grant_type": {"client_credentials"}}, "unsupported_grant_type", "validation", []string{"body /grant_type enum"}},
		"empty grant type":                    {url.Values{"grant_type": {""}}, "invalid_request", "validation", []string{"body /grant_type required"}},
		"no credentials":                      {url.Values{"grant_type": {"password"}}, "invalid_request", "validation", []string{"body /username required", "body /password required"}},
		"no refresh token":                    {url.Values{"grant_type": {"refresh_token"}}, "invalid_request", "validation", []string{"body /refresh_token required"}},
		"empty refresh token":                 {refreshForm(""), "invalid_request", "validation", []string{"body /refresh_token required"}},
		"repeated":                            {url.Values{"grant_type": {"password", "password"}, "username": {"a"}, "password": {"b"}}, "invalid_request", "validation", []string{"body /grant_type repeated"}},
		"wrong password":                      {passwordForm("wrong"), "invalid_grant", "invalid_credentials", nil},
		"unknown refresh token":               {refreshForm("nonsense"), "invalid_grant", "invalid_refresh_token", nil},
		"access token as refresh token":       {refreshForm(token.AccessToken), "invalid_grant", "invalid_refresh_token", nil},
		"password longer than any can be":     {passwordForm(long), "invalid_request", "validation", []string{"body /password max_length"}},
		"refresh token as a password's grant": {url.Values{"grant_type": {"password"}, "refresh_token": {token.RefreshToken}}, "invalid_request", "validation", []string{"body /username required", "body /password required"}},
	} {
		got := s.sendForm("/token", c.form)
		failure := got.oauth(t)
		require.Equal(t, c.code, failure.Error, name)
		require.Equal(t, c.problem, failure.Code, name)
		got.problem.Errors = failure.Errors
		require.Equal(t, c.fields, got.fields(), name)
	}
	require.Equal(t, api.OAuthErrorCodeInvalidRequest, s.sendForm("/token?grant_type=password", passwordForm(adaPassword)).oauth(t).Error, "the query is not read")
	broken := s.send("POST", "/token", "grant_type=%zz", "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, api.OAuthErrorCodeInvalidRequest, broken.oauth(t).Error)
	require.Equal(t, http.StatusUnprocessableEntity, s.sendJSON("POST", "/token", `{"grant_type":"password"}`).StatusCode)
	require.Equal(t, api.OAuthErrorCodeInvalidRequest, s.send("POST", "/token", "").oauth(t).Error, "no body is an empty form")
	empties := passwordForm(adaPassword)
	empties["refresh_token"], empties["scope"] = []string{""}, []string{""}
	require.Equal(t, http.StatusOK, s.sendForm("/token", empties).StatusCode)
	require.Equal(t, http.StatusUnsupportedMediaType, s.send("POST", "/token", "x", "Content-Type", "text/plain").StatusCode)
	access := s.send("GET", "/users/me", "", bearer(token.RefreshToken)...)
	require.Equal(t, http.StatusUnauthorized, access.StatusCode, "a refresh token is not an access token")
}

func TestLogout(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.signUp(adaEmail)
	usable := func(token api.Token) bool {
		return s.send("GET", "/users/me", "", bearer(token.AccessToken)...).StatusCode == http.StatusOK
	}
	other := s.logIn(adaEmail)
	s.clock.Advance(tokenLife)
	require.Equal(t, http.StatusUnauthorized, s.send("POST", "/logout", "", bearer(other.AccessToken)...).StatusCode, "it has expired")
	logOut := func(refresh string, header ...string) int {
		return s.send("POST", "/logout", url.Values{"refresh_token": {refresh}}.Encode(),
			append(header, "Content-Type", "application/x-www-form-urlencoded")...).StatusCode
	}
	require.Equal(t, http.StatusNoContent, logOut(other.RefreshToken, bearer(other.AccessToken)...))
	require.Equal(t, api.OAuthErrorCodeInvalidGrant, s.sendForm("/token", refreshForm(other.RefreshToken)).oauth(t).Error)

	require.Equal(t, http.StatusUnauthorized, s.send("POST", "/logout", "").StatusCode)
	require.Equal(t, http.StatusUnauthorized, s.sendForm("/logout", url.Values{"token": {"x"}}).StatusCode, "no other member replaces the token")
	require.Equal(t, http.StatusUnsupportedMediaType, s.sendJSON("POST", "/logout", `{"refresh_token":"x"}`).StatusCode)
	fourth := s.logIn(adaEmail)
	require.Equal(t, http.StatusNoContent, s.send("POST", "/logout", "", append(bearer(fourth.AccessToken), "Content-Type", "application/json")...).StatusCode, "an empty body needs no media type")
	require.False(t, usable(fourth))
	third := s.logIn(adaEmail)
	require.Equal(t, http.StatusNoContent, logOut("", bearer(s.logIn(adaEmail).AccessToken)...))
	require.Equal(t, http.StatusNoContent, s.send("POST", "/logout", "", append(bearer(third.AccessToken), "Content-Type", "application/x-www-form-urlencoded")...).StatusCode)
	require.False(t, usable(third))
}

func TestPublicKeys(t *testing.T) {
	t.Parallel()
	s := newService(t)
	got := s.send("GET", "/.well-known/jwks.json", "")
	require.Equal(t, http.StatusOK, got.StatusCode)
	require.Equal(t, "application/json", got.Header.Get("Content-Type"))
	require.Equal(t, "public, max-age=30", got.Header.Get("Cache-Control"))
	require.JSONEq(t, `{"keys":[]}`, string(got.body))
	s.keys = []byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a","alg":"EdDSA","use":"sig"}]}`)
	require.JSONEq(t, string(s.keys), string(s.send("GET", "/.well-known/jwks.json", "").body))
}

func TestLoginIsThrottled(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.signUp(adaEmail)
	wrong := func(target string) answer { return s.sendForm(target, passwordForm("wrong")) }
	for range 5 {
		require.Equal(t, http.StatusForbidden, wrong("/login").StatusCode)
	}
	hashed := s.hasher.Verifies()
	for _, target := range []string{"/login", "/token"} {
		got := s.sendForm(target, passwordForm(adaPassword))
		require.Equal(t, http.StatusTooManyRequests, got.StatusCode, "the correct password is throttled, too")
		require.Equal(t, "1", got.Header.Get("Retry-After"))
		require.Equal(t, api.ProblemCodeQuotaExceeded, got.problem.Code)
		require.Regexp(t, `^"login";q=5;w=[0-9]+$`, got.Header.Get("RateLimit-Policy"))
		require.Equal(t, `"login";r=0;t=1`, got.Header.Get("RateLimit"))
	}
	require.Equal(t, hashed, s.hasher.Verifies(), "nothing was hashed")
	s.clock.Advance(time.Second)
	require.Equal(t, http.StatusOK, s.sendForm("/login", passwordForm(adaPassword)).StatusCode)
	forged := s.send("POST", "/login", passwordForm("wrong").Encode(), "Content-Type", "application/x-www-form-urlencoded", "X-Forwarded-For", "198.51.100.7")
	require.Equal(t, http.StatusForbidden, forged.StatusCode)
}
