package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.com/postern/api/contract"
)

// runner is the state of a run.
type runner struct {
	Options
	target    *url.URL
	spec      specification
	client    *http.Client
	secrets   []string // texts that the report must not contain, each followed by its replacement
	runID     string   // random prefix of names in this run: lower-case letters and digits
	resources resources
	broken    map[string]bool // cases that ended early because of a violation
	missing   map[string]bool // operations that the server does not have, by their place in the contract
	reported  map[place]bool
	silent    int           // answers in a row that did not come, or not whole, in time
	gone      bool          // the server stopped answering
	waited    time.Duration // for answers with the status 429
}

func newRunner(target *url.URL, spec specification, o Options) *runner {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // a proxy would answer some requests itself
	r := &runner{
		Options: o,
		target:  target,
		spec:    spec,
		runID:   "conformance" + randomText(),
		broken:  map[string]bool{}, missing: map[string]bool{}, reported: map[place]bool{},
	}
	r.client = &http.Client{Transport: transport, Timeout: o.Timeout, CheckRedirect: r.checkRedirect}
	return r
}

// checkRedirect follows a redirect between /posts and /posts/ at the level lesson, where clients of FastAPI follow it.
// Higher levels expect the answer itself.
func (r *runner) checkRedirect(next *http.Request, sent []*http.Request) error {
	first := sent[0].URL
	sameServer := next.URL.Scheme == first.Scheme && next.URL.Host == first.Host
	samePath := strings.TrimSuffix(next.URL.Path, "/") == strings.TrimSuffix(first.Path, "/")
	if r.Level == Lesson && len(sent) == 1 && next.Method == sent[0].Method && sameServer && samePath {
		return nil
	}
	return http.ErrUseLastResponse
}

// request is a request of a case.
type request struct {
	method, path string
	header       http.Header
	body         string
	chunked      bool     // send the body without announcing its length
	session      *session // the session whose token is sent; nil if none is
}

// option changes a request.
type option func(*request)

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

func (o object) json() option { return withJSON(o.String()) }

func (o object) String() string {
	text, _ := json.Marshal(o) // of strings, numbers and booleans: cannot fail
	return string(text)
}

// withForm sends a form. The pairs are alternating names and values.
func withForm(pairs ...string) option {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return withBody(mediaForm, values.Encode())
}

// withToken sends the access token of a session.
func withToken(s *session) option {
	return func(r *request) {
		r.session = s
		r.header.Set("Authorization", "Bearer "+s.AccessToken)
	}
}

// send sends a request and returns the answer. It ends the case if there is no answer, and records how the answer
// breaks the contract.
func (c *caseRun) send(method, path string, options ...option) *answer {
	sent := request{method: method, path: path, header: http.Header{}}
	for _, o := range options {
		o(&sent)
	}
	for {
		got := c.sendOnce(sent)
		if !c.waitOut(got) {
			return got
		}
	}
}

func (c *caseRun) sendOnce(sent request) *answer {
	curl := c.redact(c.curl(sent))
	c.last = &answer{run: c, curl: curl}
	made, err := http.NewRequestWithContext(c.ctx, sent.method, c.runner.target.String()+sent.path, strings.NewReader(sent.body))
	if err != nil {
		c.fail("a request that can be sent", sent.path)
	}
	pointer := c.spec.answers.Pointer(made)
	if c.missing[pointer] {
		c.skip(noOperation)
	}
	if sent.chunked {
		made.Body, made.ContentLength = io.NopCloser(strings.NewReader(sent.body)), -1
	}
	made.Header = sent.header.Clone()
	if len(sent.body) > maxUnannounced {
		made.Header.Set("Expect", "100-continue") // a server that does not read the body could close the connection before the answer is read
	}
	made.Header.Set("User-Agent", "postern-conformance")
	got, err := c.client.Do(made)
	if err != nil {
		c.noteSilence(err)
		c.fail("an answer", noAnswer(err, c.Timeout))
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(got.Body, maxAnswer+1))
	c.noteSilence(err)
	if err != nil || len(text) > maxAnswer {
		c.fail("a complete answer", noAnswer(err, c.Timeout))
	}
	c.last = &answer{run: c, target: made.URL, status: got.StatusCode, header: got.Header, body: text, curl: curl, pointer: pointer}
	c.recordCreated(sent, c.last)
	c.checkAnswer(made, got, text)
	return c.last
}

// violationLevels are the levels from which on an answer may not have a violation of a kind.
var violationLevels = map[contract.ViolationKind]Level{contract.Undeclared: Shape, contract.Mismatch: Behaviour, contract.Unprotected: Hardening}

// checkAnswer records how an answer breaks the contract. The case goes on.
func (c *caseRun) checkAnswer(sent *http.Request, got *http.Response, text []byte) {
	for _, found := range c.spec.answers.Violations(sent, got, text) {
		if violationLevels[found.Kind] > c.Level {
			continue
		}
		v := Violation{Pointer: found.Pointer, Cause: found.Message, Expected: "an answer that conforms to the contract",
			Actual: c.last.String() + ": " + found.Message, Curl: c.last.curl, kind: kindOf(found)}
		c.last.violations = append(c.last.violations, v)
		c.add(v)
	}
}

func kindOf(found contract.Violation) kind {
	switch {
	case strings.HasSuffix(found.Pointer, "/responses"): // the status
		return kindBehaviour
	case found.Kind == contract.Unprotected, strings.Contains(found.Pointer, "/headers/"):
		return kindHeader
	}
	return kindBody
}

// waitOut waits as long as the server asks for in a 429. It reports false for other answers, and if the wait is too long.
func (c *caseRun) waitOut(got *answer) bool {
	seconds, err := strconv.Atoi(got.header.Get("Retry-After"))
	wait := time.Duration(seconds) * time.Second
	if got.status != http.StatusTooManyRequests || err != nil || wait <= 0 || c.waited+wait > c.MaxWait {
		return false
	}
	c.waited += wait
	if c.Waiting != nil {
		c.Waiting(wait)
	}
	select {
	case <-c.ctx.Done():
	case <-time.After(wait):
	}
	return true
}

// noteSilence records how reading an answer ended. The server is gone if nothing listens at the target, or after [maxSilent]
// answers in a row that did not arrive in time: otherwise each further case would wait for the time limit too.
func (c *caseRun) noteSilence(err error) {
	var failed net.Error
	switch {
	case !errors.As(err, &failed):
		c.silent = 0
	case failed.Timeout() && c.ctx.Err() == nil:
		c.silent++
		c.gone = c.gone || c.silent == maxSilent
	default:
		refused, isDial := errors.AsType[*net.OpError](err)
		c.gone = c.gone || isDial && refused.Op == "dial"
	}
}

const (
	maxSilent      = 3
	maxUnannounced = 16 << 10 // bytes of a body that are sent without Expect: 100-continue
	maxAnswer      = 16 << 20 // a page of the longest posts
)

// noAnswer returns why there is no answer, without repeating the request.
func noAnswer(err error, limit time.Duration) string {
	var failed *url.Error
	switch {
	case err == nil:
		return fmt.Sprintf("more than %d bytes", maxAnswer)
	case errors.As(err, &failed) && failed.Timeout():
		return fmt.Sprintf("none within %v", limit)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "none: the run was over"
	case errors.As(err, &failed):
		return "none: " + failed.Err.Error()
	}
	return "none: " + err.Error()
}

// unreachable returns ErrUnreachable with the reason.
func unreachable(err error, limit time.Duration) error {
	return fmt.Errorf("%w: %s", ErrUnreachable, visible(strings.TrimPrefix(noAnswer(err, limit), "none: ")))
}

// curl returns a command that sends the request again.
func (r *runner) curl(sent request) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "curl -sSi --path-as-is -X %s %s", sent.method, quoteShell(r.target.String()+sent.path))
	for _, name := range []string{"Accept", "Authorization", "Content-Type", "Content-Encoding", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-Id"} {
		for _, value := range sent.header.Values(name) {
			fmt.Fprintf(&b, " -H %s", quoteShell(name+": "+value))
		}
	}
	switch {
	case len(sent.body) > maxCurl:
		fmt.Fprintf(&b, " --data-binary @- # %d bytes that begin with %s", len(sent.body), quoteShell(r.redact(sent.body)[:maxShown]))
	case sent.body != "":
		fmt.Fprintf(&b, " --data-binary %s", quoteShell(sent.body))
	}
	return b.String()
}

const maxCurl = 2000 // maximum length of a body in a command, in bytes

// addSecret makes the report show name instead of a text, in every encoding of the text.
func (r *runner) addSecret(text, name string) {
	inJSON, _ := json.Marshal(text)
	for _, form := range []string{text, url.QueryEscape(text), strings.Trim(string(inJSON), `"`)} {
		if len(form) >= 4 { // shorter texts occur everywhere by chance
			r.secrets = append(r.secrets, form, name)
		}
	}
}

func (r *runner) redact(text string) string { return strings.NewReplacer(r.secrets...).Replace(text) }
