package domain_test

import (
	"context"
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
		require.Equal(t, map[domain.MailOutcome]int{domain.MailSent: 30, domain.MailNotNeeded: 1}, b.outcomes())
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

// After a long outage, a mail follows soon after the server is back: its own delays are for faults of its own.
func TestAMailFollowsSoonAfterALongOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newMailBench(t)
		var failure error = &domain.MailError{Kind: domain.ErrMailServer, Reason: "down"}
		sender := b.sender(b.store, func(context.Context, domain.Mail) error { return failure })
		b.add("a", domain.MailReset)
		b.run(sender, 3*time.Hour)
		failure = nil
		b.run(sender, 2*time.Minute)
		require.Len(t, b.sent, 1)
	})
}
