package main

import (
	"time"

	"example.com/postern/domain/throttle"
)

// sessionConfig configures how long sessions live.
type sessionConfig struct {
	SessionIdle     time.Duration `type:"period" min:"1h" max:"8760h" default:"336h" placeholder:"DURATION" group:"Sessions" help:"How long a session lives without a refresh, 1h to 8760h. The default is 14 days."`
	SessionLifetime time.Duration `type:"period" min:"1h" max:"8760h" default:"2160h" placeholder:"DURATION" group:"Sessions" help:"How long a session lives at most, up to 8760h. The default is 90 days."`
}

func (c *sessionConfig) checkSessions() error {
	if c.SessionLifetime < c.SessionIdle {
		return refuse("POSTERN_SESSION_LIFETIME", "must not be shorter than POSTERN_SESSION_IDLE")
	}
	return nil
}

// passwordConfig configures sign-ups and the rules for new passwords.
type passwordConfig struct {
	Signup      string `type:"choice" choices:"open|verified" default:"open" placeholder:"open|verified" group:"Passwords" help:"open: a sign-up creates an account, and a taken address is 409. verified: every sign-up is answered with 202, and the link in a mail creates the account."`
	PasswordMin int    `type:"number" min:"8" max:"64" default:"8" placeholder:"N" group:"Passwords" help:"The minimum length of a new password in characters, 8 to 64. NIST recommends 15."`
}

// guessingConfig configures the limits on failed logins, sign-ups and mails (see [throttle.Limits]). No value switches a limit off.
type guessingConfig struct {
	LoginFreeTries       int           `type:"number" min:"1" max:"100" default:"5" placeholder:"N" group:"Guessing" help:"How many failed logins from one address to one account are free of waiting, 1 to 100."`
	LoginFirstWait       time.Duration `type:"period" min:"1s" max:"15m" default:"1s" placeholder:"DURATION" group:"Guessing" help:"The first wait after that, 1s to 15m. Each further wait is twice as long."`
	LoginMaxWait         time.Duration `type:"period" min:"1s" max:"24h" default:"15m" placeholder:"DURATION" group:"Guessing" help:"The longest wait, 1s to 24h."`
	LoginTriesPerAddress int           `type:"number" min:"1" max:"1000000" default:"50" placeholder:"N" group:"Guessing" help:"How many logins from one address (IPv6: one /64) may fail per window, up to 1000000."`
	LoginAddressWindow   time.Duration `type:"period" min:"1m" max:"24h" default:"15m" placeholder:"DURATION" group:"Guessing" help:"The window for failed logins from one address, 1m to 24h."`
	LoginTriesPerAccount int           `type:"number" min:"1" max:"1000000" default:"100" placeholder:"N" group:"Guessing" help:"How many logins to one account may fail per window, counting addresses that are new to it only."`
	LoginAccountWindow   time.Duration `type:"period" min:"1m" max:"24h" default:"1h" placeholder:"DURATION" group:"Guessing" help:"The window for failed logins to one account, 1m to 24h."`
	SignupsPerAddress    int           `type:"number" min:"1" max:"1000000" default:"300" placeholder:"N" group:"Guessing" help:"How many sign-ups one address (IPv6: one /64) may make per window, up to 1000000."`
	SignupWindow         time.Duration `type:"period" min:"1m" max:"24h" default:"1h" placeholder:"DURATION" group:"Guessing" help:"The window for sign-ups, 1m to 24h."`
	MailsPerAccount      int           `type:"number" min:"1" max:"1000000" default:"5" placeholder:"N" group:"Guessing" help:"How many mails of one kind one e-mail address may be sent on request per window, up to 1000000."`
	MailsPerAddress      int           `type:"number" min:"1" max:"1000000" default:"100" placeholder:"N" group:"Guessing" help:"How many mails one address (IPv6: one /64) may ask for per window, up to 1000000."`
	MailWindow           time.Duration `type:"period" min:"1m" max:"24h" default:"1h" placeholder:"DURATION" group:"Guessing" help:"The window for mails, 1m to 24h."`
}

func (c *guessingConfig) checkLoginWaits() error {
	if c.LoginMaxWait < c.LoginFirstWait {
		return refuse("POSTERN_LOGIN_MAX_WAIT", "must not be shorter than POSTERN_LOGIN_FIRST_WAIT")
	}
	return nil
}

func (c *guessingConfig) limits() throttle.Limits {
	return throttle.Limits{
		FreeTries:     int64(c.LoginFreeTries),
		FirstWait:     c.LoginFirstWait,
		MaxWait:       c.LoginMaxWait,
		PerAddress:    int64(c.LoginTriesPerAddress),
		AddressWindow: c.LoginAddressWindow,
		PerAccount:    int64(c.LoginTriesPerAccount),
		AccountWindow: c.LoginAccountWindow,
		SignUps:       int64(c.SignupsPerAddress),
		SignUpWindow:  c.SignupWindow,

		MailsPerAccount: int64(c.MailsPerAccount),
		MailsPerClient:  int64(c.MailsPerAddress),
		MailWindow:      c.MailWindow,
	}
}
