package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// failure is an error of the driver's, in words of ours: the driver's own hold the user, hosts and addresses, and what the server
// says may hold values.
type failure struct {
	text   string
	cause  error
	hinted bool // the text says what to do
}

func (e *failure) Error() string { return e.text }

func (e *failure) Unwrap() error { return e.cause }

// plain returns a driver's error as a failure. Other errors stay as they are.
func plain(err error) error {
	if _, done := errors.AsType[*failure](err); done || err == nil {
		return err
	}
	if e, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return &failure{text: "the database cannot be connected to: " + strings.Join(reasons(e.Unwrap()), "; "), cause: err}
	}
	_, refused := errors.AsType[*pgconn.PgError](err)
	_, broken := errors.AsType[*net.OpError](err)
	if refused || broken {
		return &failure{text: reason(err), cause: err}
	}
	return err
}

// reasons returns why each of several hosts was not connected to, each reason once.
func reasons(err error) (all []string) {
	causes := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		causes = joined.Unwrap()
	}
	for _, cause := range causes {
		if text := reason(cause); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// reason tells by its type what an error of the driver's or the network's means.
func reason(err error) string {
	if e, ok := errors.AsType[*failure](err); ok {
		return e.text
	}
	if e, ok := errors.AsType[*WrongSettingError](err); ok {
		return e.Error()
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return refusal(e)
	}
	if text := reasonOfTLS(err); text != "" {
		return text
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok && !e.IsTimeout {
		return "the host's name cannot be looked up"
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno.Error()
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "it was interrupted"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), pgconn.Timeout(err):
		return "it did not answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "the connection was closed"
	}
	return "it could not be agreed how to connect: look at sslmode and the like in the URL, and at the server's log"
}

func reasonOfTLS(err error) string {
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "the server's certificate is for another host"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "the server's certificate is signed by an unknown authority"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the server's certificate is not valid"
	}
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return alert.Error()
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "the server does not speak TLS"
	}
	return ""
}

// refusal is what a server says: its own words only where they hold names of the schema and the system, never values or users.
func refusal(e *pgconn.PgError) string {
	text, class := "the database refused", ""
	if len(e.Code) == 5 {
		class = e.Code[:2]
	}
	switch {
	case class == "28":
		text = "the server refuses the user or the password"
	case class == "3D":
		text = "the server has no such database"
	case class == "23":
		text = "a constraint refuses it: " + e.ConstraintName
	case class == "08":
		text = "the server does not understand, or does not allow, what is asked of it"
	case slices.Contains([]string{"25", "26", "40", "42", "53", "54", "55", "57", "58", "XX"}, class):
		text = e.Message
	}
	return text + " (SQLSTATE " + e.Code + ")"
}

// SQLSTATEs that a pooler in transaction mode gives to a client that holds it for a server.
const (
	protocolViolation          = "08P01" // a startup parameter that it does not know
	invalidStatementName       = "26000" // a statement that was prepared on another connection
	duplicatePreparedStatement = "42P05"
)

// hinted adds what to do, once, to an error that a pooler gives when nobody said that there is one.
func (o Options) hinted(err error) error {
	switch sqlState(err) {
	case protocolViolation, invalidStatementName, duplicatePreparedStatement:
		if f, ok := errors.AsType[*failure](err); !o.Pooler && o.PoolerHint != "" && !(ok && f.hinted) {
			return &failure{err.Error() + ": perhaps there is a pooler in transaction mode in between: " + o.PoolerHint, err, true}
		}
	}
	return err
}
