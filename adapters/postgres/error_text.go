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

// safe turns an error of the driver into a safeError: the driver's text contains the user, hosts and addresses, and the
// server's may contain values. It returns other errors as they are.
func safe(err error) error {
	connectError, isConnect := errors.AsType[*pgconn.ConnectError](err)
	if done, ok := errors.AsType[*safeError](err); ok {
		// A safeError inside a ConnectError is about one host only. The text of the ConnectError is still the driver's.
		if _, outermost := errors.AsType[*pgconn.ConnectError](done); outermost || !isConnect {
			return err
		}
	}
	if isConnect {
		return &safeError{"the database cannot be connected to: " + strings.Join(describeHosts(connectError.Unwrap()), "; "), err}
	}
	_, fromServer := errors.AsType[*pgconn.PgError](err)
	_, fromNetwork := errors.AsType[*net.OpError](err)
	if fromServer || fromNetwork {
		return &safeError{describe(err, describeServerError), err}
	}
	return err
}

// describeHosts returns why connecting to each host failed, without duplicates.
func describeHosts(err error) (texts []string) {
	causes := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		causes = joined.Unwrap()
	}
	for _, cause := range causes {
		if text := describe(cause, describeConnectError); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// describe returns the text for an error of the driver or the network, by its type. fromServer returns the text for an
// error from the server.
func describe(err error, fromServer func(*pgconn.PgError) string) string {
	if e, ok := errors.AsType[*safeError](err); ok {
		return e.text
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return fromServer(e)
	}
	if text := describeTLS(err); text != "" {
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
	return "client and server do not agree on how to connect: check sslmode and similar settings in the URL, and the server's log"
}

// describeTLS returns the text for an error of TLS, or "".
func describeTLS(err error) string {
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

// describeServerError returns the text for an error from the server. It includes the server's message only for classes
// whose messages name parts of the schema or the system, but no values or users.
func describeServerError(e *pgconn.PgError) string {
	text := "the database rejected the statement"
	switch class := e.Code[:min(2, len(e.Code))]; class {
	case "28", "3D":
		return describeConnectError(e) // a pooler may send these on an open connection
	case "23":
		text = "the statement violates the constraint " + e.ConstraintName
	case "08":
		text = protocolText
	case "25", "26", "40", "42", "53", "54", "55", "57", "58", "XX":
		text = e.Message
	}
	if e.Severity == "FATAL" || e.SeverityUnlocalized == "FATAL" {
		return describeConnectError(e) // the server ended the connection
	}
	return text + " (SQLSTATE " + e.Code + ")"
}

const protocolText = "the server does not understand or allow the request"

// connectErrorTexts are texts for SQLSTATEs and their prefixes. The longest prefix applies.
var connectErrorTexts = map[string]string{
	"":      "the server refuses the connection",
	"08":    protocolText,
	"22023": "the server does not accept the value of a setting in the URL",
	"28":    "the server refuses the user or the password",
	"3D":    "the server has no such database",
	"42501": "the user may not connect to the database, or may not change a setting in the URL",
	"42704": "the server does not know a setting in the URL",
	"53":    "the server lacks memory, disk space or another resource",
	"53300": "the server has too many connections, in total or of this user or database",
	"55000": "the database does not accept connections",
	"55P02": "a setting in the URL cannot be changed by a connection",
	"57P":   "the server ended the connection",
	"57P03": "the server does not accept connections now: it is starting, stopping or recovering",
	"58":    "the server has a system error",
}

// describeConnectError returns the text for an error with which the server refuses or ends a connection. It never
// includes the server's message, which may name the user, the database or a setting.
func describeConnectError(e *pgconn.PgError) string {
	prefix := e.Code
	for connectErrorTexts[prefix] == "" {
		prefix = prefix[:len(prefix)-1]
	}
	return connectErrorTexts[prefix] + " (SQLSTATE " + e.Code + ")"
}

// withPoolerHint adds the pooler hint to an error that a pooler in transaction mode typically causes, unless Pooler is
// set.
func (o Options) withPoolerHint(err error) error {
	switch sqlState(err) {
	case protocolViolation, invalidStatementName, duplicatePreparedStatement:
		if !o.Pooler && o.PoolerHint != "" {
			return &safeError{err.Error() + ": there may be a pooler in transaction mode between the service and the database: " +
				o.PoolerHint, err}
		}
	}
	return err
}
