package conformance_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
	"example.com/postern/api/contract"
	"example.com/postern/conformance"
)

// maxAccounts limits how many accounts a run creates. The documentation states it.
const maxAccounts = 5

// TestServiceConforms checks that the service passes every case, and that few accounts are created and all are deleted.
func TestServiceConforms(t *testing.T) {
	t.Parallel()
	var log recorder
	report := conform(t, log.wrap(newHandler(t)), "")
	requireNoBreach(t, report)
	created := log.count("POST", "/users", 201)
	require.LessOrEqual(t, created, maxAccounts)
	require.Equal(t, created, log.count("DELETE", "/users/me", 204), "deleted accounts")
	names, err := conformance.Cases()
	require.NoError(t, err)
	require.Len(t, report.Results, len(names)+1, "all cases and the cleanup")
	t.Log(report.Summary())
}

func TestEveryOperationHasAValidAndAnInvalidCase(t *testing.T) {
	t.Parallel()
	described, err := contract.Describe(api.OpenAPI)
	require.NoError(t, err)
	known := map[string]bool{"Any": true}
	for _, d := range described {
		known[d.ID] = true
	}
	names, err := conformance.Cases()
	require.NoError(t, err)
	valid, err := conformance.IsValid()
	require.NoError(t, err)
	good, bad, seen := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, name := range names {
		require.Regexp(t, `^[A-Z][A-Za-z]+/[a-z0-9-]+$`, name)
		require.False(t, seen[name], "%s occurs twice", name)
		seen[name] = true
		operation, _, _ := strings.Cut(name, "/")
		require.True(t, known[operation], name)
		if valid[name] {
			good[operation] = true
		} else {
			bad[operation] = true
		}
	}
	for operation := range known {
		require.True(t, good[operation], "%s has no valid case", operation)
		require.True(t, bad[operation], "%s has no invalid case", operation)
	}
}

// TestGivenAccountIsNotChanged compares an account with a name, a session and posts before and after a run.
func TestGivenAccountIsNotChanged(t *testing.T) {
	t.Parallel()
	const email, password = "ada@example.org", `correct "horse" & staple`
	var log recorder
	handler := log.wrap(newHandler(t))
	send := func(method, path, media, body, token string) string {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", media)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		require.Less(t, w.Code, 300, w.Body.String())
		return w.Body.String()
	}
	registration, err := json.Marshal(map[string]string{"email": email, "password": password})
	require.NoError(t, err)
	send("POST", "/users", "application/json", string(registration), "")
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	login := send("POST", "/login", "application/x-www-form-urlencoded", "username="+email+"&password=correct+%22horse%22+%26+staple", "")
	require.NoError(t, json.Unmarshal([]byte(login), &tokens))
	send("PATCH", "/users/me", "application/json", `{"name":"Ada"}`, tokens.AccessToken)
	send("POST", "/posts", "application/json", `{"title":"Mine","content":"stays"}`, tokens.AccessToken)
	state := func() (all string) {
		for _, path := range []string{"/users/me", "/users/me/posts", "/sessions", "/posts?limit=100"} {
			all += send("GET", path, "", "", tokens.AccessToken)
		}
		return all
	}
	before := state()
	report := conform(t, handler, "", func(o *conformance.Options) { o.Email, o.Password = email, password })
	requireNoBreach(t, report)
	require.Equal(t, before, state(), "nothing was added, changed or removed")
	require.LessOrEqual(t, log.failedLogins(), 6, "wrong passwords for all accounts; 5 for one account are free")
}

// TestCleanup covers complete runs, resources that a faulty server created by mistake, and interrupted runs.
func TestCleanup(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler http.Handler
		pattern string
		stop    bool
	}{
		"all cases":          {newHandler(t), "^(Create|List)", false},
		"created by mistake": {withFault(newHandler(t), mutants()["unknown members are accepted"].fault()), "^CreateUser/fields$", false},
		"interrupted":        {newHandler(t), "^CreatePost/", true},
		"without posts":      {newHandler(t), "^ListSessions/", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log recorder
			server := httptest.NewServer(log.wrap(c.handler))
			t.Cleanup(server.Close)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			report, err := conformance.Run(ctx, conformance.Options{Target: server.URL, Pattern: regexp.MustCompile(c.pattern), Done: func(conformance.Result) {
				if c.stop {
					stop()
				}
			}})
			if c.stop {
				require.ErrorIs(t, err, context.Canceled)
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, "Any/cleans-up", report.Results[len(report.Results)-1].Name)
			require.Empty(t, report.Results[len(report.Results)-1].Violations)
			require.NotZero(t, log.count("POST", "/users", 201))
			require.Equal(t, log.count("POST", "/users", 201), log.count("DELETE", "/users/me", 204))
		})
	}
}

func TestUnusableTargets(t *testing.T) {
	t.Parallel()
	for target, expected := range map[string]error{
		"":                          conformance.ErrTarget,
		"example.com":               conformance.ErrTarget,
		"ftp://example.com":         conformance.ErrTarget,
		"http://":                   conformance.ErrTarget,
		"http://example.com/api":    conformance.ErrTarget,
		"http://u:p@example.com":    conformance.ErrTarget,
		"http://example.com?x=1":    conformance.ErrTarget,
		"http://example.com?":       conformance.ErrTarget,
		"http://127.0.0.1:1":        conformance.ErrUnreachable,
		"http://127.0.0.1:1/":       conformance.ErrUnreachable,
		"http://nothing.invalid:80": conformance.ErrUnreachable,
	} {
		report, err := conformance.Run(t.Context(), conformance.Options{Target: target})
		require.ErrorIs(t, err, expected, target)
		require.Nil(t, report)
	}
}

// TestSlowServer checks a server that answers only its first request.
func TestSlowServer(t *testing.T) {
	t.Parallel()
	whole, asked := newHandler(t), 0
	report := conform(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked > 1 {
			<-r.Context().Done()
			return
		}
		whole.ServeHTTP(w, r)
	}), "^GetHealth/alive$", func(o *conformance.Options) { o.Timeout = 300 * time.Millisecond })
	require.Equal(t, "none within 300ms", report.Results[0].Violations[0].Actual)
}

// TestServerThatFallsSilent checks that a run ends soon against servers that answer only the first request, one with nothing and
// one with a body that does not end.
func TestServerThatFallsSilent(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(http.ResponseWriter){
		"no answer": func(http.ResponseWriter) {},
		"a body without an end": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			whole := newHandler(t)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1) > 1 {
					_, _ = io.Copy(io.Discard, r.Body) // else the end of the connection is not noticed
					answer(w)
					<-r.Context().Done()
					return
				}
				whole.ServeHTTP(w, r)
			}))
			t.Cleanup(server.Close)
			report, err := conformance.Run(t.Context(), conformance.Options{Target: server.URL, Timeout: 300 * time.Millisecond})
			require.ErrorIs(t, err, conformance.ErrGone)
			require.Len(t, report.Breaches(), 3)
			require.Equal(t, "the server is gone", report.Results[len(report.Results)-1].Skipped)
		})
	}
}
