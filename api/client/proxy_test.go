package client_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/client"
)

// compressing returns a proxy in front of a server that compresses answers and rewrites their ETag.
func compressing(t *testing.T, server string, rewrite func(tag string) string) *httptest.Server {
	target, err := url.Parse(server)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		plain, err := io.ReadAll(r.Body)
		if err != nil || len(plain) == 0 {
			r.Body = http.NoBody
			return err
		}
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write(plain)
		_ = w.Close()
		r.Body = io.NopCloser(&packed)
		r.Header.Set("Content-Encoding", "gzip")
		r.Header.Set("Content-Length", strconv.Itoa(packed.Len()))
		if tag := r.Header.Get("ETag"); tag != "" {
			r.Header.Set("ETag", rewrite(tag))
		}
		return nil
	}
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	return front
}

// TestEditsBehindACompressingProxy checks that each edit takes one write, although the proxy rewrites the ETag header.
func TestEditsBehindACompressingProxy(t *testing.T) {
	t.Parallel()
	for name, rewrite := range map[string]func(string) string{
		"nginx":  func(tag string) string { return "W/" + tag },
		"Apache": func(tag string) string { return strings.TrimSuffix(tag, `"`) + `-gzip"` },
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer()
			t.Cleanup(s.Close)
			writes := 0
			s.hold.Store(func(r *http.Request) {
				if r.Method == http.MethodPut {
					writes++
				}
			})
			api, err := client.New(compressing(t, s.URL, rewrite).URL)
			require.NoError(t, err)
			ctx := t.Context()
			_, err = api.SignUp(ctx, ada, password)
			require.NoError(t, err)
			session, err := api.Login(ctx, ada, password)
			require.NoError(t, err)
			post, err := session.CreatePost(ctx, client.PostInput{Title: "t", Content: "a;b"})
			require.NoError(t, err)
			edited, err := session.EditPost(ctx, post.ID, func(p *client.PostInput) error { p.Content += "!"; return nil })
			require.NoError(t, err)
			require.Equal(t, "a;b!", edited.Content)
			require.Equal(t, 1, writes)
			_, err = session.UpdatePost(ctx, post.ID, client.PostInput{Title: "lost", Content: "lost"}, post.ETag)
			require.ErrorIs(t, err, client.ProblemCodePreconditionFailed)
			require.NoError(t, session.DeletePost(ctx, post.ID, edited.ETag))
		})
	}
}

// TestSearchesWithSemicolons pages through a search that holds one.
func TestSearchesWithSemicolons(t *testing.T) {
	t.Parallel()
	_, session := logIn(t)
	for range 3 {
		_, err := session.CreatePost(t.Context(), client.PostInput{Title: "a;b", Content: "c"})
		require.NoError(t, err)
	}
	found := 0
	for _, err := range session.API().Posts(t.Context(), client.PostFilter{Search: `"a;b"`, PageSize: 1}) {
		require.NoError(t, err)
		found++
	}
	require.Equal(t, 3, found)
}
