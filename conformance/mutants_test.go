package conformance_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// exchange is a request with its body and the answer to it, which a mutant changes.
type exchange struct {
	*http.Request
	sent   string
	next   http.Handler
	answer *httptest.ResponseRecorder
}

// matches tells whether it is of a method and of a path that begins so.
func (e *exchange) matches(method, prefix string) bool {
	return e.Method == method && strings.HasPrefix(e.URL.Path, prefix)
}

// forward has the service answer the request as it is now.
func (e *exchange) forward() {
	e.answer = httptest.NewRecorder()
	e.Body, e.ContentLength = io.NopCloser(strings.NewReader(e.sent)), int64(len(e.sent))
	e.next.ServeHTTP(e.answer, e.Request)
}

// replace puts another text for one in the answer.
func (e *exchange) replace(old, new string) {
	e.answer.Body = bytes.NewBuffer(bytes.ReplaceAll(e.answer.Body.Bytes(), []byte(old), []byte(new)))
}

// edit changes the members of the answer, which is an object.
func (e *exchange) edit(change func(map[string]any)) {
	var object map[string]any
	if json.Unmarshal(e.answer.Body.Bytes(), &object) == nil {
		change(object)
		text, _ := json.Marshal(object)
		e.answer.Body = bytes.NewBuffer(text)
	}
}

// respond answers in place of the service.
func (e *exchange) respond(status int, media, text string) {
	e.answer.Code = status
	e.answer.Header().Set("Content-Type", media)
	e.answer.Body = bytes.NewBufferString(text)
}

// withFault puts a fault in front of a service that has none. The fault sees one request at a time.
func withFault(next http.Handler, fault func(*exchange)) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		sent, _ := io.ReadAll(r.Body)
		e := &exchange{Request: r, sent: string(sent), next: next}
		fault(e)
		for name, values := range e.answer.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(e.answer.Code)
		_, _ = w.Write(e.answer.Body.Bytes())
	})
}

// after is a fault in the answers to some requests.
func after(method, prefix string, fault func(*exchange)) func(*exchange) {
	return func(e *exchange) {
		e.forward()
		if e.matches(method, prefix) {
			fault(e)
		}
	}
}

// before is a fault in how some requests are read.
func before(method, prefix string, fault func(*exchange)) func(*exchange) {
	return func(e *exchange) {
		if e.matches(method, prefix) {
			fault(e)
		}
		e.forward()
	}
}

// replaceSent changes what the service gets to read.
func (e *exchange) replaceSent(old, new string) { e.sent = strings.ReplaceAll(e.sent, old, new) }

func without(name string) func(*exchange) {
	return func(e *exchange) { e.answer.Header().Del(name) }
}

func ignoring(name string) func(*exchange) { return func(e *exchange) { e.Header.Del(name) } }

func ignoringQuery(name string) func(*exchange) {
	return func(e *exchange) {
		query := e.URL.Query()
		query.Del(name)
		e.URL.RawQuery = query.Encode()
	}
}

// TestBrokenServersAreCaught breaks the service in one way after another: the case that is named must tell, and must not when
// the service is whole.
func TestBrokenServersAreCaught(t *testing.T) {
	t.Parallel()
	whole := newHandler(t)
	for name, m := range mutants() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			only := "^" + regexp.QuoteMeta(m.caughtBy) + "$"
			requireNoBreach(t, conform(t, whole, only))
			report := conform(t, withFault(whole, m.fault()), only)
			require.NotEmpty(t, report.Results)
			caught := report.Results[0]
			require.Equal(t, m.caughtBy, caught.Name)
			require.NotNil(t, caught.Failure, "nobody saw it")
			require.Regexp(t, `^curl `, caught.Failure.Curl)
			require.Contains(t, caught.Failure.Expected+" / "+caught.Failure.Actual, m.wantReport)
			t.Log(caught)
		})
	}
	require.GreaterOrEqual(t, len(mutants()), 20)
}
