package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"example.com/postern/domain"
)

const (
	sessionTimeout = 20 * time.Second
	quitTimeout    = time.Second // for the end of a session, when the mail is sent already
)

// SMTP sends mails to a server, over a new connection for each mail.
type SMTP struct {
	server Server
	from   From
	roots  *x509.CertPool // nil: those of the system

	timeout time.Duration // of a session, from the look-up of the host name to QUIT
}

var _ domain.Mailer = (*SMTP)(nil)

// NewSMTP returns a mailer for a server.
func NewSMTP(server Server, from From) *SMTP {
	return &SMTP{server: server, from: from, timeout: sessionTimeout}
}

// Send implements [domain.Mailer].
func (s *SMTP) Send(ctx context.Context, m domain.Mail) error {
	_, err := s.Deliver(ctx, m)
	return err
}

// Deliver is Send, and returns the reply with which the server accepted the mail.
func (s *SMTP) Deliver(ctx context.Context, m domain.Mail) (answer string, err error) {
	message, err := s.from.compose(m)
	if err != nil {
		return "", err
	}
	err = s.connect(ctx, func(client *gomail.Client, session *smtp.Client) error {
		err := client.SendWithSMTPClient(session, message)
		if message.IsDelivered() { // an error after that does not matter
			answer = message.ServerResponse()
			return nil
		}
		return err
	})
	return answer, err
}

// Check connects to the server and logs in.
func (s *SMTP) Check(ctx context.Context) error {
	return s.connect(ctx, func(*gomail.Client, *smtp.Client) error { return nil })
}

// connect begins a session, runs fn and ends the session. It closes the connection when ctx ends or the session takes longer than
// the timeout.
func (s *SMTP) connect(ctx context.Context, fn func(*gomail.Client, *smtp.Client) error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	stop := func() bool { return false }
	defer func() { stop() }()
	dial := func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(dialing, network, address)
		if err != nil {
			return nil, err
		}
		stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
		if s.server.security != implicitTLS {
			return conn, nil
		}
		encrypted := tls.Client(conn, s.tlsConfig())
		if err := encrypted.HandshakeContext(dialing); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return encrypted, nil
	}
	client, err := gomail.NewClient(s.server.host, s.options(dial)...)
	if err != nil {
		return &domain.MailError{Kind: domain.ErrMailServer, Reason: "the settings of the mail server cannot be used"}
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return dialError(ctx, err)
	}
	defer func() { _ = session.Close() }() // after QUIT, it does nothing
	if err := fn(client, session); err != nil {
		return sendError(ctx, err)
	}
	defer time.AfterFunc(quitTimeout, cancel).Stop()
	_ = session.Quit()
	return nil
}

func (s *SMTP) options(dial gomail.DialContextFunc) []gomail.Option {
	// The library's own deadline is later than that of the context, so that the error of the context reports the timeout.
	options := []gomail.Option{
		gomail.WithPort(s.server.port), gomail.WithTimeout(2 * s.timeout),
		gomail.WithDialContextFunc(dial), gomail.WithTLSConfig(s.tlsConfig()),
		gomail.WithHELO(s.from.host()), gomail.WithoutNoop(), gomail.WithoutRset(), gomail.WithoutSMTPUTF8(), // all headers are ASCII
	}
	switch s.server.security {
	case implicitTLS:
		options = append(options, gomail.WithSSL())
	case plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.server.user != "" {
		options = append(options, gomail.WithUsername(s.server.user), gomail.WithPassword(s.server.password.Reveal()),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	return options
}

func (s *SMTP) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.server.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
}
