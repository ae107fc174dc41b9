package conformance

import (
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
	secrets   []string          // texts that the report must not contain, each followed by its replacement
	redactor  *strings.Replacer // of the secrets
	runID     string            // random prefix of names in this run: lower-case letters and digits
	resources resources
	broken    map[string]bool // cases that ended early because of a violation
	missing   map[string]bool // operations that the server does not have, by their place in the contract
	reported  map[place]bool
	silent    int           // answers in a row that did not come, or not whole, in time
	gone      bool          // the server stopped answering
	waited    time.Duration // for answers with the status 429
}

const (
	maxSilent      = 3        // answers in a row that do not arrive in time, before the server counts as gone
	maxUnannounced = 16 << 10 // bytes of a body that are sent without Expect: 100-continue
	maxAnswer      = 16 << 20 // a page of the longest posts
)

func newRunner(target *url.URL, spec specification, o Options) *runner {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // a proxy would answer some requests itself
	r := &runner{
		Options: o, target: target, spec: spec, runID: "conformance" + randomText(),
		broken: map[string]bool{}, missing: map[string]bool{}, reported: map[place]bool{},
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

// get reads a path. It ends the case unless the answer is a 200.
func (c *caseRun) get(path string, options ...option) *answer {
	return c.send("GET", path, options...).expectStatus(200)
}

// send sends a request and returns the answer. It ends the case if there is no answer, and records how the answer
// breaks the contract.
func (c *caseRun) send(method, path string, options ...option) *answer {
	sent := newRequest(method, path, options)
	for {
		got := c.sendOnce(sent)
		if !c.waitOut(got) {
			return got
		}
	}
}

func (c *caseRun) sendOnce(sent request) *answer {
	a := &answer{run: c, curl: c.curl(sent)}
	c.last = a
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
		// A server that does not read the body could close the connection before the answer is read.
		made.Header.Set("Expect", "100-continue")
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
	a.target, a.status, a.header, a.body, a.pointer = made.URL, got.StatusCode, got.Header, text, pointer
	c.recordCreated(sent, a)
	c.checkAnswer(made, got, a)
	return a
}

// violationLevels maps a kind of violation to the first level that forbids it.
var violationLevels = map[contract.ViolationKind]Level{
	contract.Undeclared: Shape, contract.Mismatch: Behaviour, contract.Unprotected: Hardening,
}

// checkAnswer records how an answer breaks the contract. The case goes on.
func (c *caseRun) checkAnswer(sent *http.Request, got *http.Response, a *answer) {
	for _, found := range c.spec.answers.Violations(sent, got, a.body) {
		if violationLevels[found.Kind] > c.Level {
			continue
		}
		v := Violation{Pointer: found.Pointer, Cause: found.Message, Expected: "an answer that conforms to the contract",
			Actual: a.String() + ": " + found.Message, Curl: a.curl, kind: kindOf(found)}
		a.violations = append(a.violations, v)
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
	if got.status != 429 || err != nil || wait <= 0 || c.waited+wait > c.MaxWait {
		return false
	}
	c.waited += wait
	if c.Waiting != nil {
		c.Waiting(wait)
	}
	c.sleep(wait)
	return true
}

// sleep waits for d, or until the run is over.
func (c *caseRun) sleep(d time.Duration) {
	select {
	case <-c.ctx.Done():
	case <-time.After(d):
	}
}

// noteSilence records how reading an answer ended. The server is gone if nothing listens at the target, or after [maxSilent]
// answers in a row that did not arrive in time: otherwise each further case would wait for the time limit too.
func (c *caseRun) noteSilence(err error) {
	failed, isNetwork := errors.AsType[net.Error](err)
	switch {
	case !isNetwork:
		c.silent = 0
	case failed.Timeout() && c.ctx.Err() == nil:
		c.silent++
		c.gone = c.gone || c.silent == maxSilent
	default:
		refused, isOperation := errors.AsType[*net.OpError](err)
		c.gone = c.gone || isOperation && refused.Op == "dial"
	}
}

// noAnswer returns why there is no answer, without repeating the request.
func noAnswer(err error, limit time.Duration) string {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err
	}
	failed, isNetwork := errors.AsType[net.Error](err)
	switch {
	case err == nil:
		return fmt.Sprintf("more than %d bytes", maxAnswer)
	case isNetwork && failed.Timeout():
		return fmt.Sprintf("none within %v", limit)
	case errors.Is(err, context.Canceled):
		return "none: the run was over"
	}
	return "none: " + err.Error()
}

// addSecret makes the report show name instead of a text, in every encoding of the text.
func (r *runner) addSecret(text, name string) {
	inJSON, _ := json.Marshal(text)
	for _, form := range []string{text, url.QueryEscape(text), strings.Trim(string(inJSON), `"`)} {
		if len(form) >= 4 { // shorter texts occur everywhere by chance
			r.secrets = append(r.secrets, form, name)
		}
	}
	r.redactor = strings.NewReplacer(r.secrets...)
}

func (r *runner) redact(text string) string {
	if r.redactor == nil {
		return text
	}
	return r.redactor.Replace(text)
}
