package contract_test

import (
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/contract"
)

const (
	formType  = "application/x-www-form-urlencoded"
	validNote = `{"title":"t","text":"x"}`
)

func TestParameters(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	for target, want := range map[string][]string{
		"/notes/1": nil,
		"/notes/9007199254740991?limit=1&mine=true&word=a%3Bb;c&since=2026-11-24t09:30:00.123456z": nil,
		"/notes/1?word=a;b;cd&mine=false":       {"query word max_length"},
		"/notes/0":                              {"path id minimum"},
		"/notes/9007199254740992":               {"path id maximum"},
		"/notes/" + strings.Repeat("9", 400):    {"path id maximum"},
		"/notes/01":                             {"path id type"},
		"/notes/+1":                             {"path id type"},
		"/notes/1e0":                            {"path id type"},
		"/notes/%D9%A1":                         {"path id type"},
		"/notes/%ff":                            {"path id format"},
		"/notes/1?limit=":                       {"query limit type"},
		"/notes/1?limit=1&limit=1":              {"query limit repeated"},
		"/notes/1?mine=1":                       {"query mine type"},
		"/notes/1?since=2026-02-30T00:00:00Z":   {"query since format"},
		"/notes/1?word=":                        {"query word min_length"},
		"/notes/1?word=%00":                     {"query word pattern"},
		"/notes/x?zz=1&LIMIT=2&limit=0":         {"path id type", "query limit minimum", "query LIMIT unknown", "query zz unknown"},
		"/notes/1?" + strings.Repeat("n", 2000): {"query " + strings.Repeat("n", contract.MaxName) + "… unknown"},
	} {
		_, err := s.send(request("PUT", target, jsonType, validNote))
		require.Equal(t, want, fieldErrors(t, err), target)
	}
	_, err := s.send(request("PUT", "/notes/1?word=%zz", jsonType, validNote))
	require.ErrorIs(t, err, contract.ErrMalformed)
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	in, err := s.send(request("PUT", "/notes/1", jsonType, validNote, "If-Match", "a", "If-Match", "b"))
	require.NoError(t, err)
	require.Equal(t, []string{"a, b"}, in.Header["If-Match"])
	_, err = s.send(request("PUT", "/notes/x", jsonType, `{}`, "If-Match", "a", "If-Match", "!"))
	require.Equal(t, []string{"path id type", "header If-Match format", "body /title required", "body /text required"}, fieldErrors(t, err), "in this order")
}

func TestForms(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	multipart := func(parts string) string { return strings.ReplaceAll(parts, "\n", "\r\n") }
	const part = "--b\nContent-Disposition: form-data; name=\"username\"\n\na\n--b\nContent-Disposition: form-data; name=\"password\"\n\np;q\n"
	const file = "--b\nContent-Disposition: form-data; name=\"photo\"; filename=\"x.png\"\n\n....\n"
	for _, c := range []struct {
		media, body string
		want        []string
		password    string
	}{
		{formType, "username=a&password=p;q", nil, "p;q"},
		{formType + "; charset=UTF-8", "username=a&password=p&password=&extra=1&extra=2", []string{"body /password repeated"}, ""},
		{formType, "username=&password=%00", []string{"body /username required", "body /password pattern"}, ""},
		{formType, "", []string{"body /username required", "body /password required"}, ""},
		{"", "", []string{"body /username required", "body /password required"}, ""},
		{jsonType, `{"username":"a"}`, []string{"body /username required", "body /password required"}, ""},
		{"multipart/form-data; boundary=b", multipart(part + "--b--\n"), nil, "p;q"},
		{"multipart/form-data; boundary=b", multipart(part + file + "--b--\n"), nil, "p;q"},
	} {
		in, err := s.send(request("POST", "/login", c.media, c.body))
		require.Equal(t, c.want, fieldErrors(t, err), c.body)
		if c.want == nil {
			require.Equal(t, c.password, in.Form.Get("password"))
			require.Nil(t, in.Body)
		} else {
			var invalid *contract.Invalid
			require.ErrorAs(t, err, &invalid)
			require.Equal(t, c.media != jsonType, invalid.Form)
		}
	}
	for media, body := range map[string]string{
		formType:                            "username=%zz",
		formType + " ":                      "username=%ff",
		"multipart/form-data; boundary=b":   multipart(part),
		"multipart/form-data; boundary=b; ": multipart(strings.Repeat(part, 60) + "--b--\n"),
	} {
		_, err := s.send(request("POST", "/login", media, body))
		require.ErrorIs(t, err, contract.ErrMalformedBody, body)
	}
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	for _, media := range []string{"application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"} {
		_, err := s.send(request("PUT", "/notes/1", media, validNote))
		require.NoError(t, err, media)
	}
	for _, media := range []string{"", "text/plain", "text/plain; x=application/json", "application/jsonx", "application/x+json", "application/json; charset=latin1", formType} {
		_, err := s.send(request("PUT", "/notes/1", media, validNote))
		var refusal *contract.Refusal
		require.ErrorAs(t, err, &refusal, media)
		require.ErrorIs(t, err, contract.ErrUnsupported)
		require.Equal(t, []string{"application/json", "application/merge-patch+json"}, refusal.Accept)
	}
	_, err := s.send(request("PUT", "/notes/1", jsonType, validNote, "Content-Encoding", "identity"))
	require.ErrorIs(t, err, contract.ErrUnsupported)
	_, err = s.send(request("PUT", "/notes/1", jsonType, validNote, "Content-Type", jsonType))
	require.ErrorIs(t, err, contract.ErrUnsupported, "two media types")
}

// TestEmptyBodies: an empty body counts as absent in every framing and media type.
func TestEmptyBodies(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	for name, media := range map[string]string{"none": "", "JSON": jsonType, "form": formType} {
		chunked := request("POST", "/logout", media, "")
		chunked.ContentLength, chunked.TransferEncoding = -1, []string{"chunked"}
		for framing, r := range map[string]func() error{
			"chunked": func() error { _, err := s.send(chunked); return err },
			"length":  func() error { _, err := s.send(request("POST", "/logout", media, "")); return err },
		} {
			require.NoError(t, r(), name+" "+framing)
		}
	}
	chunked := request("POST", "/logout", formType, "token=t")
	chunked.ContentLength = -1
	in, err := s.send(chunked)
	require.NoError(t, err)
	require.Equal(t, url.Values{"token": {"t"}}, in.Form)
}

type brokenBody struct{ err error }

func (b brokenBody) Read([]byte) (int, error) { return 0, b.err }

func (b brokenBody) Close() error { return nil }

func TestIncompleteBodies(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	for cause, kind := range map[error]error{os.ErrDeadlineExceeded: contract.ErrTooSlow, errors.New("reset"): contract.ErrMalformed} {
		for _, length := range []int64{-1, 100} {
			r := request("PUT", "/notes/1", jsonType, "")
			r.Body, r.ContentLength = brokenBody{cause}, length
			_, err := s.send(r)
			require.ErrorIs(t, err, kind)
		}
	}
}

// TestBodyLimits: the limit of an operation has room for its longest texts with every character escaped.
func TestBodyLimits(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	escaped := func(n int) string { return `{"title":"t","text":"` + strings.Repeat(`\ud83d\ude00`, n) + `"}` }
	_, err := s.send(request("PUT", "/notes/1", jsonType, escaped(2000)))
	require.NoError(t, err)
	_, err = s.send(request("PUT", "/notes/1", jsonType, escaped(4000)))
	require.ErrorIs(t, err, contract.ErrTooLarge)
	_, err = s.send(request("POST", "/login", formType, "username="+strings.Repeat("x", 16<<10)))
	require.ErrorIs(t, err, contract.ErrTooLarge)
	unsent := request("POST", "/login", formType, "", "Expect", "100-continue")
	unsent.Body, unsent.ContentLength = brokenBody{errors.New("must not be read")}, 1<<20
	_, err = s.send(unsent)
	require.ErrorIs(t, err, contract.ErrTooLarge)
}
