package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest"
	"example.com/postern/api"
	"example.com/postern/domain"
)

const exportPath = "/users/me/export"

// lines returns the lines of an export. The last one must be the end.
func (a answer) lines(t *testing.T) (lines []api.ExportLine) {
	t.Helper()
	require.Equal(t, http.StatusOK, a.StatusCode, string(a.body))
	require.Equal(t, "application/x-ndjson", a.Header.Get("Content-Type"))
	require.Equal(t, "no-store", a.Header.Get("Cache-Control"))
	require.True(t, bytes.HasSuffix(a.body, []byte("\n")))
	for text := range bytes.Lines(a.body) {
		var line api.ExportLine
		require.NoError(t, json.Unmarshal(text, &line))
		lines = append(lines, line)
	}
	last := lines[len(lines)-1]
	require.Equal(t, api.ExportLineTypeEnd, last.Type)
	require.EqualValues(t, len(lines)-1, *last.Lines)
	return lines[:len(lines)-1]
}

// Each line equals the answer of another operation.
func TestExportEqualsTheOtherOperations(t *testing.T) {
	t.Parallel()
	for _, checked := range []bool{false, true} {
		s := newService(t, func(o *rest.Options) { o.CheckAnswers = checked })
		account, auth := s.signUp(adaEmail)
		s.logIn(adaEmail)
		_, bob := s.signUp("bob@example.com")
		for i := range 30 {
			post := s.createPost(auth, api.PostInput{Title: "<&>\u2028", Content: strings.Repeat("é\x01\n", i*100+1), Published: new(i%3 > 0)})
			s.send("PUT", fmt.Sprintf("/posts/%d/vote", post.ID), "", auth...)
			s.send("PUT", fmt.Sprintf("/posts/%d/vote", s.createPost(bob, api.PostInput{Title: "t", Content: "c"}).ID), "", auth...)
		}
		var posts api.PostPage
		s.send("GET", "/users/me/posts?limit=100", "", auth...).decode(t, &posts)
		var sessions api.SessionList
		s.send("GET", "/sessions", "", auth...).decode(t, &sessions)

		lines := s.send("GET", exportPath, "", auth...).lines(t)
		require.Len(t, lines, 1+30+60+2)
		require.Equal(t, api.ExportLine{Type: api.ExportLineTypeAccount, Account: &account}, lines[0])
		for i := range posts {
			require.Equal(t, api.ExportLine{Type: api.ExportLineTypePost, Post: &posts[len(posts)-1-i]}, lines[1+i])
		}
		for i := range 60 {
			require.Equal(t, api.ExportLine{Type: api.ExportLineTypeVote, Vote: &api.ExportedVote{PostID: int64(i + 1)}}, lines[31+i])
		}
		for i := range sessions {
			require.Equal(t, api.ExportLine{Type: api.ExportLineTypeSession, Session: &sessions[i]}, lines[91+i])
		}
	}
}

func TestExportHead(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	s.createPost(auth, api.PostInput{Title: "t", Content: strings.Repeat("c", 100_000)})
	head := s.send("HEAD", exportPath, "", auth...)
	require.Equal(t, http.StatusOK, head.StatusCode)
	require.Equal(t, "application/x-ndjson", head.Header.Get("Content-Type"))
	require.EqualValues(t, -1, head.ContentLength)
	require.Equal(t, http.StatusUnauthorized, s.sendFrom("192.0.2.1", "HEAD", exportPath))
}

// failingExports writes some posts and then fails.
type failingExports struct {
	posts int
	err   error
	panic bool
}

func (e failingExports) Export(ctx context.Context, _ domain.Caller, _ domain.Client, to domain.ExportWriter) error {
	at := time.Now()
	for i := range e.posts {
		post := domain.Post{ID: domain.PostID(i + 1), OwnerID: 1, Title: "t", Content: strings.Repeat("c", 50_000), Version: 1, CreatedAt: at, UpdatedAt: at}
		if err := to.WritePost(ctx, post); err != nil {
			return err
		}
	}
	if e.panic {
		panic("boom")
	}
	return e.err
}

// A client must be able to see that an answer is not complete.
func TestExportThatFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		exports failingExports
		status  int
		code    string
	}{
		"running, before":  {failingExports{0, domain.ErrExportRunning, false}, 429, "export_running"},
		"too many, before": {failingExports{0, domain.ErrExportBusy, false}, 503, "busy"},
		"store, before":    {failingExports{0, domain.ErrStoreUnavailable, false}, 503, "store_unavailable"},
		"session, before":  {failingExports{0, domain.ErrBadToken, false}, 401, "invalid_token"},
		"fault, before":    {failingExports{0, errors.New("boom"), false}, 500, "internal"},
		"panic, before":    {failingExports{0, nil, true}, 500, "internal"},
		"store, after":     {failingExports{3, domain.ErrStoreUnavailable, false}, 503, ""},
		"session, after":   {failingExports{3, domain.ErrBadToken, false}, 401, ""},
		"fault, after":     {failingExports{3, errors.New("boom"), false}, 500, ""},
		"panic, after":     {failingExports{3, nil, true}, 500, ""},
	} {
		for _, checked := range []bool{false, true} {
			s := newService(t, func(o *rest.Options) { o.Exports, o.CheckAnswers = c.exports, checked })
			_, auth := s.signUp(adaEmail)
			if c.code != "" {
				got := s.send("GET", exportPath, "", auth...)
				require.Equal(t, c.status, got.StatusCode, name)
				require.EqualValues(t, c.code, got.problem.Code, name)
				continue
			}
			request, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+exportPath, nil)
			require.NoError(t, err)
			request.Header.Set(auth[0], auth[1])
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			body, err := io.ReadAll(response.Body)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, name)
			require.NotContains(t, string(body), `"end"`, name)
			require.NoError(t, response.Body.Close())
			require.Eventually(t, func() bool {
				return strings.Contains(s.log.String(), fmt.Sprintf(`"operation":"ExportAccount","status":%d`, c.status))
			}, time.Minute, time.Millisecond, name)
		}
	}
}

// A line that breaks the contract is not sent if answers are checked.
func TestCheckAnswersChecksLines(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *rest.Options) { o.CheckAnswers, o.Exports = true, invalidExports{} })
	_, auth := s.signUp(adaEmail)
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", exportPath, nil)
	r.Header.Set(auth[0], auth[1])
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { s.Config.Handler.ServeHTTP(w, r) })
	require.Empty(t, w.Body)
	require.Contains(t, s.log.String(), "a line of the answer breaks the contract")
	require.Contains(t, s.log.String(), `"status":500`)
}

type invalidExports struct{}

func (invalidExports) Export(ctx context.Context, _ domain.Caller, _ domain.Client, to domain.ExportWriter) error {
	return to.WriteVote(ctx, 0)
}

// A slow reader holds memory of the budget, but no slot for a request.
func TestExportMemoryIsLimited(t *testing.T) {
	t.Parallel()
	s := newService(t, smallBudget, func(o *rest.Options) {
		o.WorkRequests, o.Exports = 1, failingExports{posts: 3}
	})
	_, auth := s.signUp(adaEmail)
	export := func() *http.Request { return httptest.NewRequest("GET", exportPath, nil) }
	held, refused := s.beginAll("192.0.2.1", auth, export)
	requireBusy(t, refused)
	require.Len(t, held, 5, "half of 32 MiB, more than 3.5 MiB each")
	s.requireProbes(t, "192.0.2.1")
	require.Equal(t, http.StatusOK, s.sendFrom("192.0.2.2", "GET", "/posts"))
	for _, e := range held {
		require.Equal(t, http.StatusOK, e.finish().Code)
	}
	held, _ = s.beginAll("192.0.2.1", auth, export)
	require.Len(t, held, 5, "finished exports release their memory")
	for _, e := range held {
		e.finish()
	}
}

// laterExports is a service that is set after the handler was created.
type laterExports struct{ domain.ExportService }

// The service cuts off a client that does not read. Then the next export may run.
func TestExportToAClientThatDoesNotRead(t *testing.T) {
	t.Parallel()
	var exports laterExports
	s := newService(t, func(o *rest.Options) { o.Exports = &exports })
	exports.ExportService = domain.NewExports(s.store, s.ended, 1, 5*time.Second)
	account, auth := s.signUp(adaEmail)
	content := strings.Repeat("c", 100_000)
	var posts []domain.Post
	for range 200 { // more than the buffers of a connection hold
		post, err := s.store.Posts().Insert(t.Context(), domain.NewPost{OwnerID: domain.UserID(account.ID), Title: "t", Content: content})
		require.NoError(t, err)
		posts = append(posts, post)
	}
	connection, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	defer connection.Close()
	require.NoError(t, connection.(*net.TCPConn).SetReadBuffer(4<<10))
	_, err = fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: h\r\n%s: %s\r\n\r\n", exportPath, auth[0], auth[1])
	require.NoError(t, err)
	status := make([]byte, len("HTTP/1.1 200 OK"))
	_, err = io.ReadFull(connection, status)
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 200 OK", string(status))
	require.Equal(t, http.StatusTooManyRequests, s.send("GET", exportPath, "", auth...).StatusCode)
	require.Eventually(t, func() bool { return strings.Contains(s.log.String(), `"operation":"ExportAccount","status":499`) },
		time.Minute, time.Millisecond)
	for _, post := range posts { // so that a slow machine can write the whole export in time
		require.NoError(t, s.store.Posts().Delete(t.Context(), post.ID, post.OwnerID, post.Version))
	}
	s.send("GET", exportPath, "", auth...).lines(t)
}
