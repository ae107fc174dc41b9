package rest_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest"
	"example.com/postern/domain"
)

func (s *service) requestFrom(ip, method, target string) *exchange {
	e := &exchange{ResponseRecorder: httptest.NewRecorder()}
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = ip + ":1"
	s.Config.Handler.ServeHTTP(e, r)
	return e
}

func TestConcurrentRequestsAreLimited(t *testing.T) {
	t.Parallel()
	begun, end := make(chan struct{}), make(chan struct{})
	s := newService(t, func(o *rest.Options) {
		o.WorkRequests = 4
		o.Keys = func() []byte {
			begun <- struct{}{}
			<-end
			return []byte(`{"keys":[]}`)
		}
	})
	var working sync.WaitGroup
	statuses := make(chan int, 4)
	work := func(ip string) {
		working.Go(func() { statuses <- s.sendFrom(ip, "GET", "/.well-known/jwks.json") })
		<-begun
	}
	work("192.0.2.1")
	work("192.0.2.1")
	for _, target := range []string{"/posts", "/users/me", "/nothing", "/openapi.json", "/.well-known/jwks.json"} {
		refused := s.requestFrom("192.0.2.1", "GET", target)
		requireBusy(t, refused)
		require.Equal(t, "no-store", refused.Header().Get("Cache-Control"))
		require.Contains(t, refused.Body.String(), `"request_id":"`+refused.Header().Get("X-Request-Id")+`"`)
		require.Regexp(t, `"trace_id":"[0-9a-f]{32}"`, refused.Body.String())
	}
	work("192.0.2.2")
	requireBusy(t, s.requestFrom("192.0.2.2", "GET", "/posts"))
	requireBusy(t, s.requestFrom("192.0.2.3", "POST", "/posts")) // the last quarter is reserved for reads
	work("192.0.2.3")
	requireBusy(t, s.requestFrom("192.0.2.4", "GET", "/posts"))
	s.requireProbes(t, "192.0.2.4")
	require.Equal(t, http.StatusOK, s.sendFrom("192.0.2.4", "GET", "/healthz/"))
	close(end)
	working.Wait()
	for range 4 {
		require.Equal(t, http.StatusOK, <-statuses)
	}
	for range 8 {
		require.Equal(t, http.StatusOK, s.sendFrom("192.0.2.1", "GET", "/posts"), "finished requests release their slots")
	}
	require.NotContains(t, s.log.String(), "/posts")
}

func TestSlowClientsHoldNoSlot(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *rest.Options) { o.WorkRequests = 2 })
	account, auth := s.signUp(adaEmail)
	s.fill(domain.UserID(account.ID), "x")
	var slow []*exchange
	for range 8 {
		reader, held := s.begin("192.0.2.1", page(), nil)
		require.True(t, held)
		post, held := s.begin("192.0.2.1", chunkedPost(), auth)
		require.True(t, held)
		slow = append(slow, reader, post)
	}
	require.Equal(t, http.StatusOK, s.sendFrom("192.0.2.1", "GET", "/posts"))
	for _, e := range slow {
		require.Less(t, e.finish().Code, http.StatusBadRequest)
	}
}

// TestRejectedRequestsHaveCORSHeaders: a page in a browser can read why its request was rejected.
func TestRejectedRequestsHaveCORSHeaders(t *testing.T) {
	t.Parallel()
	var s *service
	var refused *exchange
	s = newService(t, func(o *rest.Options) {
		o.WorkRequests, o.AllowedOrigins = 1, []string{"https://a.example"}
		o.Keys = func() []byte { // while this request holds the only slot
			refused = &exchange{ResponseRecorder: httptest.NewRecorder()}
			r := httptest.NewRequest("GET", "/posts", nil)
			r.Header.Set("Origin", "https://a.example")
			r.Header.Set("X-Request-Id", "mine")
			s.Config.Handler.ServeHTTP(refused, r)
			return []byte(`{"keys":[]}`)
		}
	})
	require.Equal(t, http.StatusOK, s.sendFrom("192.0.2.1", "GET", "/.well-known/jwks.json"))
	requireBusy(t, refused)
	require.Equal(t, "https://a.example", refused.Header().Get("Access-Control-Allow-Origin"))
	require.Equal(t, "mine", refused.Header().Get("X-Request-Id"))
}
