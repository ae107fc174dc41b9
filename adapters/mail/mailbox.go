package mail

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"example.com/postern/domain"
)

// maxFiles is how many mails a mailbox keeps.
const maxFiles = 1000

// Mailbox writes mails to .eml files, which mail programs can open. It is for development: no mail leaves the machine.
type Mailbox struct {
	folder string
	from   From
	log    func(file string)

	mu sync.Mutex
}

var _ domain.Mailer = (*Mailbox)(nil)

// NewMailbox returns a mailer that writes to a folder, which it creates. It calls log with the name of each new file.
func NewMailbox(folder string, from From, log func(file string)) *Mailbox {
	return &Mailbox{folder: folder, from: from, log: log}
}

// Send implements [domain.Mailer]. A file that exists is complete. The names of files are in the order of time.
func (b *Mailbox) Send(ctx context.Context, m domain.Mail) error {
	message, err := b.from.compose(m)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.MkdirAll(b.folder, 0o700); err != nil {
		return fileError("create the folder of mails", err)
	}
	temporary, err := os.CreateTemp(b.folder, ".new-*") // mode 0600
	if err != nil {
		return fileError("write a mail", err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // after the renaming, it does nothing
	_, err = message.WriteTo(temporary)
	if err := errors.Join(err, temporary.Close()); err != nil {
		return fileError("write a mail", err)
	}
	name := filepath.Join(b.folder, time.Now().UTC().Format("20060102T150405.000000Z")+"-"+fileName(m.ID)+".eml")
	if err := os.Rename(temporary.Name(), name); err != nil {
		return fileError("write a mail", err)
	}
	b.log(name)
	b.removeOldest()
	return nil
}

// removeOldest bounds the number of files. It ignores failures, because the mail is written and the next one tries again.
func (b *Mailbox) removeOldest() {
	entries, _ := os.ReadDir(b.folder) // sorted by name
	var mails []string
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) == ".eml" {
			mails = append(mails, entry.Name())
		}
	}
	for _, name := range mails[:max(0, len(mails)-maxFiles)] {
		_ = os.Remove(filepath.Join(b.folder, name))
	}
}

// fileName returns the letters and digits of an ID.
func fileName(id string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' {
			return r
		}
		return -1
	}, id)
}

func fileError(doing string, err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	return &domain.MailError{Kind: domain.ErrMailServer, Reason: fmt.Sprintf("cannot %s: %v", doing, err)}
}
