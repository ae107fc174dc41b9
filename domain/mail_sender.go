package domain

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	mailClaim   = 2 * time.Minute  // how long an item is claimed
	mailTimeout = 20 * time.Second // for one attempt to send: well below mailClaim
	mailStart   = 30 * time.Second // an attempt that could not begin by then leaves the item to the next claim
	mailStore   = 10 * time.Second // for what the store has to do after an attempt
	mailWorkers = 8                // attempts at once, so that a slow address does not delay the others

	mailLife       = 24 * time.Hour     // an item is buried if an attempt fails at this age
	mailBuriedLife = 7 * 24 * time.Hour // a buried item is deleted at this age
	mailMaxPause   = time.Minute        // the longest pause while the server accepts no mail
)

// mailDelays are the waits after the first failed attempts. The last one is repeated.
var mailDelays = []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute}

// MailOutcome is how an attempt to send a mail ended.
type MailOutcome string

// The outcomes of attempts.
const (
	MailSent      MailOutcome = "sent"
	MailNotNeeded MailOutcome = "not_needed" // the item needs no mail any more
	MailFailed    MailOutcome = "failed"     // there will be another attempt
	MailBuried    MailOutcome = "buried"     // there will be no other attempt
)

// MailOutcomes lists all outcomes.
var MailOutcomes = []MailOutcome{MailSent, MailNotNeeded, MailFailed, MailBuried}

// MailAttempt is an attempt to send a mail.
type MailAttempt struct {
	Item    OutboxItem
	Outcome MailOutcome
	Err     error // why it failed
}

// MailSenderOptions configures a [MailSender]. All fields are required.
type MailSenderOptions struct {
	Store  Store
	Clock  Clock
	Mailer Mailer

	// Compose returns the mail of an item, or nil if no mail is needed any more. The sender sets its ID and sends it at once.
	Compose func(ctx context.Context, item OutboxItem) (*Mail, error)

	// Observe is told about every attempt. It must not block.
	Observe func(a MailAttempt)
}

// MailSender sends the mails of the outbox. Any number of senders may share a store: a mail is sent once, unless a process
// ends, or loses the store, between sending the mail and deleting its item.
type MailSender struct {
	o       MailSenderOptions
	workers chan struct{} // a semaphore
	running sync.WaitGroup
	sent    sync.Map // its keys are the IDs of items whose mail was sent, but that could not be deleted yet

	mu      sync.Mutex
	pause   time.Duration // the last pause; 0 if the server accepted the last mail
	resumes time.Duration // by Clock.Elapsed: no attempt begins before
}

// NewMailSender returns a sender, which sends whenever Poll is called.
func NewMailSender(o MailSenderOptions) *MailSender {
	return &MailSender{o: o, workers: make(chan struct{}, mailWorkers)}
}

// Poll starts to send every mail that is due, and returns when no other is due or ctx ends. Attempts go on after it has returned:
// see [MailSender.Wait]. It returns an error only if the store fails.
func (s *MailSender) Poll(ctx context.Context) error {
	for !s.isPaused() {
		select {
		case s.workers <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		c, found, err := s.claim(ctx)
		if err != nil || !found {
			<-s.workers
			return err
		}
		// An attempt is not interrupted when the process is told to stop: the mail might be sent, but its item not deleted.
		whole := context.WithoutCancel(ctx)
		s.running.Go(func() {
			defer func() { <-s.workers }()
			s.attempt(whole, c)
		})
	}
	return nil
}

// Wait waits for the attempts that Poll has started. Poll must not be called meanwhile.
func (s *MailSender) Wait() { s.running.Wait() }

// mailClaimed is an item that this process has claimed.
type mailClaimed struct {
	OutboxItem
	at, until time.Time     // by the store's clock
	wall      time.Time     // at the claim, by this instance's clock
	elapsed   time.Duration // at the claim
}

// claim claims the item that is due first. Before that, it deletes the items whose mail was sent already. It reads the clocks
// before the claim, so that the claim ends no earlier than its times say.
func (s *MailSender) claim(ctx context.Context) (c mailClaimed, found bool, err error) {
	if err := s.deleteSent(ctx); err != nil {
		return c, false, err
	}
	c.wall, c.elapsed = s.o.Clock.Now(), s.o.Clock.Elapsed()
	if c.at, err = s.o.Store.Now(ctx); err != nil {
		return c, false, err
	}
	c.until = c.at.Add(mailClaim)
	items, err := s.o.Store.Outbox().Claim(ctx, c.at, c.until, 1)
	if err != nil || len(items) == 0 {
		return c, false, err
	}
	c.OutboxItem = items[0]
	return c, true, nil
}

// isFresh reports whether the claim certainly lasts until an attempt that begins now has ended. It does not if the process was
// frozen, or the machine slept, after the claim.
func (s *MailSender) isFresh(c mailClaimed) bool {
	return s.o.Clock.Elapsed()-c.elapsed < mailStart && s.o.Clock.Now().Sub(c.wall) < mailStart
}

// attempt tries to send the mail of an item, and writes the outcome to the store. If that fails, the claim ends by itself.
func (s *MailSender) attempt(ctx context.Context, c mailClaimed) {
	outcome, err := s.send(ctx, c)
	if err != nil {
		outcome = s.fail(ctx, c, err)
	} else if outcome != "" {
		_ = s.delete(ctx, c.ID) // claim tries again
	}
	s.noteServer(outcome, err)
	if outcome != "" {
		s.o.Observe(MailAttempt{Item: c.OutboxItem, Outcome: outcome, Err: err})
	}
}

// send composes and sends a mail. It returns no outcome and no error if the claim is too old.
func (s *MailSender) send(ctx context.Context, c mailClaimed) (MailOutcome, error) {
	ctx, cancel := context.WithTimeout(ctx, mailTimeout)
	defer cancel()
	mail, err := s.o.Compose(ctx, c.OutboxItem)
	if err != nil {
		return "", fmt.Errorf("compose the mail: %w", err)
	}
	if mail == nil {
		return MailNotNeeded, nil
	}
	if !s.isFresh(c) {
		return "", nil
	}
	mail.ID = c.ID
	if err := s.o.Mailer.Send(ctx, *mail); err != nil {
		return "", err
	}
	s.sent.Store(c.ID, nil)
	return MailSent, nil
}

// fail makes the item due again later, or buries it.
func (s *MailSender) fail(ctx context.Context, c mailClaimed, failure error) MailOutcome {
	ctx, cancel := context.WithTimeout(ctx, mailStore)
	defer cancel()
	now := c.at.Add(s.o.Clock.Elapsed() - c.elapsed)
	if errors.Is(failure, ErrMailRefused) || now.Sub(c.CreatedAt) >= mailLife {
		_ = s.o.Store.Outbox().Bury(ctx, c.ID, now)
		return MailBuried
	}
	delay := mailDelays[min(c.Attempts, len(mailDelays)-1)]
	if errors.Is(failure, ErrMailServer) {
		delay = min(delay, mailMaxPause) // the fault is not in the mail, which follows soon after the server is back
	}
	_ = s.o.Store.Outbox().Retry(ctx, c.ID, c.until, now.Add(delay))
	return MailFailed
}

// noteServer makes all attempts pause for growing times while the server accepts no mail to anybody.
func (s *MailSender) noteServer(outcome MailOutcome, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Clock.Elapsed()
	switch {
	case outcome == MailSent:
		s.pause, s.resumes = 0, now
	case errors.Is(err, ErrMailServer) && now >= s.resumes:
		s.pause = min(max(time.Second, 2*s.pause), mailMaxPause)
		s.resumes = now + s.pause
	}
}

func (s *MailSender) isPaused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.o.Clock.Elapsed() < s.resumes
}

// delete deletes an item. If that fails, the item is claimed again later; if its mail was sent, deleteSent deletes it before.
func (s *MailSender) delete(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, mailStore)
	defer cancel()
	if err := s.o.Store.Outbox().Delete(ctx, id); err != nil {
		return err
	}
	s.sent.Delete(id)
	return nil
}

// deleteSent deletes the items whose mail was sent but that could not be deleted then.
func (s *MailSender) deleteSent(ctx context.Context) error {
	for id := range s.sent.Range {
		if err := s.delete(ctx, id.(string)); err != nil {
			return fmt.Errorf("delete a mail that was sent: %w", err)
		}
	}
	return nil
}
