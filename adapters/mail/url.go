package mail

import (
	"cmp"
	"errors"
	"net/url"
	"strconv"

	"example.com/postern/domain"
)

// Server holds the address and the credentials of a mail server.
type Server struct {
	host     string
	port     int
	user     string
	password domain.Secret
	security security
}

type security int

const (
	startTLS    security = iota // the connection is encrypted by STARTTLS (RFC 3207) before it is used
	implicitTLS                 // the connection is encrypted from the beginning (RFC 8314)
	plain                       // not encrypted
)

// schemes lists the schemes of URLs, with their usual ports.
var schemes = map[string]struct {
	security security
	port     string
}{
	"smtp":       {startTLS, "587"},
	"smtps":      {implicitTLS, "465"},
	"smtp+plain": {plain, "25"},
}

// ParseURL reads the URL of a server: smtp://USER:PASSWORD@HOST:PORT (STARTTLS is required), smtps://... (TLS from the
// beginning), or smtp+plain://HOST:PORT (neither encryption nor credentials). Its errors do not repeat the URL.
func ParseURL(secret domain.Secret) (Server, error) {
	u, err := url.Parse(secret.Reveal())
	if err != nil || u.Hostname() == "" || u.Opaque != "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return Server{}, errors.New("must be smtp://USER:PASSWORD@HOST:PORT or smtps://USER:PASSWORD@HOST:PORT; special characters in " +
			"the user or password are written as %XX")
	}
	scheme, known := schemes[u.Scheme]
	if !known {
		return Server{}, errors.New("must begin with smtp:// (STARTTLS), smtps:// (TLS) or smtp+plain:// (not encrypted)")
	}
	port, err := strconv.ParseUint(cmp.Or(u.Port(), scheme.port), 10, 16)
	if err != nil || port == 0 {
		return Server{}, errors.New("must have a port from 1 to 65535, or none")
	}
	password, hasPassword := u.User.Password()
	switch {
	case u.User != nil && (u.User.Username() == "" || !hasPassword || password == ""):
		return Server{}, errors.New("must have both a user and a password, or neither")
	case u.User != nil && scheme.security == plain:
		return Server{}, errors.New("must not have a password with smtp+plain://, which would send it readably: use smtp:// or smtps://")
	}
	return Server{
		host: u.Hostname(), port: int(port), user: u.User.Username(),
		password: domain.NewSecret(password), security: scheme.security,
	}, nil
}
