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
