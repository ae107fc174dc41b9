package domain_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
)

// mailBench is a store with any number of senders, in a synctest bubble: its clocks are the bubble's.
type mailBench struct {
	t     *testing.T
	store *domaintest.Store

	mu       sync.Mutex
	sent     []domain.Mail
	attempts []domain.MailAttempt
}

// bubbleClock is a [domain.Clock] that follows the clock of a synctest bubble.
type bubbleClock struct{ start time.Time }

func (bubbleClock) Now() time.Time           { return time.Now().UTC().Truncate(time.Microsecond) }
func (c bubbleClock) Elapsed() time.Duration { return time.Since(c.start) }

type mailerFunc func(ctx context.Context, m domain.Mail) error

func (f mailerFunc) Send(ctx context.Context, m domain.Mail) error { return f(ctx, m) }

func newMailBench(t *testing.T) *mailBench { return &mailBench{t: t, store: domaintest.NewStore()} }

// sender returns a sender whose mailer is send, or one that accepts everything.
func (b *mailBench) sender(store domain.Store, send mailerFunc) *domain.MailSender {
	return domain.NewMailSender(domain.MailSenderOptions{
		Store: store, Clock: bubbleClock{time.Now()},
		Mailer: mailerFunc(func(ctx context.Context, m domain.Mail) error {
			if send != nil {
				if err := send(ctx, m); err != nil {
					return err
				}
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			b.sent = append(b.sent, m)
			return nil
		}),
		Compose: func(_ context.Context, item domain.OutboxItem) (*domain.Mail, error) {
			if item.Kind == domain.MailConfirm {
				return nil, nil
			}
			return &domain.Mail{To: item.Email, Subject: string(item.Kind), Text: "text"}, nil
		},
		Observe: func(a domain.MailAttempt) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.attempts = append(b.attempts, a)
		},
	})
}

func (b *mailBench) add(id string, kind domain.MailKind) {
	b.t.Helper()
	now, err := b.store.Now(b.t.Context())
	require.NoError(b.t, err)
	require.NoError(b.t, b.store.Outbox().Add(b.t.Context(), domain.OutboxItem{ID: id, Kind: kind, Email: domain.Email(id + "@example.org"), CreatedAt: now}))
}

// run polls every second for a time, as the service does.
func (b *mailBench) run(s *domain.MailSender, d time.Duration) {
	b.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(time.Second) {
		_ = s.Poll(b.t.Context())
		synctest.Wait()
	}
}

func (b *mailBench) count() domain.OutboxCount {
	b.t.Helper()
	count, err := b.store.Outbox().Count(b.t.Context(), 1000)
	require.NoError(b.t, err)
	return count
}

// outcomes returns how often each outcome occurred, and begins anew.
func (b *mailBench) outcomes() map[domain.MailOutcome]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	counts := map[domain.MailOutcome]int{}
	for _, a := range b.attempts {
		counts[a.Outcome]++
	}
	b.attempts = nil
	return counts
}

func TestMailsAreSentAndDeleted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newMailBench(t)
		sender := b.sender(b.store, nil)
		for i := range 30 {
			b.add(fmt.Sprint(i), domain.MailReset)
		}
		b.add("needless", domain.MailConfirm)
		require.NoError(t, sender.Poll(t.Context()))
		sender.Wait()
		require.Len(t, b.sent, 30)
		require.NotEmpty(t, b.sent[0].ID)
		require.Equal(t, b.sent[0].ID+"@example.org", string(b.sent[0].To), "the mail has the item's ID")
		require.Zero(t, b.count())
		require.Equal(t, map[domain.MailOutcome]int{domain.MailSent: 30, domain.MailNeeded: 1}, b.outcomes())
		require.NoError(t, sender.Poll(t.Context()))
	})
}

// A failing mail waits alone, for growing times.
func TestAFailingMailWaitsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newMailBench(t)
		var times []time.Duration
		start, failure := time.Now(), &domain.MailError{Status: 450, Reason: "later"}
		sender := b.sender(b.store, func(_ context.Context, m domain.Mail) error {
			if m.To == "bad@example.org" {
				times = append(times, time.Since(start).Round(time.Second))
				return failure
			}
			return nil
		})
		b.add("bad", domain.MailReset)
		b.run(sender, time.Second)
		b.add("good", domain.MailReset)
		b.run(sender, time.Second)
		require.Len(t, b.sent, 1)
		b.run(sender, time.Hour)
		gaps := make([]time.Duration, len(times)-1)
		for i := range gaps {
			gaps[i] = times[i+1] - times[i]
		}
		require.Equal(t, []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, 15 * time.Minute,
			15 * time.Minute}, gaps)
		require.Equal(t, 1, b.count().Waiting)
		b.run(sender, 24*time.Hour)
		require.Equal(t, domain.OutboxCount{Buried: 1}, b.count(), "after a day it is given up")
		require.Equal(t, 1, b.outcomes()[domain.MailBuried])
	})
}

func TestARefusedMailIsBuriedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newMailBench(t)
		sender := b.sender(b.store, func(context.Context, domain.Mail) error {
			return &domain.MailError{Kind: domain.ErrMailRefused, Status: 550}
		})
		b.add("a", domain.MailReset)
		b.run(sender, time.Hour)
		require.Equal(t, map[domain.MailOutcome]int{domain.MailBuried: 1}, b.outcomes())
		require.Equal(t, domain.OutboxCount{Buried: 1}, b.count())
		time.Sleep(7 * 24 * time.Hour)
		for _, sweeper := range domain.Sweepers(b.store, bubbleClock{time.Now()}) {
			_, err := sweeper.Sweep(t.Context())
			require.NoError(t, err)
		}
		require.Zero(t, b.count())
	})
}

// Slow addresses take a worker each, and the others go on. A mailer that never returns is cut off by its context.
func TestASlowAddressDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newMailBench(t)
		sender := b.sender(b.store, func(ctx context.Context, m domain.Mail) error {
			if m.Subject == string(domain.MailSignUp) {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
		for i := range 7 {
			b.add(fmt.Sprint("slow", i), domain.MailSignUp)
		}
		b.run(sender, time.Second)
		for i := range 20 {
			b.add(fmt.Sprint(i), domain.MailReset)
		}
		b.run(sender, time.Second)
		require.Len(t, b.sent, 20, "while seven are stuck")
		require.Empty(t, b.outcomes()[domain.MailFailed])
		b.run(sender, 20*time.Second)
		require.Equal(t, 7, b.outcomes()[domain.MailFailed])
	})
}

// While the server is down, few attempts are made, and everything follows when it is back.
func TestAServerThatIsDownIsNotHammered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newMailBench(t)
		down, tries := true, 0
		sender := b.sender(b.store, func(context.Context, domain.Mail) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			if down {
				tries++
				return &domain.MailError{Kind: domain.ErrMailServer, Reason: "down"}
			}
			return nil
		})
		const mails = 500
		for i := range mails {
			b.add(fmt.Sprint(i), domain.MailReset)
		}
		b.run(sender, time.Hour)
		require.Less(t, tries, 60*mailWorkers+100)
		require.Equal(t, mails, b.count().Waiting)
		down = false
		b.run(sender, 16*time.Minute)
		require.Len(t, b.sent, mails)
		require.Zero(t, b.count())
	})
}

const mailWorkers = 8 // as in the domain

// Two senders poll at once while a mail takes its time. The store's transactions are held open by turns.
func TestTwoSendersNeverSendTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newMailBench(t)
		slow := func(context.Context, domain.Mail) error {
			time.Sleep(15 * time.Second)
			return nil
		}
		one, two := b.sender(b.store, slow), b.sender(b.store, slow)
		for i := range 40 {
			b.add(fmt.Sprint(i), domain.MailReset)
		}
		for range 300 {
			var polls sync.WaitGroup
			polls.Go(func() { _ = one.Poll(t.Context()) })
			polls.Go(func() { _ = two.Poll(t.Context()) })
			polls.Wait()
			time.Sleep(time.Second)
		}
		one.Wait()
		two.Wait()
		require.Len(t, b.sent, 40)
		require.Zero(t, b.count())
	})
}

// brokenOutbox is a store whose outbox deletes nothing while it is broken.
type brokenOutbox struct {
	domain.Store
	broken *bool
}

func (s brokenOutbox) Outbox() domain.OutboxRepository {
	return undeletable{s.Store.Outbox(), s.broken}
}

type undeletable struct {
	domain.OutboxRepository
	broken *bool
}

func (r undeletable) Delete(ctx context.Context, id string) error {
	if *r.broken {
		return domain.ErrStoreUnavailable
	}
	return r.OutboxRepository.Delete(ctx, id)
}

// A mail that was sent is not sent again by the same process, even when the claim has ended.
func TestAMailWhoseItemCannotBeDeletedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, broken := newMailBench(t), true
		sender := b.sender(brokenOutbox{b.store, &broken}, nil)
		b.add("a", domain.MailReset)
		require.NoError(t, sender.Poll(t.Context()))
		sender.Wait()
		b.add("b", domain.MailReset)
		for range 10 { // until long after the end of the claim
			require.ErrorIs(t, sender.Poll(t.Context()), domain.ErrStoreUnavailable)
			time.Sleep(time.Minute)
		}
		broken = false
		b.run(sender, time.Second)
		require.Len(t, b.sent, 2)
		require.Zero(t, b.count())
	})
}

// A process that ends between sending and deleting causes one duplicate with the same Message-ID, once its claim has ended.
func TestAKillCausesAtMostOneDuplicate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, broken := newMailBench(t), true
		killed := b.sender(brokenOutbox{b.store, &broken}, nil)
		b.add("a", domain.MailReset)
		require.NoError(t, killed.Poll(t.Context()))
		killed.Wait()
		other := b.sender(b.store, nil)
		b.run(other, time.Minute)
		require.Len(t, b.sent, 1, "the claim has not ended")
		b.run(other, time.Hour)
		require.Len(t, b.sent, 2)
		require.Equal(t, b.sent[0], b.sent[1])
		require.Zero(t, b.count())
	})
}

// A process that was frozen after its claim does not send: another one may have claimed the item.
func TestAFrozenProcessDoesNotSend(t *testing.T) {
	t.Parallel()
	for _, freeze := range []func(*domaintest.Clock){
		func(c *domaintest.Clock) { c.Advance(time.Minute) },
		func(c *domaintest.Clock) { c.Set(time.Minute) }, // the machine slept
	} {
		store, clock := domaintest.NewStore(), domaintest.NewClock(time.Now())
		require.NoError(t, store.Outbox().Add(t.Context(), domain.OutboxItem{ID: "a", Kind: domain.MailReset, CreatedAt: store.Clock().Add(-time.Second)}))
		sender := domain.NewMailSender(domain.MailSenderOptions{
			Store: store, Clock: clock,
			Mailer: mailerFunc(func(context.Context, domain.Mail) error { return errors.New("it was sent") }),
			Compose: func(context.Context, domain.OutboxItem) (*domain.Mail, error) {
				freeze(clock)
				return &domain.Mail{}, nil
			},
			Observe: func(a domain.MailAttempt) { t.Error("an attempt", a.Outcome, a.Err) },
		})
		require.NoError(t, sender.Poll(t.Context()))
		sender.Wait()
		count, err := store.Outbox().Count(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 1, count.Waiting)
	}
}

// A process that is told to stop finishes the mails that it is sending.
func TestStoppingFinishesWhatIsBeingSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newMailBench(t)
		sender := b.sender(b.store, func(ctx context.Context, _ domain.Mail) error {
			time.Sleep(10 * time.Second)
			return ctx.Err()
		})
		b.add("a", domain.MailReset)
		ctx, stop := context.WithCancel(t.Context())
		require.NoError(t, sender.Poll(ctx))
		stop()
		sender.Wait()
		require.Len(t, b.sent, 1)
		require.Zero(t, b.count())
	})
}

func TestMailBacklog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newMailBench(t)
		backlog := domain.NewMailBacklog(b.store, 2)
		require.NoError(t, backlog.Check(), "nothing is known yet")
		b.add("a", domain.MailReset)
		time.Sleep(time.Minute)
		require.NoError(t, backlog.Sample(t.Context()))
		require.NoError(t, backlog.Check())
		require.Equal(t, domain.MailSample{Waiting: 1, Age: time.Minute}, backlog.Last())
		b.add("b", domain.MailReset)
		require.NoError(t, backlog.Check(), "until the next sample")
		require.NoError(t, backlog.Sample(t.Context()))
		require.ErrorIs(t, backlog.Check(), domain.ErrMailBacklog)
		require.NoError(t, b.store.Outbox().Bury(t.Context(), "a", time.Now()))
		require.NoError(t, backlog.Sample(t.Context()))
		require.NoError(t, backlog.Check())
		require.Equal(t, 1, backlog.Last().Buried)
	})
}
