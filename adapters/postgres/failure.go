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

// failure is an error of the driver with a safe text. The driver's own text contains the user, hosts and addresses, and
// the server's may contain values.
type failure struct {
	text   string
	cause  error
	hinted bool // the text contains the pooler hint
}

func (e *failure) Error() string { return e.text }

func (e *failure) Unwrap() error { return e.cause }

// plain turns an error of the driver into a failure. It returns other errors as they are.
func plain(err error) error {
	refused, isConnect := errors.AsType[*pgconn.ConnectError](err)
	if done, ok := errors.AsType[*failure](err); ok {
		// A failure inside a ConnectError is about one host only. The text of the ConnectError is still the driver's.
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

// reasons returns why connecting to each host failed, each reason once.
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

// reason describes an error of the driver or the network by its type. refusal describes an error from the server.
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

// refusal returns the text for an error from the server. It includes the server's message only for classes whose
// messages name parts of the schema or the system, but no values or users.
func refusal(e *pgconn.PgError) string {
	text, class := "the database refused", classOf(e.Code)
	switch {
	case isFatal(e), class == "28", class == "3D":
		return refusalToConnect(e) // a pooler may send these on an open connection
	case class == "23":
		text = "a constraint refuses it: " + e.ConstraintName
	case class == "08":
		text = notUnderstood
	case slices.Contains([]string{"25", "26", "40", "42", "53", "54", "55", "57", "58", "XX"}, class):
		text = e.Message
	}
	return text + " (SQLSTATE " + e.Code + ")"
}

// isFatal reports whether the server ended the connection with this error. Its message may then name the user, the
// database or a setting.
func isFatal(e *pgconn.PgError) bool {
	return e.Severity == "FATAL" || e.SeverityUnlocalized == "FATAL"
}

const notUnderstood = "the server does not understand, or does not allow, what is asked of it"

// refusalsToConnect are texts for SQLSTATEs and their prefixes. The longest prefix counts.
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

// refusalToConnect returns the text for an error with which the server refuses or ends a connection. It never includes
// the server's message, which may name the user, the database or a setting.
func refusalToConnect(e *pgconn.PgError) string {
	text := "the server refuses the connection"
	for _, prefix := range []int{2, 3, 5} {
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

// The SQLSTATEs with which a pooler in transaction mode answers a client that uses sessions.
const (
	protocolViolation          = "08P01" // an unknown startup parameter
	invalidStatementName       = "26000" // a statement prepared on another connection
	duplicatePreparedStatement = "42P05"
)

// hinted adds the pooler hint, once, to an error that is typical of a pooler, unless Pooler is set.
func (o Options) hinted(err error) error {
	switch sqlState(err) {
	case protocolViolation, invalidStatementName, duplicatePreparedStatement:
		if f, ok := errors.AsType[*failure](err); !o.Pooler && o.PoolerHint != "" && !(ok && f.hinted) {
			return &failure{err.Error() + ": perhaps there is a pooler in transaction mode in between: " + o.PoolerHint, err, true}
		}
	}
	return err
}
