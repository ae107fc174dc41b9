package main

import (
	"time"

	"example.com/postern/domain/throttle"
)

// sessionConfig is how long people stay logged in.
type sessionConfig struct {
	SessionIdle     time.Duration `type:"period" min:"1h" max:"8760h" default:"336h" placeholder:"DURATION" group:"Sessions" help:"How long a session lives without a refresh, from 1h to 8760h: 14 days."`
	SessionLifetime time.Duration `type:"period" min:"1h" max:"8760h" default:"2160h" placeholder:"DURATION" group:"Sessions" help:"How long it lives at most, however often it is refreshed, up to 8760h: 90 days."`
}

func (c *sessionConfig) checkSessions() error {
	if c.SessionLifetime < c.SessionIdle {
		return refuse("POSTERN_SESSION_LIFETIME", "must not be shorter than POSTERN_SESSION_IDLE")
	}
	return nil
}

// passwordConfig is what new passwords are held to.
type passwordConfig struct {
	PasswordMin int `type:"number" min:"8" max:"64" default:"8" placeholder:"N" group:"Passwords" help:"How many characters a new password has at least, 8 to 64; NIST asks for 15."`
}

// guessingConfig is how many wrong tries are taken before whoever guesses has to wait (see [throttle.Limits]). The figures are
// bounded, and none turns throttling off.
type guessingConfig struct {
	LoginFreeTries       int           `type:"number" min:"1" max:"100" default:"5" placeholder:"N" group:"Guessing" help:"Wrong passwords for one account from one address before waits begin, 1 to 100."`
	LoginFirstWait       time.Duration `type:"period" min:"1s" max:"15m" default:"1s" placeholder:"DURATION" group:"Guessing" help:"The first of those waits, from 1s to 15m; each is twice the one before."`
	LoginMaxWait         time.Duration `type:"period" min:"1s" max:"24h" default:"15m" placeholder:"DURATION" group:"Guessing" help:"The longest of those waits, from 1s to 24h."`
	LoginTriesPerAddress int           `type:"number" min:"1" max:"1000000" default:"50" placeholder:"N" group:"Guessing" help:"Wrong passwords from one address (IPv6: one /64) in a window, up to 1000000."`
	LoginAddressWindow   time.Duration `type:"period" min:"1m" max:"24h" default:"15m" placeholder:"DURATION" group:"Guessing" help:"That window, from 1m to 24h."`
	LoginTriesPerAccount int           `type:"number" min:"1" max:"1000000" default:"100" placeholder:"N" group:"Guessing" help:"Wrong passwords for one account in a window, from addresses that are new to it."`
	LoginAccountWindow   time.Duration `type:"period" min:"1m" max:"24h" default:"1h" placeholder:"DURATION" group:"Guessing" help:"That window, from 1m to 24h."`
	SignupsPerAddress    int           `type:"number" min:"1" max:"1000000" default:"300" placeholder:"N" group:"Guessing" help:"Sign-ups from one address (IPv6: one /64) in a window, up to 1000000."`
	SignupWindow         time.Duration `type:"period" min:"1m" max:"24h" default:"1h" placeholder:"DURATION" group:"Guessing" help:"That window, from 1m to 24h."`
}

func (c *guessingConfig) checkWaits() error {
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
	}
}
