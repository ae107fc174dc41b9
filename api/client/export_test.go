package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/client"
)

// exportAll returns the lines of an export up to an error.
func exportAll(ctx context.Context, session *client.Session) (lines []client.ExportLine, err error) {
	for line, err := range session.Export(ctx) {
		if err != nil {
			return lines, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// The export equals the results of the other calls.
func TestExport(t *testing.T) {
	t.Parallel()
	_, session := logIn(t)
	ctx := t.Context()
	for i := range 20 {
		post, err := session.CreatePost(ctx, client.PostInput{Title: "<t>", Content: strings.Repeat("é\n", 1+500*i), Published: new(i%2 == 0)})
		require.NoError(t, err)
		require.NoError(t, session.VoteForPost(ctx, post.ID))
	}
	lines, err := exportAll(ctx, session)
	require.NoError(t, err)
	account, err := session.Account(ctx)
	require.NoError(t, err)
	want := []client.ExportLine{{Type: client.ExportLineTypeAccount, Account: account}}
	page, err := session.OwnPostPage(ctx, client.OwnPostFilter{PageSize: 100})
	require.NoError(t, err)
	posts := page.Posts
	for i := range posts {
		want = append(want, client.ExportLine{Type: client.ExportLineTypePost, Post: &posts[len(posts)-1-i]})
	}
	for i := range posts {
		want = append(want, client.ExportLine{Type: client.ExportLineTypeVote, Vote: &client.ExportedVote{PostID: posts[len(posts)-1-i].ID}})
	}
	sessions, err := session.ListSessions(ctx)
	require.NoError(t, err)
	want = append(want, client.ExportLine{Type: client.ExportLineTypeSession, Session: &sessions[0]})
	require.Equal(t, want, lines)

	for range session.Export(ctx) {
		break // and the next one may begin
	}
	_, err = exportAll(ctx, session)
	require.NoError(t, err)
	require.NoError(t, session.Logout(ctx))
	_, err = exportAll(ctx, session)
	require.ErrorIs(t, err, client.ErrSessionEnded)
}

const (
	voteLine = `{"type":"vote","vote":{"post_id":1}}` + "\n"
	newLine  = `{"type":"new","new":{"a":1}}` + "\n"
)

// stream answers with the text, piece by piece, and then with an error.
type stream struct {
	pieces []string
	pause  time.Duration // before each piece
	err    error
	body   context.Context // of the request
}

func (s *stream) RoundTrip(r *http.Request) (*http.Response, error) {
	s.body = r.Context()
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/x-ndjson"}}, Body: io.NopCloser(s), Request: r}, nil
}

func (s *stream) Read(b []byte) (int, error) {
	if len(s.pieces) == 0 {
		return 0, s.err
	}
	select {
	case <-time.After(s.pause):
	case <-s.body.Done():
		return 0, s.body.Err()
	}
	n := copy(b, s.pieces[0])
	if s.pieces[0] = s.pieces[0][n:]; s.pieces[0] == "" {
		s.pieces = s.pieces[1:]
	}
	return n, nil
}

// session returns a session of the server.
func (s *stream) session(t *testing.T, timeout time.Duration) *client.Session {
	t.Helper()
	api, err := client.New("http://postern.test", client.UseClient(&http.Client{Transport: s, Timeout: timeout}))
	require.NoError(t, err)
	session, err := api.Resume(client.Tokens{AccessToken: "a", RefreshToken: "r", ExpiresAt: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	return session
}

func TestExportNoticesAnIncompleteAnswer(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection reset")
	for name, c := range map[string]struct {
		body  string
		err   error
		lines int
		want  error
	}{
		"complete":             {voteLine + newLine + `{"type":"end","lines":2}` + "\n", io.EOF, 2, nil},
		"without a last break": {voteLine + `{"type":"end","lines":1}`, io.EOF, 1, nil},
		"empty":                {"", io.EOF, 0, client.ErrExportIncomplete},
		"no end":               {voteLine + voteLine, io.EOF, 2, client.ErrExportIncomplete},
		"half a line":          {voteLine + voteLine[:9], io.EOF, 1, client.ErrExportIncomplete},
		"a line is missing":    {voteLine + `{"type":"end","lines":2}` + "\n", io.EOF, 1, client.ErrExportIncomplete},
		"lost":                 {voteLine, io.ErrUnexpectedEOF, 1, client.ErrExportIncomplete},
		"lost in a line":       {voteLine + voteLine[:9], lost, 1, lost},
		"an endless line":      {strings.Repeat("x", 5<<20), io.EOF, 0, client.ErrExportIncomplete},
	} {
		s := &stream{pieces: []string{c.body}, err: c.err}
		if c.body == "" {
			s.pieces = nil
		}
		lines, err := exportAll(t.Context(), s.session(t, 0))
		require.Len(t, lines, c.lines, name)
		require.ErrorIs(t, err, c.want, name)
		if c.want != nil {
			require.ErrorIs(t, err, client.ErrExportIncomplete, name)
		}
	}
}

// The timeout of the client counts from line to line, and not while a line is used.
func TestExportMayTakeLongButNotStall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lines := make([]string, 20, 21)
		for i := range lines {
			lines[i] = voteLine
		}
		lines = append(lines, fmt.Sprintf(`{"type":"end","lines":%d}`, len(lines)))
		s := &stream{pieces: lines, pause: 20 * time.Second, err: io.EOF}
		for _, err := range s.session(t, 30*time.Second).Export(t.Context()) {
			require.NoError(t, err)
			time.Sleep(time.Minute)
		}

		s = &stream{pieces: []string{voteLine, voteLine}, pause: 40 * time.Second, err: io.EOF}
		_, err := exportAll(t.Context(), s.session(t, 30*time.Second))
		require.ErrorIs(t, err, client.ErrExportIncomplete)
		require.ErrorContains(t, err, "the server sends nothing")

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s = &stream{pieces: []string{voteLine, voteLine}, pause: 40 * time.Second, err: io.EOF}
		_, err = exportAll(ctx, s.session(t, 30*time.Second))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, client.ErrExportIncomplete)
	})
}

func TestExportIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{
			{status: 429, header: http.Header{"Retry-After": {"5"}, "Content-Type": {"application/problem+json"}}, body: `{"code":"export_running"}`},
		}}
		api, err := client.New("http://postern.test", client.UseClient(&http.Client{Transport: s, Timeout: 3 * time.Second}))
		require.NoError(t, err)
		session, err := api.Resume(client.Tokens{AccessToken: "a", RefreshToken: "r", ExpiresAt: time.Now().Add(time.Hour)})
		require.NoError(t, err)
		_, err = exportAll(t.Context(), session)
		require.ErrorIs(t, err, client.ProblemCodeExportRunning)
		require.Len(t, s.requests, client.DefaultRetry.Attempts)
	})
}
