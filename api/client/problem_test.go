package client_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/client"
)

func TestProblemNamesEachField(t *testing.T) {
	t.Parallel()
	_, session := logIn(t)
	_, err := session.CreatePost(t.Context(), client.PostInput{})
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	require.EqualValues(t, http.StatusUnprocessableEntity, p.Status)
	require.NotEmpty(t, p.RequestID)
	require.Len(t, p.TraceID, 32)
	require.ErrorIs(t, err, client.ProblemCodeValidation)
	require.NotErrorIs(t, err, client.ProblemCodeBusy)
	require.Equal(t, client.FieldProblemCodeMinLength, p.Field("/title").Code)
	require.Nil(t, p.Field("/published"))
	require.ErrorContains(t, err, "postern: 422 2 fields are not valid. /title must not be empty; /content must not be empty")
	require.ErrorContains(t, err, p.RequestID)
}

func TestProblemOfAnyAnswer(t *testing.T) {
	t.Parallel()
	date := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for name, c := range map[string]struct {
		answer answer
		code   client.ProblemCode
		asked  time.Duration
	}{
		"a problem":              {problem(404, client.ProblemCodePostNotFound, "7200"), client.ProblemCodePostNotFound, 2 * time.Hour},
		"a date":                 {problem(404, client.ProblemCodePostNotFound, date), client.ProblemCodePostNotFound, time.Hour},
		"nonsense":               {problem(404, client.ProblemCodePostNotFound, "-1"), client.ProblemCodePostNotFound, 0},
		"a code of the future":   {problem(409, "slug_taken", ""), "slug_taken", 0},
		"a proxy's page":         {answer{status: 413, body: "<html>"}, "", 0},
		"another's JSON":         {ok(404, `{"error":"no route"}`), "", 0},
		"success of another":     {answer{status: 200, body: "<html>Welcome"}, "", 0},
		"no content, unexpected": {answer{status: 204}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := (&script{answers: []answer{c.answer}}).api(t).GetPost(t.Context(), 1)
			var p *client.Problem
			require.ErrorAs(t, err, &p)
			require.EqualValues(t, c.answer.status, p.Status)
			require.Equal(t, c.code, p.Code)
			require.InDelta(t, c.asked, p.RetryAfter, float64(time.Minute))
			require.NotEmpty(t, p.Error())
		})
	}
}

func TestProblemExplainsAnHTMLPage(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 502} {
		s := &script{answers: []answer{{status: status, header: http.Header{"Content-Type": {"text/html"}}, body: "<html>"}}}
		_, err := s.api(t, client.UseRetry(client.Retry{})).GetPost(t.Context(), 1)
		require.ErrorContains(t, err, "a proxy or another server sent it", status)
	}
}

func TestNewRefusesABadBaseURL(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "postern.test", "localhost:8080", "ftp://postern.test", "http://", "/posts", "http://postern.test/?a=b", "http://%zz"} {
		_, err := client.New(base)
		require.Error(t, err, base)
	}
	for _, base := range []string{"http://postern.test", "https://postern.test/", "http://127.0.0.1:8080/prefix"} {
		_, err := client.New(base)
		require.NoError(t, err, base)
	}
}

// TestRedirectsAreNotFollowed logs in at a server that redirects to another one.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the password was sent") }))
	t.Cleanup(elsewhere.Close)
	s := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	t.Cleanup(s.Close)
	api, err := client.New(s.URL)
	require.NoError(t, err)
	_, err = api.Login(t.Context(), ada, password)
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	require.EqualValues(t, http.StatusTemporaryRedirect, p.Status)
}
