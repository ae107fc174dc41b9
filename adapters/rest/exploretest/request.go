package exploretest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// request is a request in parts that can be changed one by one.
type request struct {
	op         *operation
	path       map[string]string
	query      url.Values
	header     http.Header
	members    map[string]any // of the body; nil if there is none
	schema     *openapi3.Schema
	media      string
	rawBody    *string // sent instead of members
	chunked    bool    // send the body without announcing its length
	bodyLength int     // set by http
	session    *session
	client     string // the address of the client
	violation  string // how the request violates the contract; empty if it is valid
}

// validRequest returns a random request that keeps the contract.
func (e *explorer) validRequest(op *operation) *request {
	r := &request{op: op, path: map[string]string{}, query: url.Values{}, header: http.Header{}, client: fmt.Sprintf("10.%d.%d.%d:1", e.IntN(256), e.IntN(256), e.IntN(256))}
	required, possible := op.tokenUse()
	if possible && (required && e.IntN(20) > 0 || e.IntN(2) == 0) {
		r.session = e.model.drawSession(e)
	}
	if !e.followLink(r) {
		e.fillParameters(r)
	}
	if owner := e.model.ownerSession(r.path["id"]); owner != nil && r.session != nil && e.IntN(2) == 0 {
		r.session = owner
	}
	if r.session != nil {
		r.header.Set("Authorization", "Bearer "+r.session.access)
	}
	if op.RequestBody != nil {
		r.chunked = e.IntN(4) == 0
		r.media = choose(e, slices.Sorted(maps.Keys(op.RequestBody.Value.Content)))
		r.schema = op.RequestBody.Value.Content[r.media].Schema.Value
		r.members = e.validMembers(op, r.schema, r.session)
	}
	return r
}

// followLink turns r into a request for a page that an earlier answer linked to. It reports false if there is no such page.
func (e *explorer) followLink(r *request) bool {
	links := e.model.links[r.op.path]
	if r.op.method != http.MethodGet || len(links) == 0 || e.IntN(3) > 0 {
		return false
	}
	link := choose(e, links)
	if link.session != nil && link.session != r.session {
		return false
	}
	r.query = maps.Clone(link.query)
	return true
}

func (e *explorer) fillParameters(r *request) {
	for _, ref := range r.op.parameters {
		p := ref.Value
		if !p.Required && e.IntN(2) == 0 || p.Name == "cursor" {
			continue // valid cursors come from links only
		}
		text := e.validParameter(p, r.session)
		switch p.In {
		case "path":
			r.path[p.Name] = text
		case "query":
			r.query.Set(p.Name, text)
		case "header":
			r.header.Set(p.Name, text)
		}
	}
}

func (e *explorer) validMembers(op *operation, s *openapi3.Schema, session *session) map[string]any {
	members := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if slices.Contains(s.Required, name) || e.IntN(2) == 0 {
			members[name] = e.validMember(name, s.Properties[name].Value)
		}
	}
	e.model.fillRelated(e, op, members, session)
	return members
}

func (r *request) isForm() bool { return r.media != "" && !strings.Contains(r.media, "json") }

// http returns the request in the form that is sent.
func (r *request) http() *http.Request {
	contentType, body := r.media, []byte(nil)
	switch {
	case r.rawBody != nil:
		body = []byte(*r.rawBody)
	case r.members == nil:
		contentType = ""
	case r.media == "multipart/form-data":
		contentType, body = multipartForm(r.members)
	case r.isForm():
		body = []byte(form(r.members).Encode())
	default:
		body, _ = json.Marshal(r.members)
	}
	r.bodyLength = len(body)
	sent := httptest.NewRequest(r.op.method, r.target(), bytes.NewReader(body))
	sent.RemoteAddr = r.client
	if r.chunked {
		sent.ContentLength, sent.TransferEncoding = -1, []string{"chunked"}
	}
	maps.Copy(sent.Header, r.header)
	if contentType != "" {
		sent.Header["Content-Type"] = []string{contentType}
	}
	return sent
}

func (r *request) target() string {
	target := r.op.path
	for name, value := range r.path {
		target = strings.ReplaceAll(target, "{"+name+"}", url.PathEscape(value))
	}
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	return target
}

func form(members map[string]any) url.Values {
	values := url.Values{}
	for name, value := range members {
		values.Set(name, fmt.Sprint(value))
	}
	return values
}

func multipartForm(members map[string]any) (contentType string, body []byte) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.SetBoundary("a-boundary-that-no-value-has")
	for _, name := range slices.Sorted(maps.Keys(members)) {
		_ = w.WriteField(name, fmt.Sprint(members[name])) // cannot fail: the writer is in memory
	}
	file, _ := w.CreateFormFile("avatar", "a.png") // ignored like any unknown member
	_, _ = file.Write([]byte("\x89PNG\x00"))
	_ = w.Close()
	return w.FormDataContentType(), b.Bytes()
}

// curl returns a command that sends the request.
func (r *request) curl() string {
	sent := r.http()
	var line strings.Builder
	fmt.Fprintf(&line, "curl -i -X %s \"$URL\"%s", r.op.method, quoteShell(r.target()))
	for _, name := range slices.Sorted(maps.Keys(sent.Header)) {
		for _, value := range sent.Header[name] {
			if name == "Authorization" && r.session != nil {
				line.WriteString(` -H "Authorization: Bearer $TOKEN"`)
				continue
			}
			fmt.Fprintf(&line, " -H %s", quoteShell(name+": "+value))
		}
	}
	if r.chunked {
		line.WriteString(" -H 'Transfer-Encoding: chunked'")
	}
	body := new(bytes.Buffer)
	if _, err := body.ReadFrom(sent.Body); err == nil && body.Len() > 0 {
		fmt.Fprintf(&line, " --data-binary %s", quoteShell(body.String()))
	}
	return line.String()
}

// quoteShell quotes a text for a POSIX shell, or for bash if it has unprintable characters. It truncates a long text.
func quoteShell(text string) string {
	const shown = 600
	cut := ""
	if len(text) > shown {
		text, cut = text[:shown], fmt.Sprintf(" # ... and %d bytes more", len(text)-shown)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7F || r == 0xFFFD }) {
		return "$" + "'" + escapeBash(text) + "'" + cut
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" + cut
}

func escapeBash(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		switch {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7F:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
