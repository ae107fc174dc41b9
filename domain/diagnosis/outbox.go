package diagnosis

import "fmt"

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
