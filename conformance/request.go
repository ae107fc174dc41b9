package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// request is a request of a case.
type request struct {
	method, path string
	header       http.Header
	body         string
	chunked      bool     // send the body without announcing its length
	session      *session // the session whose token is sent; nil if none is
}

// option changes a request. A nil option changes nothing.
type option func(*request)

func newRequest(method, path string, options []option) request {
	made := request{method: method, path: path, header: http.Header{}}
	for _, change := range options {
		if change != nil {
			change(&made)
		}
	}
	return made
}

// as sends the access token of a session, or none if the session is nil.
func as(s *session) option {
	if s == nil {
		return nil
	}
	return func(r *request) {
		r.session = s
		r.header.Set("Authorization", "Bearer "+s.AccessToken)
	}
}

func withHeader(name, value string) option {
	return func(r *request) { r.header.Add(name, value) }
}

func withBody(media, text string) option {
	return func(r *request) {
		r.body = text
		r.header.Set("Content-Type", media)
	}
}

const (
	mediaJSON  = "application/json"
	mediaPatch = "application/merge-patch+json"
	mediaForm  = "application/x-www-form-urlencoded"
)

func withJSON(text string) option { return withBody(mediaJSON, text) }

func withMergePatch(text string) option { return withBody(mediaPatch, text) }

// object is a JSON object.
type object map[string]any

func (o object) json() option {
	text, _ := json.Marshal(o) // of strings, numbers and booleans: cannot fail
	return withJSON(string(text))
}

// withForm sends a form. The pairs are alternating names and values.
func withForm(pairs ...string) option {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return withBody(mediaForm, values.Encode())
}

const maxCurl = 2000 // maximum length of a body in a command, in bytes

// curl returns a command that sends the request again, without its secrets.
func (r *runner) curl(sent request) string {
	command := "curl -sSi --path-as-is -X " + sent.method + " " + quoteShell(r.target.String()+sent.path)
	for _, name := range []string{
		"Accept", "Authorization", "Content-Type", "Content-Encoding", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-Id",
	} {
		for _, value := range sent.header.Values(name) {
			command += " -H " + quoteShell(name+": "+value)
		}
	}
	switch {
	case len(sent.body) > maxCurl:
		body := r.redact(sent.body)
		start := body[:min(len(body), maxShown)]
		command += fmt.Sprintf(" --data-binary @- # %d bytes that begin with %s", len(sent.body), quoteShell(start))
	case sent.body != "":
		command += " --data-binary " + quoteShell(sent.body)
	}
	return r.redact(command)
}

// quoteShell quotes a text for a POSIX shell, or for bash if it has control characters or invalid UTF-8.
func quoteShell(text string) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '\'' || c == '\\' {
			fmt.Fprintf(&b, `\x%02x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return "$'" + b.String() + "'"
}
