// Package conformance checks a server against the embedded openapi.yaml over HTTP. It sends valid and invalid requests
// to every operation, checks every answer, and also tests promises that the contract makes in descriptions.
//
// It is safe to run against a live service. It creates accounts at a reserved domain (RFC 2606) and deletes them at the
// end. It sends at most four wrong passwords for one account, and it changes nothing that it did not create. With a
// given account, it creates posts and sessions and removes them; the name, password, other posts and other sessions of
// the account stay unchanged. Posts that it publishes are visible to others while it runs.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"example.com/postern/api"
	"example.com/postern/api/contract"
)

// Options configures a run.
type Options struct {
	// Target is the URL of the server: http or https, a host, and no path.
	Target string

	// Email and Password are the credentials of the account that writes posts. If they are empty, the run creates one.
	Email, Password string

	// Timeout is the time limit for one answer. The default is 10 s.
	Timeout time.Duration

	// Pattern selects cases by name. The default is all cases.
	Pattern *regexp.Regexp

	// Level selects cases, and what is checked in every answer. The default is [Behaviour].
	Level Level

	// MaxWait is the total time that the run waits for a server that answers 429. The default is 0: not at all.
	MaxWait time.Duration

	// Waiting is called before such a wait. It may be nil.
	Waiting func(time.Duration)

	// Done is called after each case. It may be nil.
	Done func(Result)
}

const (
	defaultTimeout = 10 * time.Second
	runTimeout     = 105 * time.Second // for all cases
	cleanupTimeout = 15 * time.Second  // for the cleanup, which also follows an interrupted run
)

var (
	// ErrTarget is returned if the target is not the URL of a server.
	ErrTarget = errors.New("the target must be http:// or https://, a host, and no path")
	// ErrUnreachable is returned, with the reason, if the target gives no HTTP answer.
	ErrUnreachable = errors.New("no answer came")
	// ErrGone is returned with a report if the server refuses connections after it answered at first, or lets 3 requests in a
	// row wait for longer than the time limit.
	ErrGone = errors.New("the server is gone")
)

// Run checks the target and returns a report. It returns [ErrTarget] or [ErrUnreachable] if there is nothing to check.
// If ctx ends, it returns the report together with the error of ctx, and with [ErrGone] if the server went away. A run
// takes at most 2 minutes and MaxWait; cases that have not run by then are skipped.
func Run(ctx context.Context, o Options) (*Report, error) {
	target, err := ParseTarget(o.Target)
	if err != nil {
		return nil, err
	}
	spec, err := loadSpecification()
	if err != nil {
		return nil, err
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Level == 0 {
		o.Level = Behaviour
	}
	running, cancel := context.WithTimeout(ctx, runTimeout+o.MaxWait)
	defer cancel()
	r := newRunner(target, spec, o)
	defer r.client.CloseIdleConnections()
	if err := r.reach(running); err != nil {
		return nil, err
	}
	report := &Report{Target: target.String(), Level: o.Level, Began: time.Now()}
	for _, c := range selectCases(spec, o) {
		report.add(r.runUnlessOver(running, c), o.Done)
	}
	cleaning, cancelCleaning := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancelCleaning()
	if r.hasResources() {
		report.add(r.run(cleaning, cleanup), o.Done)
	}
	report.Took = time.Since(report.Began)
	if r.gone {
		return report, errors.Join(ctx.Err(), ErrGone)
	}
	return report, ctx.Err()
}

// runUnlessOver runs a case, or skips it if the run cannot go on.
func (r *runner) runUnlessOver(ctx context.Context, c testCase) Result {
	skipped := Result{Name: c.name, Level: c.level}
	switch {
	case r.gone:
		skipped.Skipped = "the server is gone"
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		skipped.Skipped = "the time of the run is over"
	case ctx.Err() != nil:
		skipped.Skipped = "the run was interrupted"
	default:
		result := r.run(ctx, c)
		if result.Failed() && ctx.Err() != nil {
			result.Violations, result.Skipped = nil, "the run ended during the case"
		}
		return result
	}
	return skipped
}

// specification is the embedded contract.
type specification struct {
	operations []contract.Description
	answers    *contract.Answers
}

// loadSpecification parses the contract once.
var loadSpecification = sync.OnceValues(func() (specification, error) {
	operations, err := contract.Describe(api.OpenAPI)
	if err != nil {
		return specification{}, err
	}
	answers, err := contract.NewAnswers(api.OpenAPI)
	return specification{operations, answers}, err
})

// Cases returns the names of all cases in the order in which they run.
func Cases() ([]string, error) {
	spec, err := loadSpecification()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range selectCases(spec, Options{Level: Hardening}) {
		names = append(names, c.name)
	}
	return names, nil
}

// ParseTarget returns the target as a URL without a path, or [ErrTarget].
func ParseTarget(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, ErrTarget
	}
	if *u != (url.URL{Scheme: u.Scheme, Host: u.Host}) { // it has a path, a query or a password
		return nil, ErrTarget
	}
	return u, nil
}

func selectCases(spec specification, o Options) (cases []testCase) {
	for _, c := range allCases(spec.operations) {
		if c.level <= o.Level && (o.Pattern == nil || o.Pattern.MatchString(c.name)) {
			cases = append(cases, c)
		}
	}
	return cases
}

// reach returns ErrUnreachable with the reason if no answer comes.
func (r *runner) reach(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.target.String()+"/healthz", nil)
	if err != nil {
		return ErrTarget
	}
	answer, err := r.client.Do(request)
	if ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		return fmt.Errorf("%w: %s", ErrUnreachable, visible(strings.TrimPrefix(noAnswer(err, r.Timeout), "none: ")))
	}
	return answer.Body.Close()
}
