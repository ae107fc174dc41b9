package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"slices"
	"syscall"

	gomail "github.com/wneessen/go-mail"

	"example.com/postern/domain"
)

// dialError translates a failure to connect, to encrypt or to log in. It affects all mails.
func dialError(ctx context.Context, err error) error {
	failure := &domain.MailError{Kind: domain.ErrMailServer, Reason: dialReason(ctx, err)}
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		failure.Status, failure.Answer = reply.Code, reply.Msg
	}
	return failure
}

// credentialCodes are the replies that refuse credentials (RFC 4954, section 6).
var credentialCodes = []int{432, 454, 500, 530, 534, 535, 538}

func dialReason(ctx context.Context, err error) string {
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		if slices.Contains(credentialCodes, reply.Code) {
			return "the mail server refuses the user or the password"
		}
		return "the mail server refuses the connection"
	}
	if ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return "the mail server does not answer in time"
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "the host name of the mail server cannot be resolved"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the certificate of the mail server cannot be trusted: " + certificateReason(err)
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "the mail server does not speak TLS at this port: smtp:// is for STARTTLS, smtps:// for TLS from the beginning"
	}
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		return "the mail server cannot be reached: " + errno.Error()
	}
	if isCut(err) {
		return "the mail server closed the connection"
	}
	return "the mail server lacks STARTTLS, or a way to log in (SCRAM-SHA-256, PLAIN or LOGIN)"
}

func certificateReason(err error) string {
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "it is for another host"
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "it has expired or is not valid yet"
	}
	return "no trusted authority has signed it"
}

// sendError translates a failure after the login. A server that refuses the sender refuses all mails. Any other reply and a
// broken connection may affect this mail only.
func sendError(ctx context.Context, err error) error {
	failure := &domain.MailError{Reason: "the connection to the mail server was cut"}
	if ctx.Err() != nil {
		failure.Reason = "the mail server does not answer in time"
	}
	send, ok := errors.AsType[*gomail.SendError](err)
	if !ok || send.ErrorCode() == 0 {
		return failure
	}
	failure.Status, failure.Reason, failure.Answer = send.ErrorCode(), "the mail server refuses the mail", send.Error()
	switch {
	case send.Reason == gomail.ErrSMTPMailFrom && failure.Status >= 500:
		failure.Kind, failure.Reason = domain.ErrMailServer, "the mail server refuses the sender, POSTERN_MAIL_FROM"
	case failure.Status == 421:
		failure.Kind, failure.Reason = domain.ErrMailServer, "the mail server is closing"
	case failure.Status >= 500:
		failure.Kind = domain.ErrMailRefused
	}
	return failure
}

// isCut reports whether the other side closed the connection.
func isCut(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}
