// Package conformance checks any server against the contract, from outside: it drives every operation of the embedded
// openapi.yaml through its good and bad cases, holds every answer against it, and tries what the contract says in words.
//
// It is safe on a live service. It works with accounts of its own, which it signs up at a reserved domain (RFC 2606) and
// deletes, gives a wrong password three times at most for any account, and touches nothing that is not its own. With an account
// that was given, it writes posts and begins sessions, and deletes and ends those; the account's name, password and
// other sessions stay as they are. Posts that it publishes can be seen by others for as long as it runs.
package conformance

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"example.com/postern/api"
	"example.com/postern/api/contract"
)

// Options says what is checked, and how.
type Options struct {
	// Target is the server: http or https, a host, and no path.
	Target string

	// Email and Password are of the account to work with; both are empty for one of its own.
	Email, Password string

	// Timeout is how long the server may take for one answer: 10 s if it is 0.
	Timeout time.Duration

	// Pattern chooses cases by name; nil is all of them.
	Pattern *regexp.Regexp

	// Done, unless nil, is called after each case.
	Done func(Result)
}

const (
	defaultTimeout = 10 * time.Second
	runTimeout     = 105 * time.Second // of all cases
	cleanupTimeout = 15 * time.Second  // of putting things away, also when the run was stopped
)

var (
	// ErrTarget is returned for a target that is no URL of a server.
	ErrTarget = errors.New("the target must be http:// or https://, a host, and no path")
	// ErrUnreachable is returned when nothing answers at the target.
	ErrUnreachable = errors.New("nothing answers at the target")
)

// Run checks the target and returns what came of it. It returns an error if there was nothing to check: [ErrTarget],
// [ErrUnreachable]; or with the report, that ctx has ended. Breaches are in the report. It takes 2 minutes at most: cases
// that are not done by then fail.
func Run(ctx context.Context, o Options) (*Report, error) {
	target, err := ParseTarget(o.Target)
	if err != nil {
		return nil, err
	}
	promised, err := load()
	if err != nil {
		return nil, err
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	running, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	r := newRunner(target, promised, o)
	defer r.client.CloseIdleConnections()
	if err := r.reach(running); err != nil {
		return nil, err
	}
	report := &Report{Target: target.String(), Began: time.Now()}
	for _, c := range chosen(promised, o.Pattern) {
		report.add(r.run(running, c), o.Done)
	}
	cleaning, cancelCleaning := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancelCleaning()
	if r.hasThings() {
		report.add(r.run(cleaning, cleanup), o.Done)
	}
	report.Took = time.Since(report.Began)
	return report, ctx.Err()
}

// promises are what the embedded contract says.
type promises struct {
	operations []contract.Description
	answers    *contract.Answers
}

func load() (promises, error) {
	operations, err := contract.Describe(api.OpenAPI)
	if err != nil {
		return promises{}, err
	}
	answers, err := contract.NewAnswers(api.OpenAPI)
	return promises{operations, answers}, err
}

// Cases returns the names of all cases in the order they run in.
func Cases() ([]string, error) {
	promised, err := load()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range chosen(promised, nil) {
		names = append(names, c.name)
	}
	return names, nil
}

// ParseTarget returns the target as a URL without a path, or [ErrTarget].
func ParseTarget(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, ErrTarget
	}
	if u.Path != "" && u.Path != "/" {
		return nil, ErrTarget
	}
	u.Path = ""
	return u, nil
}

func chosen(promised promises, pattern *regexp.Regexp) (cases []testCase) {
	for _, c := range allCases(promised.operations) {
		if pattern == nil || pattern.MatchString(c.name) {
			cases = append(cases, c)
		}
	}
	return cases
}

// reach returns ErrUnreachable if nothing answers.
func (r *runner) reach(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.target.String()+"/healthz", nil)
	if err != nil {
		return ErrTarget
	}
	answer, err := r.client.Do(request)
	if ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		return ErrUnreachable
	}
	return answer.Body.Close()
}
