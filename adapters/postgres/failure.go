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
	refused, isConnect := errors.AsType[*pgconn.ConnectError](err)
	if done, ok := errors.AsType[*failure](err); ok {
		// A failure inside a ConnectError is the reason of one host. The text of the ConnectError around it is still the driver's.
		if _, outermost := errors.AsType[*pgconn.ConnectError](done); outermost || !isConnect {
			return err
		}
	}
	if isConnect {
		return &failure{text: "the database cannot be connected to: " + strings.Join(reasons(refused.Unwrap()), "; "), cause: err}
	}
	_, answered := errors.AsType[*pgconn.PgError](err)
	_, broken := errors.AsType[*net.OpError](err)
	if answered || broken {
		return &failure{text: reason(err, refusal), cause: err}
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
		if text := reason(cause, refusalToConnect); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// reason says what an error of the driver or the network means, by its type. refusal says it for an error of the server.
func reason(err error, refusal func(*pgconn.PgError) string) string {
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

// refusal returns the text for an error of the server. It holds the server's own words only where they name parts of the schema
// and the system, never values or users.
func refusal(e *pgconn.PgError) string {
	text, class := "the database refused", classOf(e.Code)
	switch {
	case isFatal(e), class == "28", class == "3D":
		return refusalToConnect(e) // a pooler passes these on later
	case class == "23":
		text = "a constraint refuses it: " + e.ConstraintName
	case class == "08":
		text = notUnderstood
	case slices.Contains([]string{"25", "26", "40", "42", "53", "54", "55", "57", "58", "XX"}, class):
		text = e.Message
	}
	return text + " (SQLSTATE " + e.Code + ")"
}

// isFatal reports whether the server ended the connection with this error. Its words may then name the user, the database or a setting.
func isFatal(e *pgconn.PgError) bool {
	return e.Severity == "FATAL" || e.SeverityUnlocalized == "FATAL"
}

const notUnderstood = "the server does not understand, or does not allow, what is asked of it"

// refusalsToConnect are fixed words for SQLSTATEs, and for their classes.
var refusalsToConnect = map[string]string{
	"08":    notUnderstood,
	"22023": "the server does not accept the value of a setting in the URL",
	"28":    "the server refuses the user or the password",
	"3D":    "the server has no such database",
	"42501": "the user has no right to connect to the database, or to change a setting in the URL",
	"42704": "the server does not know a setting in the URL",
	"53":    "the server lacks memory, disk space or another resource",
	"53300": "the server has too many connections, in total or of this user or database",
	"55000": "the database does not accept connections",
	"55P02": "a setting in the URL cannot be changed by a connection",
	"57P":   "the server ended the connection",
	"57P03": "the server does not accept connections now: it starts, stops or recovers",
	"58":    "the server has a fault in its system",
}

// refusalToConnect returns the text for an error of the server that refuses or ends a connection. It never holds the server's
// own words, which may name the user, the database or a setting.
func refusalToConnect(e *pgconn.PgError) string {
	text := "the server refuses the connection"
	for _, prefix := range []int{2, 3, 5} { // the longest counts
		if words := refusalsToConnect[e.Code[:min(prefix, len(e.Code))]]; words != "" {
			text = words
		}
	}
	return text + " (SQLSTATE " + e.Code + ")"
}

func classOf(state string) string {
	if len(state) != 5 {
		return ""
	}
	return state[:2]
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
