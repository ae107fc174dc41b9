package domaintest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var outboxCases = []storeCase{
	{"a mail is claimed as it was added", mailRoundTrip},
	{"a mail is added if its transaction commits", mailInTx},
	{"the mail that is due first is claimed first", mailsInOrder},
	{"a claimed mail is claimed again only when the claim has ended", mailClaimed},
	{"of many concurrent claims one gets a mail", mailClaimedOnce},
	{"a claim does not wait for another one", mailClaimHeld},
	{"a mail that failed is due again later", mailRetried},
	{"a late failure does not end the claim of another instance", mailRetriedLate},
	{"a buried mail is not claimed, and is deleted later", mailBuried},
	{"a deleted mail is gone", mailDeleted},
	{"mails are counted", mailsCounted},
}

// hour is longer than any claim of these tests.
const hour = time.Hour

func mailItem(id string, at time.Time) domain.OutboxItem {
	return domain.OutboxItem{ID: id, Kind: domain.MailReset, Email: "ada@example.org", TokenID: "token of " + id, CreatedAt: at}
}

func addMail(t *testing.T, r domain.Repositories, id string, at time.Time) {
	t.Helper()
	require.NoError(t, r.Outbox().Add(t.Context(), mailItem(id, at)))
}

// claimMails claims mails for a second, and returns their IDs.
func claimMails(t *testing.T, r domain.Repositories, now time.Time, limit int) []string {
	t.Helper()
	items, err := r.Outbox().Claim(t.Context(), now, now.Add(time.Second), limit)
	require.NoError(t, err)
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.ID
	}
	return ids
}

func countMails(t *testing.T, r domain.Repositories) domain.OutboxCount {
	t.Helper()
	count, err := r.Outbox().Count(t.Context(), 100)
	require.NoError(t, err)
	return count
}

func mailRoundTrip(t *testing.T, s domain.Store) {
	want := []domain.OutboxItem{
		{ID: "A", Kind: domain.MailAccountDeleted, UserID: domain.MaxID, Email: "o'\"b@bücher.example", CreatedAt: moment},
		{ID: "a", Kind: domain.MailReset, Email: "<&>@example.org", TokenID: `"\`, CreatedAt: moment},
	}
	for _, item := range want {
		require.NoError(t, s.Outbox().Add(t.Context(), item))
	}
	items, err := s.Outbox().Claim(t.Context(), moment, moment.Add(hour), 10)
	require.NoError(t, err)
	require.Equal(t, want, items)
}

func mailInTx(t *testing.T, s domain.Store) {
	failure := errors.New("boom")
	require.ErrorIs(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		addMail(t, tx, "never", moment)
		return failure
	}), failure)
	require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		addMail(t, tx, "kept", moment)
		require.Zero(t, countMails(t, s), "the transaction has not committed")
		return nil
	}))
	require.Equal(t, []string{"kept"}, claimMails(t, s, moment, 10))
}

func mailsInOrder(t *testing.T, s domain.Store) {
	for i, id := range []string{"c", "a", "d", "b"} {
		addMail(t, s, id, moment.Add(time.Duration(i)*time.Microsecond))
	}
	now := moment.Add(2 * time.Microsecond)
	require.Empty(t, claimMails(t, s, now, 0))
	require.Empty(t, claimMails(t, s, now, -1))
	require.Equal(t, []string{"c", "a"}, claimMails(t, s, now, 2))
	require.Equal(t, []string{"d"}, claimMails(t, s, now, 10), "the last one is not due yet")
	require.Equal(t, []string{"b"}, claimMails(t, s, now.Add(time.Microsecond), 10))
}

func mailClaimed(t *testing.T, s domain.Store) {
	addMail(t, s, "a", moment)
	require.Equal(t, []string{"a"}, claimMails(t, s, moment, 10))
	end := moment.Add(time.Second)
	require.Empty(t, claimMails(t, s, end.Add(-time.Microsecond), 10))
	require.Equal(t, []string{"a"}, claimMails(t, s, end, 10))
	require.Empty(t, claimMails(t, s, end, 10))
}

func mailClaimedOnce(t *testing.T, s domain.Store) {
	const mails, rivals = 8, 8
	for i := range mails {
		addMail(t, s, fmt.Sprint(i), moment)
	}
	begin, results := make(chan struct{}), make(chan []domain.OutboxItem, rivals)
	for range rivals {
		go func() {
			<-begin
			items, _ := s.Outbox().Claim(t.Context(), moment, moment.Add(hour), 3)
			results <- items
		}()
	}
	close(begin)
	seen := map[string]bool{}
	for range rivals {
		for _, item := range wait(t, results) {
			require.False(t, seen[item.ID], "two claims got %s", item.ID)
			seen[item.ID] = true
		}
	}
	for _, id := range claimMails(t, s, moment, mails) { // those that every rival skipped, because another one had locked them
		require.False(t, seen[id])
		seen[id] = true
	}
	require.Len(t, seen, mails)
}

// mailClaimHeld claims in a transaction that it holds open. The rival gets another mail, or waits and then finds none.
func mailClaimHeld(t *testing.T, s domain.Store) {
	addMail(t, s, "first", moment)
	addMail(t, s, "second", moment.Add(time.Microsecond))
	now := moment.Add(time.Second)
	claimed, release := make(chan []string, 8), make(chan struct{})
	held := start(func() error {
		return s.InTx(t.Context(), func(tx domain.Repositories) error {
			items, err := tx.Outbox().Claim(t.Context(), now, now.Add(hour), 1)
			if err != nil {
				return err
			}
			claimed <- []string{items[0].ID}
			<-release
			return nil
		})
	})
	require.Equal(t, []string{"first"}, wait(t, claimed))
	rival := make(chan []domain.OutboxItem, 1)
	failed := start(func() error {
		items, err := s.Outbox().Claim(t.Context(), now, now.Add(hour), 10)
		rival <- items
		return err
	})
	select {
	case items := <-rival:
		require.Len(t, items, 1)
		rival <- items
	case <-time.After(chance):
	}
	close(release)
	require.NoError(t, wait(t, held))
	require.NoError(t, wait(t, failed))
	items := wait(t, rival)
	require.Len(t, items, 1)
	require.Equal(t, "second", items[0].ID)
}

func mailRetried(t *testing.T, s domain.Store) {
	addMail(t, s, "a", moment)
	require.NoError(t, s.Outbox().Retry(t.Context(), "a", moment, moment), "it is not claimed")
	require.Equal(t, []string{"a"}, claimMails(t, s, moment, 10))
	due := moment.Add(time.Millisecond)
	require.NoError(t, s.Outbox().Retry(t.Context(), "a", moment.Add(time.Second), due))
	require.Empty(t, claimMails(t, s, due.Add(-time.Microsecond), 10))
	items, err := s.Outbox().Claim(t.Context(), due, due.Add(hour), 10)
	require.NoError(t, err)
	want := mailItem("a", moment)
	want.Attempts = 1
	require.Equal(t, []domain.OutboxItem{want}, items)
	require.NoError(t, s.Outbox().Retry(t.Context(), "unknown", due, due))
}

func mailRetriedLate(t *testing.T, s domain.Store) {
	addMail(t, s, "a", moment)
	require.Equal(t, []string{"a"}, claimMails(t, s, moment, 10))
	later := moment.Add(time.Second)
	items, err := s.Outbox().Claim(t.Context(), later, later.Add(hour), 10)
	require.NoError(t, err)
	require.Len(t, items, 1)
	require.NoError(t, s.Outbox().Retry(t.Context(), "a", later, moment), "by the first claim, which has ended")
	require.Empty(t, claimMails(t, s, later, 10))
}

func mailBuried(t *testing.T, s domain.Store) {
	for i := range 4 {
		id, at := fmt.Sprint(i), moment.Add(time.Duration(i)*time.Microsecond)
		addMail(t, s, id, moment)
		require.NoError(t, s.Outbox().Bury(t.Context(), id, at))
		require.NoError(t, s.Outbox().Bury(t.Context(), id, at.Add(hour)), "the first time counts")
	}
	require.NoError(t, s.Outbox().Bury(t.Context(), "unknown", moment))
	addMail(t, s, "live", moment)
	require.Equal(t, []string{"live"}, claimMails(t, s, moment.Add(hour), 10))
	until := moment.Add(2 * time.Microsecond)
	for _, c := range []struct{ limit, want int }{{-1, 0}, {0, 0}, {2, 2}, {2, 1}, {2, 0}} {
		n, err := s.Outbox().DeleteBuried(t.Context(), until, c.limit)
		require.NoError(t, err)
		require.Equal(t, c.want, n)
	}
	require.Equal(t, domain.OutboxCount{Waiting: 1, Buried: 1, Oldest: moment}, countMails(t, s))
}

func mailDeleted(t *testing.T, s domain.Store) {
	addMail(t, s, "a", moment)
	addMail(t, s, "b", moment)
	require.Equal(t, []string{"a"}, claimMails(t, s, moment, 1))
	for _, id := range []string{"a", "a", "unknown"} {
		require.NoError(t, s.Outbox().Delete(t.Context(), id))
	}
	require.Equal(t, []string{"b"}, claimMails(t, s, moment.Add(hour), 10))
}

func mailsCounted(t *testing.T, s domain.Store) {
	require.Equal(t, domain.OutboxCount{}, countMails(t, s))
	for i := range 5 {
		addMail(t, s, fmt.Sprint(i), moment.Add(-time.Duration(i)*time.Second))
	}
	require.NoError(t, s.Outbox().Bury(t.Context(), "4", moment))
	require.Len(t, claimMails(t, s, moment, 1), 1)
	require.Equal(t, domain.OutboxCount{Waiting: 4, Buried: 1, Oldest: moment.Add(-3 * time.Second)}, countMails(t, s))
	count, err := s.Outbox().Count(t.Context(), 2)
	require.NoError(t, err)
	require.Equal(t, domain.OutboxCount{Waiting: 2, Buried: 1, Oldest: moment.Add(-3 * time.Second)}, count)
}
