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

// fate is what the writer of a post was told.
type fate int

const (
	acknowledged fate = iota
	refused           // it was not done
	unknown           // it may have been done
	strange           // an error that domain.Store does not promise
)

// fateOf tells what an error says of a write.
func fateOf(err error) fate {
	switch {
	case err == nil:
		return acknowledged
	case !errors.Is(err, domain.ErrStoreUnavailable):
		return strange
	case errors.Is(err, domain.ErrOutcomeUnknown):
		return unknown
	}
	return refused
}

// ledger is what writers were told.
type ledger struct {
	mu      sync.Mutex
	fates   map[string]fate // by title
	strange []error
	told    map[string]tally // by what failures said
	last    time.Time        // of the acknowledgements
	gap     time.Duration    // the longest between two of them
	slowest time.Duration    // of the calls that failed
	newest  domain.Post      // that was acknowledged
	acks    int
}

// tally is of failures that said the same.
type tally struct {
	n       int
	slowest time.Duration
}

func newLedger() *ledger {
	return &ledger{fates: map[string]fate{}, told: map[string]tally{}, last: time.Now()}
}

// note records a write.
func (l *ledger) note(title string, post domain.Post, err error, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fates[title] = fateOf(err)
	if err != nil {
		l.failed(err, took)
		return
	}
	now := time.Now()
	l.gap, l.last = max(l.gap, now.Sub(l.last)), now
	l.newest, l.acks = post, l.acks+1
}

// failed records a call that failed. The ledger is locked.
func (l *ledger) failed(err error, took time.Duration) {
	l.slowest = max(l.slowest, took)
	said, _, _ := strings.Cut(err.Error(), "\n") // the lines below name every host
	t := l.told[said]
	l.told[said] = tally{t.n + 1, max(t.slowest, took)}
	if fateOf(err) == strange {
		l.strange = append(l.strange, err)
	}
}

// missed records a read that failed.
func (l *ledger) missed(err error, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed(err, took)
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

// turnPage returns the longest gap and the slowest failure so far, and begins anew.
func (l *ledger) turnPage() (gap, slowest time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	gap, slowest = l.gap, l.slowest
	l.gap, l.slowest, l.last = 0, 0, time.Now()
	return gap, slowest
}

// account is a ledger held against what is in the database.
type account struct {
	acknowledged, unknown, kept, refused int
	lost, doubled, undead                []string
}

func (a account) String() string {
	return fmt.Sprintf("%d acknowledged, %d lost, %d doubled; %d of unknown outcome, of which %d were kept; %d refused, %d kept all the same",
		a.acknowledged, len(a.lost), len(a.doubled), a.unknown, a.kept, a.refused, len(a.undead))
}

// settle compares the ledger with how often each title is in the database.
func (l *ledger) settle(titles map[string]int) (a account) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for title, fate := range l.fates {
		n := titles[title]
		if n > 1 {
			a.doubled = append(a.doubled, title)
		}
		switch fate {
		case acknowledged:
			a.acknowledged++
			if n == 0 {
				a.lost = append(a.lost, title)
			}
		case unknown:
			a.unknown++
			a.kept += min(n, 1)
		default:
			a.refused++
			if n > 0 {
				a.undead = append(a.undead, title)
			}
		}
	}
	return a
}

// titlesIn counts the titles in the database, on a connection that is not the store's.
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
