//go:build ha

package hatest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// result is the result of a write.
type result int

const (
	acknowledged result = iota
	failed              // it was not committed
	unknown             // it may have been committed
	unexpected          // an error that domain.Store does not promise
)

// resultOf returns the result of a write that returned err.
func resultOf(err error) result {
	switch {
	case err == nil:
		return acknowledged
	case !errors.Is(err, domain.ErrStoreUnavailable):
		return unexpected
	case errors.Is(err, domain.ErrOutcomeUnknown):
		return unknown
	}
	return failed
}

// ledger records the results of writes.
type ledger struct {
	mu         sync.Mutex
	results    map[string]result // by title
	unexpected []error
	failures   map[string]failures // by the text of the error
	last       time.Time           // the time of the last acknowledgement
	gap        time.Duration       // the longest time between two acknowledgements
	slowest    time.Duration       // the slowest failed call
	newest     domain.Post         // the latest acknowledged post
	acks       int
}

// failures counts failures with the same text.
type failures struct {
	n       int
	slowest time.Duration
}

func newLedger() *ledger {
	return &ledger{results: map[string]result{}, failures: map[string]failures{}, last: time.Now()}
}

// recordWrite records a write.
func (l *ledger) recordWrite(title string, post domain.Post, err error, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.results[title] = resultOf(err)
	if err != nil {
		l.recordFailure(err, took)
		return
	}
	now := time.Now()
	l.gap, l.last = max(l.gap, now.Sub(l.last)), now
	l.newest, l.acks = post, l.acks+1
}

// recordFailure records a failed call. The caller has locked the ledger.
func (l *ledger) recordFailure(err error, took time.Duration) {
	l.slowest = max(l.slowest, took)
	text, _, _ := strings.Cut(err.Error(), "\n") // the lines below name every host
	f := l.failures[text]
	l.failures[text] = failures{f.n + 1, max(f.slowest, took)}
	if resultOf(err) == unexpected {
		l.unexpected = append(l.unexpected, err)
	}
}

// recordFailedRead records a failed read.
func (l *ledger) recordFailedRead(err error, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.recordFailure(err, took)
}

func (l *ledger) acknowledgements() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acks
}

func (l *ledger) lastPost() domain.Post {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.newest
}

// report returns the longest gap and the slowest failure since the last report.
func (l *ledger) report() (gap, slowest time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	gap, slowest = l.gap, l.slowest
	l.gap, l.slowest, l.last = 0, 0, time.Now()
	return gap, slowest
}

// summary is the comparison of a ledger with the database.
type summary struct {
	acknowledged, unknown, unknownButDone, failed int
	lost, duplicated, failedButDone               []string
}

func (s summary) String() string {
	return fmt.Sprintf("%d acknowledged, %d lost, %d duplicated; %d of unknown outcome, of which %d were done; %d failed, of which %d were done",
		s.acknowledged, len(s.lost), len(s.duplicated), s.unknown, s.unknownButDone, s.failed, len(s.failedButDone))
}

// summarize compares the ledger with the number of posts of each title in the database.
func (l *ledger) summarize(titles map[string]int) (s summary) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for title, result := range l.results {
		n := titles[title]
		if n > 1 {
			s.duplicated = append(s.duplicated, title)
		}
		switch result {
		case acknowledged:
			s.acknowledged++
			if n == 0 {
				s.lost = append(s.lost, title)
			}
		case unknown:
			s.unknown++
			s.unknownButDone += min(n, 1)
		default:
			s.failed++
			if n > 0 {
				s.failedButDone = append(s.failedButDone, title)
			}
		}
	}
	return s
}

// titlesIn returns the number of posts of each title, read on a connection apart from the stores.
func titlesIn(ctx context.Context, t *testing.T, url string) map[string]int {
	t.Helper()
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(ctx)) }()
	rows, err := conn.Query(ctx, "SELECT title, count(*)::int FROM posts GROUP BY title")
	require.NoError(t, err)
	titles, title, n := map[string]int{}, "", 0
	_, err = pgx.ForEachRow(rows, []any{&title, &n}, func() error {
		titles[title] = n
		return nil
	})
	require.NoError(t, err)
	return titles
}
