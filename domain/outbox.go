package domain

import (
	"context"
	"crypto/rand"
	"sync/atomic"
	"time"
)

// OutboxItem is a mail that is still to be sent. It holds no secret: its text and token are made when it is sent.
type OutboxItem struct {
	ID        string // random, at least 128 bits
	Kind      MailKind
	UserID    UserID // 0 if the request named only an address
	Email     Email  // the recipient
	TokenID   string // the e-mail token that the link contains; empty in notices
	CreatedAt time.Time
	Attempts  int // the attempts that failed
}

// OutboxRepository stores mails that are still to be sent.
type OutboxRepository interface {
	// Add adds an item, due at once. In a transaction, the mail is sent if and only if the transaction commits.
	Add(ctx context.Context, item OutboxItem) error

	// Claim claims at most limit items until a time, and returns them. They are due and not claimed yet, and those that
	// became due first come first. No two calls, on any instances, claim the same item at the same time.
	Claim(ctx context.Context, now, until time.Time, limit int) ([]OutboxItem, error)

	// Delete deletes an item that was sent or is no longer needed.
	Delete(ctx context.Context, id string) error

	// Retry counts a failed attempt, ends the claim, and makes the item due again at a time. The claim is the one that Claim made
	// until that time. If it is over, Retry does nothing: another instance may have claimed the item since.
	Retry(ctx context.Context, id string, until, due time.Time) error

	// Bury keeps an item that is not sent any more, until DeleteBuried removes it. It is not claimed again.
	Bury(ctx context.Context, id string, at time.Time) error

	// DeleteBuried deletes at most limit items that were buried at or before a time, and returns how many.
	DeleteBuried(ctx context.Context, until time.Time, limit int) (int, error)

	// Count counts the items, each number up to limit.
	Count(ctx context.Context, limit int) (OutboxCount, error)
}

// OutboxCount says how many mails an outbox contains.
type OutboxCount struct {
	Waiting int       // neither sent nor buried
	Buried  int       // see [OutboxRepository.Bury]
	Oldest  time.Time // when the mail that has waited longest was added; the zero time if none waits
}

// NewOutboxID returns a new random ID of an outbox item.
func NewOutboxID() string { return rand.Text() }

// ErrMailBacklog is returned if too many mails wait. It does not depend on the address.
var ErrMailBacklog = &Error{Kind: ErrBusy, Code: "mail_backlog", Message: "Too many mails are waiting to be sent. Try again later.", RetryAfter: time.Minute}

// MailBacklog bounds how many mails wait in the outbox. Call Sample regularly to count them. Mails that are added between two
// samples may exceed the bound.
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

// Check returns [ErrMailBacklog] if too many mails waited at the last sample. A nil backlog is never full. Services call it
// before they look anything up, so that the answer does not depend on whether an address has an account.
func (b *MailBacklog) Check() error {
	if b != nil && b.Last().Waiting >= b.max {
		return ErrMailBacklog
	}
	return nil
}
