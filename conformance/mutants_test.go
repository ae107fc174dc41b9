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

// exchange is a request and its answer. A mutant changes one of them.
type exchange struct {
	*http.Request
	sent   string
	next   http.Handler
	answer *httptest.ResponseRecorder
}

// matches reports whether the request has the method and a path with the prefix.
func (e *exchange) matches(method, prefix string) bool {
	return e.Method == method && strings.HasPrefix(e.URL.Path, prefix)
}

// forward sends the request in its current form to the service.
func (e *exchange) forward() {
	e.answer = httptest.NewRecorder()
	e.Body, e.ContentLength = io.NopCloser(strings.NewReader(e.sent)), int64(len(e.sent))
	e.next.ServeHTTP(e.answer, e.Request)
}

// replaceInBody replaces a text in the answer.
func (e *exchange) replaceInBody(old, new string) {
	e.answer.Body = bytes.NewBuffer(bytes.ReplaceAll(e.answer.Body.Bytes(), []byte(old), []byte(new)))
}

// editMembers changes the members of the answer if it is an object.
func (e *exchange) editMembers(change func(map[string]any)) {
	var object map[string]any
	if json.Unmarshal(e.answer.Body.Bytes(), &object) == nil {
		change(object)
		text, _ := json.Marshal(object)
		e.answer.Body = bytes.NewBuffer(text)
	}
}

// respond replaces the answer.
func (e *exchange) respond(status int, media, text string) {
	e.answer.Code = status
	e.answer.Header().Set("Content-Type", media)
	e.answer.Body = bytes.NewBufferString(text)
}

// withFault puts a fault in front of a correct service. The fault handles one request at a time.
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

// mutateAnswer returns a fault in the answers to matching requests.
func mutateAnswer(method, prefix string, fault func(*exchange)) func(*exchange) {
	return func(e *exchange) {
		e.forward()
		if e.matches(method, prefix) {
			fault(e)
		}
	}
}

// mutateRequest returns a fault in matching requests on their way to the service.
func mutateRequest(method, prefix string, fault func(*exchange)) func(*exchange) {
	return func(e *exchange) {
		if e.matches(method, prefix) {
			fault(e)
		}
		e.forward()
	}
}

// replaceInRequest replaces a text in the body of the request.
func (e *exchange) replaceInRequest(old, new string) { e.sent = strings.ReplaceAll(e.sent, old, new) }

func dropHeader(name string) func(*exchange) {
	return func(e *exchange) { e.answer.Header().Del(name) }
}

func ignoreHeader(name string) func(*exchange) { return func(e *exchange) { e.Header.Del(name) } }

func ignoreQuery(name string) func(*exchange) {
	return func(e *exchange) {
		query := e.URL.Query()
		query.Del(name)
		e.URL.RawQuery = query.Encode()
	}
}

func linksElsewhere(e *exchange) {
	if link := e.answer.Header().Get("Link"); link != "" {
		e.answer.Header().Set("Link", strings.ReplaceAll(link, "</", "<https://elsewhere.example/"))
	}
}

// repeatsRow replaces the first row of each later page with the last row of that page.
func repeatsRow(e *exchange) {
	var rows []any
	if e.URL.Query().Get("cursor") == "" || json.Unmarshal(e.answer.Body.Bytes(), &rows) != nil || len(rows) < 2 {
		return
	}
	rows[0] = rows[len(rows)-1]
	text, _ := json.Marshal(rows)
	e.answer.Body = bytes.NewBuffer(text)
}

// TestFaultsAreFound runs one case for each fault. It must fail with the fault. TestServiceConforms runs all cases without
// faults.
func TestFaultsAreFound(t *testing.T) {
	t.Parallel()
	whole := newHandler(t)
	for name, m := range mutants() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			only := "^" + regexp.QuoteMeta(m.caseName) + "$"
			report := conform(t, withFault(whole, m.fault()), only)
			require.NotEmpty(t, report.Results)
			caught := report.Results[0]
			require.Equal(t, m.caseName, caught.Name)
			require.True(t, caught.Failed(), "the fault was not found")
			require.Regexp(t, `^curl `, caught.Violations[0].Curl)
			require.Contains(t, caught.String(), m.wantReport)
			t.Log(caught)
		})
	}
	require.GreaterOrEqual(t, len(mutants()), 20)
}
