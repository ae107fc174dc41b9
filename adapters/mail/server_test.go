package mail

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// testServer is a mail server. Its fields say how it behaves; set them before the first connection.
type testServer struct {
	onMail, onRcpt, onData, onAuth error
	cutInData                      bool

	port  int
	roots *x509.CertPool

	mu       sync.Mutex
	accepted []received
}

// received is a mail that the server accepted.
type received struct {
	from string
	to   []string
	text string
}

// startServer starts a server with STARTTLS, or with TLS from the beginning, or without encryption.
func startServer(t *testing.T, how security) *testServer {
	t.Helper()
	s := &testServer{}
	certificate, roots := newCertificate(t)
	s.roots = roots
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.port = listener.Addr().(*net.TCPAddr).Port
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	server.Domain, server.EnableSMTPUTF8 = "mail.example", false
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	switch how {
	case implicitTLS:
		listener = tls.NewListener(listener, config)
	case startTLS:
		server.TLSConfig = config
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
	return s
}

func (s *testServer) mails() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// mailer returns a mailer for the server.
func (s *testServer) mailer(t *testing.T, scheme, user string) *SMTP {
	t.Helper()
	m := newMailer(t, scheme+"://"+user+"127.0.0.1:"+strconv.Itoa(s.port))
	m.roots = s.roots
	return m
}

func newMailer(t *testing.T, url string) *SMTP {
	t.Helper()
	server, err := ParseURL(domain.NewSecret(url))
	require.NoError(t, err)
	from, err := ParseFrom("Postern <postern@bücher.example>")
	require.NoError(t, err)
	return NewSMTP(server, from)
}

type session struct {
	server *testServer
	conn   *smtp.Conn
	mail   received
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "user@relay" || password != "p:ss" {
			return smtp.ErrAuthFailed
		}
		return s.server.onAuth
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mail = received{from: from}
	return s.server.onMail
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = append(s.mail.to, to)
	return s.server.onRcpt
}

func (s *session) Data(r io.Reader) error {
	if s.server.cutInData {
		_ = s.conn.Conn().Close()
		return errors.New("cut")
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.onData != nil {
		return s.server.onData
	}
	s.mail.text = string(text)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.accepted = append(s.server.accepted, s.mail)
	return nil
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }

// newCertificate returns a certificate for 127.0.0.1, and the authorities that trust it.
func newCertificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
