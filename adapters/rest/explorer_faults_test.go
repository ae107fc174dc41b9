package rest_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// TestExplorerFindsFaults puts one fault at a time in front of a correct handler.
func TestExplorerFindsFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plant func(http.Handler) http.Handler
		found string
	}{
		"a fault at a certain character": {onBody(func(w http.ResponseWriter, body []byte) bool {
			return bytes.ContainsRune(body, '\u202E') && problem(w, http.StatusInternalServerError, "internal")
		}), "server error: 500 internal"},
		"invalid input is accepted":    {onRequest(capLimit), "ListPosts: accepted invalid input: "},
		"unknown members are accepted": {onRequest(dropUnknown), "accepted invalid input: unknown member"},
		"too long is accepted": {onRequest(func(r *http.Request) {
			if key := r.Header.Get("Idempotency-Key"); len(key) > 255 {
				r.Header.Set("Idempotency-Key", key[:255])
			}
			query := r.URL.Query()
			if search := query.Get("search"); len(search) > 1000 {
				query.Set("search", search[:1000])
				r.URL.RawQuery = query.Encode()
			}
		}), "accepted invalid input: parameter "},
		"bytes are counted instead of characters": {onBody(func(w http.ResponseWriter, body []byte) bool {
			return len(body) > 900 && utf8.RuneCount(body) < 900 && problem(w, http.StatusUnprocessableEntity, "validation")
		}), "rejected valid input: 422 validation"},
		"an undeclared status": {onAnswer(func(r *http.Request, a *httptest.ResponseRecorder) {
			if r.Method == http.MethodDelete && a.Code == http.StatusNoContent {
				a.Code = http.StatusAccepted
			}
		}), "the answer breaks the contract: 202"},
		"a number as a string": {onAnswer(func(_ *http.Request, a *httptest.ResponseRecorder) {
			replaceBody(a, `"votes":0`, `"votes":"0"`)
		}), "the answer breaks the contract: 20"},
		"a header is missing": {onAnswer(func(_ *http.Request, a *httptest.ResponseRecorder) { a.Header().Del("X-Request-Id") }), "header X-Request-Id is missing"},
		"text is changed": {onRequest(func(r *http.Request) {
			if r.URL.Path == "/posts" && r.Method == http.MethodPost {
				rewrite(r, func(body []byte) []byte { return bytes.ReplaceAll(body, []byte("\u0301"), nil) })
			}
		}), "was not returned as it was sent"},
		"sessions never end": {cacheForever("/users/me", true), "an ended session was accepted: 200"},
		"answers are stale":  {cacheForever("/posts/", false), "a post changed without a request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all strings.Builder
			// Try a few seeds: one may miss a fault, and each new operation changes the requests of a seed.
			for seed := uint64(4); seed < 10 && !strings.Contains(all.String(), c.found); seed++ {
				for _, finding := range explore(t, c.plant(newService(t).Config.Handler), seed, explorerSteps, c.found).Findings {
					all.WriteString(finding.String() + "\n")
				}
			}
			require.Contains(t, all.String(), c.found)
			require.Contains(t, all.String(), `curl -i -X `)
		})
	}
}

func problem(w http.ResponseWriter, status int, code string) bool {
	for _, name := range []string{"Content-Security-Policy", "Cross-Origin-Resource-Policy", "Referrer-Policy", "X-Content-Type-Options", "Cache-Control"} {
		w.Header().Set(name, "x")
	}
	w.Header().Set("X-Request-Id", "x")
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"type":"t","title":"t","status":%d,"detail":"d","code":%q,"request_id":"x"}`, status, code)
	return true
}

func rewrite(r *http.Request, change func([]byte) []byte) {
	body, _ := io.ReadAll(r.Body)
	body = change(body)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

func onRequest(change func(*http.Request)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			change(r)
			next.ServeHTTP(w, r)
		})
	}
}

// onBody skips the handler if answered reports that it has answered the request.
func onBody(answered func(http.ResponseWriter, []byte) bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var sent []byte
			rewrite(r, func(body []byte) []byte { sent = body; return body })
			if r.URL.Path != "/posts" || r.Header.Get("Authorization") == "" || !answered(w, sent) {
				next.ServeHTTP(w, r)
			}
		})
	}
}

func onAnswer(change func(*http.Request, *httptest.ResponseRecorder)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			change(r, answer)
			replay(w, answer)
		})
	}
}

func replay(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func replaceBody(a *httptest.ResponseRecorder, from, to string) {
	a.Body = bytes.NewBufferString(strings.ReplaceAll(a.Body.String(), from, to))
}

var tooMany = regexp.MustCompile(`^[1-9][0-9]{2,}$`)

func capLimit(r *http.Request) {
	if query := r.URL.Query(); tooMany.MatchString(query.Get("limit")) {
		query.Set("limit", "100")
		r.URL.RawQuery = query.Encode()
	}
}

func dropUnknown(r *http.Request) {
	rewrite(r, func(body []byte) []byte { return bytes.Replace(body, []byte(`"Owner_id":1,`), nil, 1) })
}

// cacheForever repeats the first answer to each GET, like a cache without expiry.
func cacheForever(prefix string, withTokenOnly bool) func(http.Handler) http.Handler {
	answers := map[string]*httptest.ResponseRecorder{}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			key := r.URL.Path
			cached := r.Method == http.MethodGet && strings.HasPrefix(key, prefix) && r.URL.RawQuery == "" && r.Header.Get("If-None-Match") == ""
			if !cached || withTokenOnly && r.Header.Get("Authorization") == "" {
				next.ServeHTTP(w, r)
				return
			}
			if answers[key] == nil || answers[key].Code != http.StatusOK {
				answers[key] = httptest.NewRecorder()
				next.ServeHTTP(answers[key], r)
			}
			replay(w, answers[key])
		})
	}
}
