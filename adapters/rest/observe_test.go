package rest_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest"
	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

// observer counts events.
type observer struct {
	mu       sync.Mutex
	active   int
	requests map[string]int // by operation and status
	limits   map[string]int
}

func observe(o *rest.Options) *observer {
	all := &observer{requests: map[string]int{}, limits: map[string]int{}}
	o.Observe = all
	return all
}

func (o *observer) RequestBegan() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.active++
}

func (o *observer) RequestEnded(operation string, status int, took time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.active--
	o.requests[fmt.Sprint(operation, " ", status, " ", took > 0)]++
}

func (o *observer) LimitHit(limit string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.limits[limit]++
}

// serve sends a request to the handler itself, so that it has ended when serve returns.
func (s *service) serve(method, target, body string, header ...string) int {
	r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(body))
	r.Method, r.URL.Path, r.RequestURI = method, target, target
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.Config.Handler.ServeHTTP(w, r)
	return w.Code
}

func TestRequestsAreObserved(t *testing.T) {
	t.Parallel()
	var seen *observer
	s := newService(t, func(o *rest.Options) {
		seen = observe(o)
		o.Posts = postsStub{o.Posts, func() error { panic("x") }}
	})
	_, auth := s.signUp(adaEmail)
	clear(seen.requests)
	s.serve("GET", "/posts/1", "")
	s.serve("GET", "/posts/2", "")
	s.serve("POST", "/posts", "{}")
	s.serve("PUT", "/posts/1/vote", "", auth...)
	s.serve("GET", "/healthz", "")
	s.serve("GET", "/openapi.json", "")
	s.serve("GET", "/nothing", "")
	s.serve("BREW", "/posts", "")
	require.Zero(t, seen.active)
	require.Equal(t, map[string]int{
		"GetPost 404 true": 2, "CreatePost 401 true": 1, "VoteForPost 500 true": 1, "GetHealth 200 true": 1, "GetDescription 200 true": 1,
		"unmatched 404 true": 1, "unmatched 405 true": 1,
	}, seen.requests)
	require.Empty(t, seen.limits)
}

// TestLimitsAreObserved makes an operation fail with the error of each limit.
func TestLimitsAreObserved(t *testing.T) {
	t.Parallel()
	var failure error
	var seen *observer
	s := newService(t, func(o *rest.Options) {
		seen = observe(o)
		o.Posts = postsStub{o.Posts, func() error { return failure }}
	})
	_, auth := s.signUp(adaEmail)
	quota := func(policy string) error {
		return fmt.Errorf("wrapped: %w", &domain.Error{Kind: domain.ErrTooMany, Code: "quota_exceeded", Quota: &throttle.Quota{Policy: policy}})
	}
	for _, failure = range []error{
		quota("login"), quota("signup"), quota("writes"), domain.ErrHasherBusy, domain.ErrSearchBusy, domain.ErrStoreUnavailable, domain.ErrNotPostOwner,
	} {
		s.serve("PUT", "/posts/1/vote", "", auth...)
	}
	require.Equal(t, map[string]int{"login": 1, "signup": 1, "writes": 1, "hashing": 1, "searches": 1}, seen.limits)
	for limit := range maps.Keys(seen.limits) {
		require.Contains(t, rest.Limits, limit)
	}
}

func TestRejectedRequestsAreObserved(t *testing.T) {
	t.Parallel()
	var seen *observer
	var s *service
	s = newService(t, func(o *rest.Options) {
		seen = observe(o)
		o.WorkRequests = 1
		o.Keys = func() []byte {
			require.Equal(t, http.StatusServiceUnavailable, s.serve("GET", "/posts", ""))
			return []byte(`{"keys":[]}`)
		}
	})
	require.Equal(t, http.StatusOK, s.serve("GET", "/.well-known/jwks.json", ""))
	require.Equal(t, map[string]int{"rejected 503 true": 1, "GetKeys 200 true": 1}, seen.requests)
	require.Equal(t, map[string]int{"requests": 1}, seen.limits)
	require.Zero(t, seen.active)
}

// TestClientsAddNoSeries sends random paths, methods and headers.
func TestClientsAddNoSeries(t *testing.T) {
	t.Parallel()
	var seen *observer
	s := newService(t, func(o *rest.Options) { seen = observe(o) })
	random := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		return strings.Map(func(rune) rune { return rune('A' + random.IntN(58)) }, strings.Repeat("x", 1+random.IntN(12)))
	}
	prefixes := []string{"/", "/posts/", "/users/", "/users/me/", "/posts/1/", "/problems/", "/docs/"}
	for range 1000 {
		path := prefixes[random.IntN(len(prefixes))] + word()
		header := []string{"X-Request-Id", word(), "Traceparent", word(), word(), word(), "Authorization", "Bearer " + word(), "Origin", word()}
		method := http.MethodGet
		if random.IntN(2) == 0 {
			method = word()
		}
		s.serve(method, path, word(), header...)
	}
	known := []string{"unmatched", "GetDescription"}
	for kind := range seen.requests {
		operation, _, _ := strings.Cut(kind, " ")
		require.True(t, slices.Contains(known, operation) || strings.HasPrefix(operation, "Get"), kind)
	}
	require.Less(t, len(seen.requests), 20, "%v", slices.Sorted(maps.Keys(seen.requests)))
	require.Empty(t, seen.limits)
}
