package domain

import (
	"context"
	"sync/atomic"
	"time"
)

// ErrMailBacklog is returned if so many mails wait that no other is accepted. The same happens for every address.
var ErrMailBacklog = &Error{Kind: ErrBusy, Code: "mail_backlog", Message: "Too many mails are waiting to be sent. Try again later.", RetryAfter: time.Minute}

// MailBacklog bounds how many mails wait in the outbox. Sample counts them from time to time, so the bound is exceeded by what
// is added between two samples.
type MailBacklog struct {
	store  Store
	max    int
	sample atomic.Pointer[MailSample]
}

// MailSample is what a sample of the outbox found.
type MailSample struct {
	Waiting, Buried int           // counted up to the bound
	Age             time.Duration // of the mail that has waited longest
}

// NewMailBacklog returns a backlog that is full when max mails wait.
func NewMailBacklog(store Store, max int) *MailBacklog {
	b := &MailBacklog{store: store, max: max}
	b.sample.Store(&MailSample{})
	return b
}

// Sample counts the mails.
func (b *MailBacklog) Sample(ctx context.Context) error {
	now, err := b.store.Now(ctx)
	if err != nil {
		return err
	}
	count, err := b.store.Outbox().Count(ctx, b.max)
	if err != nil {
		return err
	}
	sample := MailSample{Waiting: count.Waiting, Buried: count.Buried}
	if count.Waiting > 0 && !count.Oldest.IsZero() {
		sample.Age = max(0, now.Sub(count.Oldest))
	}
	b.sample.Store(&sample)
	return nil
}

// Last returns the last sample.
func (b *MailBacklog) Last() MailSample { return *b.sample.Load() }

// Check returns [ErrMailBacklog] if too many mails waited at the last sample. A nil backlog is never full. Services call it before
// they look anything up, so that the answer does not depend on whether an address has an account.
func (b *MailBacklog) Check() error {
	if b != nil && b.Last().Waiting >= b.max {
		return ErrMailBacklog
	}
	return nil
}
