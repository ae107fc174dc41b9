// Package mail implements [domain.Mailer]: [SMTP] sends mails to a server, and [Mailbox] writes them to files.
package mail

import (
	"errors"
	netmail "net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"example.com/postern/domain"
)

// From is the sender of mails.
type From struct {
	name    string
	address domain.Email
}

// ParseFrom reads an address, or a name and an address: Postern <postern@example.com>.
func ParseFrom(text string) (From, error) {
	parsed, err := netmail.ParseAddress(text)
	if err != nil {
		return From{}, errors.New("must be an address, or a name and an address, such as Postern <postern@example.com>")
	}
	address, ok := domain.ParseEmail(parsed.Address)
	if !ok {
		return From{}, errors.New("must contain a valid address")
	}
	return From{name: parsed.Name, address: address}, nil
}

// host returns the domain of the address.
func (f From) host() string {
	_, host, _ := strings.Cut(f.address.ASCII(), "@")
	return host
}

// compose returns the message of a mail: plain text, and the same as HTML. It checks the address, which comes from a client,
// again: it must add neither a header nor a recipient.
func (f From) compose(m domain.Mail) (*gomail.Msg, error) {
	to, ok := domain.ParseEmail(string(m.To))
	if !ok {
		return nil, &domain.MailError{Kind: domain.ErrMailRefused, Reason: "the address is not valid"}
	}
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := message.FromFormat(f.name, f.address.ASCII()); err != nil {
		return nil, &domain.MailError{Kind: domain.ErrMailServer, Reason: "the sender's address cannot be used"}
	}
	if err := message.To(to.ASCII()); err != nil {
		return nil, &domain.MailError{Kind: domain.ErrMailRefused, Reason: "the address is not valid"}
	}
	message.SetMessageIDWithValue(m.ID + "@" + f.host())
	message.SetDate()
	message.Subject(m.Subject)
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's autoresponder answers
	message.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		message.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return message, nil
}
