package rest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest"
	"example.com/postern/api"
	"example.com/postern/domain"
)

func smallBudget(o *rest.Options) { o.WorkMemory = rest.MinWorkMemory }

// exchange is a request that stays in flight while its body or its reader blocks.
type exchange struct {
	*httptest.ResponseRecorder
	held   chan struct{} // closed once the handler reads the body or writes the answer
	resume chan struct{}
	done   chan struct{}
}

func (e *exchange) hold() {
	select {
	case <-e.held:
	default:
		close(e.held)
	}
	<-e.resume
}

// finish unblocks the request and waits for it to end.
func (e *exchange) finish() *exchange {
	close(e.resume)
	<-e.done
	return e
}

// slowBody blocks before its first byte until finish is called.
type slowBody struct {
	io.Reader
	*exchange
}

func (b slowBody) Read(p []byte) (int, error) { b.hold(); return b.Reader.Read(p) }

// slowReader accepts the header at once. It blocks in the body until finish is called.
type slowReader struct{ *exchange }

func (r slowReader) Write(b []byte) (int, error) {
	if r.Code == http.StatusOK {
		r.hold()
	}
	return r.exchange.Write(b)
}

func (s *service) begin(ip string, r *http.Request, auth []string) (*exchange, bool) {
	s.t.Helper()
	e := &exchange{httptest.NewRecorder(), make(chan struct{}), make(chan struct{}), make(chan struct{})}
	r.RemoteAddr = ip + ":1"
	for i := 0; i < len(auth); i += 2 {
		r.Header.Set(auth[i], auth[i+1])
	}
	writer := http.ResponseWriter(slowReader{e})
	if r.Method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
		r.Body, writer = io.NopCloser(slowBody{r.Body, e}), e
	}
	go func() { defer close(e.done); s.Config.Handler.ServeHTTP(writer, r) }()
	select {
	case <-e.held:
		return e, true
	case <-e.done:
		return e, false
	}
}

// beginAll starts requests until one is rejected. It returns the held requests and the rejected one.
func (s *service) beginAll(ip string, auth []string, request func() *http.Request) (held []*exchange, last *exchange) {
	s.t.Helper()
	for range 1000 {
		e, holds := s.begin(ip, request(), auth)
		if !holds {
			return held, e
		}
		held = append(held, e)
	}
	require.FailNow(s.t, "there is no limit")
	return nil, nil
}

func (s *service) sendFrom(ip, method, target string) int {
	w, r := httptest.NewRecorder(), httptest.NewRequest(method, target, nil)
	r.RemoteAddr = ip + ":1"
	s.Config.Handler.ServeHTTP(w, r)
	return w.Code
}

func requireBusy(t *testing.T, e *exchange) {
	t.Helper()
	require.Equal(t, http.StatusServiceUnavailable, e.Code, e.Body)
	require.Equal(t, "1", e.Header().Get("Retry-After"))
	var problem api.Problem
	require.NoError(t, json.Unmarshal(e.Body.Bytes(), &problem))
	require.Equal(t, api.ProblemCodeBusy, problem.Code)
}

func (s *service) requireProbes(t *testing.T, ip string) {
	t.Helper()
	require.Equal(t, http.StatusOK, s.sendFrom(ip, "GET", "/healthz"))
	require.Equal(t, http.StatusOK, s.sendFrom(ip, "GET", "/readyz"))
}

// chunkedPost returns a request to create a post, without Content-Length.
func chunkedPost() *http.Request {
	r := httptest.NewRequest("POST", "/posts", strings.NewReader(`{"title":"A","content":"B"}`))
	r.ContentLength = -1
	return r
}

func TestBodyMemoryIsLimited(t *testing.T) {
	t.Parallel()
	s := newService(t, smallBudget)
	_, auth := s.signUp(adaEmail)
	held, refused := s.beginAll("192.0.2.1", auth, chunkedPost)
	requireBusy(t, refused)
	require.NotEmpty(t, held)
	require.Equal(t, http.StatusOK, s.sendFrom("192.0.2.1", "GET", "/posts"), "a small request still succeeds")
	for last := 2; ; last++ { // each new network gets a part of the remaining memory
		more, refused := s.beginAll(fmt.Sprintf("192.0.2.%d", last), auth, chunkedPost)
		requireBusy(t, refused)
		if held = append(held, more...); len(more) == 0 {
			break
		}
	}
	require.Less(t, len(held), 5, "six copies of a body of 1.2 MB")
	require.Equal(t, http.StatusOK, s.sendFrom("192.0.2.200", "GET", "/posts"), "a part is reserved for reads")
	s.requireProbes(t, "192.0.2.1")
	for _, e := range held {
		require.Equal(t, http.StatusCreated, e.finish().Code)
	}
	again, all := s.beginAll("192.0.2.1", auth, chunkedPost)
	requireBusy(t, all)
	require.NotEmpty(t, again, "finished requests release their memory")
	for _, e := range again {
		e.finish()
	}
}

// fill stores one full page of posts of the maximum length.
func (s *service) fill(owner domain.UserID, character string) {
	s.t.Helper()
	now := s.clock.Now()
	for range 100 {
		_, err := s.store.Posts().Insert(s.t.Context(), domain.NewPost{
			OwnerID: owner, Title: "x", Content: strings.Repeat(character, domain.MaxContent), Published: true, CreatedAt: now, PublishedAt: &now,
		})
		require.NoError(s.t, err)
	}
}

func page() *http.Request { return httptest.NewRequest("GET", "/posts?limit=100", nil) }

func TestMemoryOfSlowReadersIsLimited(t *testing.T) {
	t.Parallel()
	s := newService(t, smallBudget)
	account, auth := s.signUp(adaEmail)
	s.fill(domain.UserID(account.ID), "<")
	post, holds := s.begin("192.0.2.1", chunkedPost(), auth)
	require.True(t, holds)
	held, refused := s.beginAll("192.0.2.1", nil, page)
	requireBusy(t, refused)
	require.NotEmpty(t, held)
	require.Empty(t, refused.Header().Get("Link"), "no header of the rejected answer is sent")
	for last := 2; ; last++ {
		more, refused := s.beginAll(fmt.Sprintf("192.0.2.%d", last), nil, page)
		requireBusy(t, refused)
		if held = append(held, more...); len(more) == 0 {
			break
		}
	}
	require.Less(t, len(held), 32, "at 1 MB each")
	s.requireProbes(t, "192.0.2.1")
	require.Equal(t, http.StatusCreated, post.finish().Code, "a completed write is always answered")
	for _, e := range held {
		require.Equal(t, http.StatusOK, e.finish().Code)
	}
	require.Equal(t, http.StatusOK, s.sendFrom("192.0.2.1", "GET", "/posts?limit=100"))
}

func TestLargestPageFitsSmallestBudget(t *testing.T) {
	t.Parallel()
	s := newService(t, smallBudget)
	account, _ := s.signUp(adaEmail)
	s.fill(domain.UserID(account.ID), "\x01") // six bytes in JSON
	require.Equal(t, http.StatusOK, s.sendFrom("192.0.2.1", "GET", "/posts?limit=100"))
}

func TestEveryRequestIsCharged(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *rest.Options) { o.WorkMemory = 1 })
	for _, target := range []string{"/posts", "/users/me", "/nothing", "/openapi.json"} {
		require.Equal(t, http.StatusServiceUnavailable, s.sendFrom("192.0.2.1", "GET", target), "before anything else is checked")
	}
	require.Equal(t, http.StatusServiceUnavailable, s.sendFrom("192.0.2.1", "TRACE", "/posts"))
	s.requireProbes(t, "192.0.2.1")
}
