package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// runner is a run: one client, and what was made with it.
type runner struct {
	Options
	target   *url.URL
	promised promises
	client   *http.Client
	secrets  []string // what no line of the report may hold, each followed by what stands for it
	mark     string   // begins what this run makes: random, lower-case letters and digits
	people   people
}

func newRunner(target *url.URL, promised promises, o Options) *runner {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // one of the environment would answer for itself
	return &runner{
		Options:  o,
		target:   target,
		promised: promised,
		client: &http.Client{
			Transport:     transport,
			Timeout:       o.Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		mark: "conformance" + randomText(),
	}
}

// request is what a case sends.
type request struct {
	method, path string
	header       http.Header
	body         string
	chunked      bool     // whether the length of the body is not sent beforehand
	actor        *session // whose token is sent; nil if none is
}

// option says something of a request.
type option func(*request)

func header(name, value string) option {
	return func(r *request) { r.header.Add(name, value) }
}

func body(media, text string) option {
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

func jsonText(text string) option { return body(mediaJSON, text) }

func patchText(text string) option { return body(mediaPatch, text) }

// object is a JSON object.
type object map[string]any

func (o object) json() option { return jsonText(o.String()) }

func (o object) String() string {
	text, _ := json.Marshal(o) // of strings, numbers and booleans: cannot fail
	return string(text)
}

// form makes a form of name, value, name, value...
func form(pairs ...string) option {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return body(mediaForm, values.Encode())
}

// by has a session's token sent.
func by(s *session) option {
	return func(r *request) {
		r.actor = s
		r.header.Set("Authorization", "Bearer "+s.AccessToken)
	}
}

// send sends a request and returns the answer; it ends the case if there is none, or if it breaks the contract.
func (c *check) send(method, path string, options ...option) *answer {
	asked := request{method: method, path: path, header: http.Header{}}
	for _, o := range options {
		o(&asked)
	}
	c.last = &answer{check: c, status: 0, curl: c.redact(c.curl(asked))}
	made, err := http.NewRequestWithContext(c.ctx, method, c.runner.target.String()+path, strings.NewReader(asked.body))
	if err != nil {
		c.fail("a request that can be sent", path)
	}
	if asked.chunked {
		made.Body, made.ContentLength = io.NopCloser(strings.NewReader(asked.body)), -1
	}
	made.Header = asked.header
	if len(asked.body) > maxUnasked {
		made.Header.Set("Expect", "100-continue") // or the answer could be lost behind what is not read
	}
	made.Header.Set("User-Agent", "postern-conformance")
	got, err := c.client.Do(made)
	if err != nil {
		c.fail("an answer", noAnswer(err, c.Timeout))
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(got.Body, maxAnswer+1))
	if err != nil || len(text) > maxAnswer {
		c.fail("a whole answer", noAnswer(err, c.Timeout))
	}
	c.last = &answer{c, made.URL, got.StatusCode, got.Header, text, c.last.curl}
	c.noteMade(asked, c.last)
	if err := c.promised.answers.Check(made, got, text); err != nil {
		c.fail("an answer as the contract declares it", c.last.String()+": "+err.Error())
	}
	return c.last
}

const (
	maxUnasked = 16 << 10 // octets that are sent without asking whether they are wanted
	maxAnswer  = 64 << 20 // a page of 100 of the longest posts
)

// noAnswer says why there is none, without repeating what was asked.
func noAnswer(err error, limit time.Duration) string {
	var failed *url.Error
	switch {
	case err == nil:
		return fmt.Sprintf("more than %d octets", maxAnswer)
	case errors.As(err, &failed) && failed.Timeout():
		return fmt.Sprintf("none within %v", limit)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "none: the run was over"
	case errors.As(err, &failed):
		return "none: " + failed.Err.Error()
	}
	return "none: " + err.Error()
}

// curl returns a line that sends the request again, but for its secrets.
func (r *runner) curl(asked request) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "curl -sSi --path-as-is -X %s %s", asked.method, quoteShell(r.target.String()+asked.path))
	for _, name := range []string{"Accept", "Authorization", "Content-Type", "Content-Encoding", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-Id"} {
		for _, value := range asked.header.Values(name) {
			fmt.Fprintf(&b, " -H %s", quoteShell(name+": "+value))
		}
	}
	switch {
	case len(asked.body) > maxCurl:
		fmt.Fprintf(&b, " --data-binary @- # %d octets that begin with %s", len(asked.body), quoteShell(r.redact(asked.body)[:shown]))
	case asked.body != "":
		fmt.Fprintf(&b, " --data-binary %s", quoteShell(asked.body))
	}
	return b.String()
}

const maxCurl = 2000 // octets of a body that a line is to hold

// keep makes a text a secret that name stands for in what is reported, however it is encoded.
func (r *runner) keep(text, name string) {
	inJSON, _ := json.Marshal(text)
	for _, form := range []string{text, url.QueryEscape(text), strings.Trim(string(inJSON), `"`)} {
		if len(form) >= 4 { // what is shorter would be found in everything
			r.secrets = append(r.secrets, form, name)
		}
	}
}

func (r *runner) redact(text string) string { return strings.NewReplacer(r.secrets...).Replace(text) }
