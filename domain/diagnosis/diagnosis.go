// Package diagnosis has the checks of "postern doctor" and their results. The stores and the program each have a list of
// checks. No check changes anything.
package diagnosis

import (
	"context"
	"fmt"
	"time"
)

// Status is the result of a check in one word.
type Status string

// The results of a check.
const (
	StatusOK      Status = "ok"
	StatusWarning Status = "warning" // the service works, but this needs attention
	StatusProblem Status = "problem" // the service does not work, or will not start again, or is not safe
	StatusSkipped Status = "skipped" // the check does not apply here, or could not be made
)

// Finding is the result of a check. Its texts contain no secret, no address and no path.
type Finding struct {
	Check   string `json:"check"`
	Status  Status `json:"status"`
	Message string `json:"message"`          // what was found
	Action  string `json:"action,omitempty"` // what to do about a warning or a problem
}

// OK returns the finding of a check that found nothing wrong.
func OK(message string) Finding { return Finding{Status: StatusOK, Message: message} }

// Warning returns a finding that needs attention, and what to do about it.
func Warning(message, action string) Finding {
	return Finding{Status: StatusWarning, Message: message, Action: action}
}

// Problem returns a finding that must be fixed, and what to do about it.
func Problem(message, action string) Finding {
	return Finding{Status: StatusProblem, Message: message, Action: action}
}

// Skipped returns the finding of a check that was not made, with the reason.
func Skipped(reason string) Finding { return Finding{Status: StatusSkipped, Message: reason} }

// Check looks at one aspect of the service or its store.
type Check struct {
	Name string
	Run  func(ctx context.Context) Finding
}

// Timeout is how long a check may wait.
const Timeout = 5 * time.Second

// Run makes the checks one after the other. The context of each ends after [Timeout].
func Run(ctx context.Context, checks []Check) []Finding {
	findings := make([]Finding, 0, len(checks))
	for _, check := range checks {
		bounded, cancel := context.WithTimeout(ctx, Timeout)
		finding := check.Run(bounded)
		cancel()
		finding.Check = check.Name
		findings = append(findings, finding)
	}
	return findings
}

// NotApplicable returns a check that is always skipped, with the reason.
func NotApplicable(reason string) func(context.Context) Finding {
	return func(context.Context) Finding { return Skipped(reason) }
}

// Outbox returns a finding about mails that have waited for more than an hour, and about mails that were given up.
func Outbox(late, buried int) Finding {
	const action = "look for the cause in the log, and check the mail server with postern mail test"
	switch {
	case late > 0:
		return Warning(fmt.Sprintf("%d mails have waited for more than an hour", late), action)
	case buried > 0:
		return Warning(fmt.Sprintf("%d mails were given up in the last week", buried), action)
	}
	return OK("no mail has waited for more than an hour")
}
