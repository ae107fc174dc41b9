package domaintest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var endCases = []storeCase{
	{"a session can be ended by its user, once", sessionEnded},
	{"of many concurrent ends of a session exactly one succeeds", sessionEndedByOne},
	{"all sessions of a user are ended except one", sessionsEnded},
	{"a session that begins while all are ended is either live or ended", endsRaceInserts},
	{"the deletion of a session and the record of its end are committed together", endRolledBack},
	{"ends are listed in order", endsFollow},
	{"old ends are deleted in batches", endsExpire},
}

// requireEnded checks that a session was deleted and that its end is recorded.
func requireEnded(t *testing.T, s domain.Store, id domain.SessionID) {
	t.Helper()
	_, err := s.Sessions().ByID(t.Context(), id)
	require.ErrorIs(t, err, domain.ErrSessionNotFound)
	require.True(t, isEnded(t, s, id))
}

// requireAlive checks that a session is unchanged and that no end of it is recorded.
func requireAlive(t *testing.T, s domain.Store, want domain.Session) {
	t.Helper()
	requireSession(t, s, want)
	require.False(t, isEnded(t, s, want.ID))
}

// isEnded reports whether the end of a session is recorded.
func isEnded(t *testing.T, s domain.Store, id domain.SessionID) bool {
	t.Helper()
	ends := endsAfter(t, s, domain.SessionEnd{EndedAt: time.Unix(0, 0).UTC()}, 10_000)
	return slices.ContainsFunc(ends, func(end domain.SessionEnd) bool { return end.SessionID == id })
}

func endsAfter(t *testing.T, s domain.Store, after domain.SessionEnd, limit int) []domain.SessionEnd {
	t.Helper()
	ends, err := s.Sessions().EndedAfter(t.Context(), after, limit)
	require.NoError(t, err)
	return ends
}

func sessionEnded(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	session, other := openSession(t, s, ada), openSession(t, s, ada)
	for _, step := range []struct {
		name string
		user domain.UserID
		id   domain.SessionID
		want bool
	}{
		{"somebody else's", bob.ID, session.ID, false},
		{"nobody's", ada.ID, "sid", false},
		{"one's own", ada.ID, session.ID, true},
		{"one's own, again", ada.ID, session.ID, false},
	} {
		requireAlive(t, s, other)
		ended, err := s.Sessions().End(t.Context(), step.user, step.id, moment)
		require.NoError(t, err, step.name)
		require.Equal(t, step.want, ended, step.name)
	}
	requireEnded(t, s, session.ID)
	requireAlive(t, s, other)
	require.Equal(t, []domain.SessionEnd{{SessionID: session.ID, EndedAt: moment}}, endsAfter(t, s, domain.SessionEnd{}, 10))
}

func sessionEndedByOne(t *testing.T, s domain.Store) {
	const rivals = 16
	user := newUser(t, s, "ada@example.org")
	session := openSession(t, s, user)
	results, begin := make(chan string, rivals), make(chan struct{})
	for range rivals {
		go func() {
			<-begin
			ended, err := s.Sessions().End(t.Context(), user.ID, session.ID, moment)
			results <- fmt.Sprint(ended, err)
		}()
	}
	close(begin)
	count := map[string]int{}
	for range rivals {
		count[wait(t, results)]++
	}
	require.Equal(t, map[string]int{"true <nil>": 1, "false <nil>": rivals - 1}, count)
	requireEnded(t, s, session.ID)
}

func sessionsEnded(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	others := openSession(t, s, bob)
	kept, one, two := openSession(t, s, ada), openSession(t, s, ada), openSession(t, s, ada)
	expired := newSession(ada.ID, "hash of ada@example.org")
	expired.ExpiresAt = moment.AddDate(-20, 0, 0)
	require.NoError(t, s.Sessions().Insert(t.Context(), expired))

	ended, err := s.Sessions().EndAll(t.Context(), ada.ID, kept.ID, moment)
	require.NoError(t, err)
	require.ElementsMatch(t, []domain.SessionID{one.ID, two.ID, expired.ID}, ended)
	for _, id := range ended {
		requireEnded(t, s, id)
	}
	requireAlive(t, s, kept)
	requireAlive(t, s, others)

	ended, err = s.Sessions().EndAll(t.Context(), ada.ID, "", moment)
	require.NoError(t, err)
	require.Equal(t, []domain.SessionID{kept.ID}, ended)
	ended, err = s.Sessions().EndAll(t.Context(), ada.ID, "", moment)
	require.NoError(t, err)
	require.Empty(t, ended)
	requireAlive(t, s, others)
	require.Len(t, endsAfter(t, s, domain.SessionEnd{}, 10), 4)
}

func endsRaceInserts(t *testing.T, s domain.Store) {
	const logins = 24
	user := newUser(t, s, "ada@example.org")
	opened, failed := make(chan domain.NewSession, logins), make(chan error, 4)
	for range cap(failed) {
		go func() {
			var err error
			for range logins / cap(failed) {
				session := newSession(user.ID, "hash of ada@example.org")
				err = errors.Join(err, s.Sessions().Insert(t.Context(), session))
				opened <- session
			}
			failed <- err
		}()
	}
	ended := map[domain.SessionID]bool{}
	for range 6 {
		ids, err := s.Sessions().EndAll(t.Context(), user.ID, "", moment)
		require.NoError(t, err)
		for _, id := range ids {
			require.False(t, ended[id], "it ended twice")
			ended[id] = true
		}
	}
	for range cap(failed) {
		require.NoError(t, wait(t, failed))
	}
	close(opened)
	for session := range opened {
		if ended[session.ID] {
			requireEnded(t, s, session.ID)
		} else {
			requireAlive(t, s, sessionOf(session))
		}
	}
}

func endRolledBack(t *testing.T, s domain.Store) {
	user, failure := newUser(t, s, "ada@example.org"), errors.New("boom")
	one, two := openSession(t, s, user), openSession(t, s, user)
	require.Same(t, failure, s.InTx(t.Context(), func(tx domain.Repositories) error {
		ended, err := tx.Sessions().End(t.Context(), user.ID, one.ID, moment)
		require.NoError(t, err)
		require.True(t, ended)
		all, err := tx.Sessions().EndAll(t.Context(), user.ID, "", moment)
		require.NoError(t, err)
		require.Equal(t, []domain.SessionID{two.ID}, all)
		return failure
	}))
	requireAlive(t, s, one)
	requireAlive(t, s, two)
}

// endOne opens a session and ends it at a time.
func endOne(t *testing.T, s domain.Store, user domain.User, at time.Time) domain.SessionEnd {
	t.Helper()
	session := openSession(t, s, user)
	ended, err := s.Sessions().End(t.Context(), user.ID, session.ID, at)
	require.NoError(t, err)
	require.True(t, ended)
	return domain.SessionEnd{SessionID: session.ID, EndedAt: at}
}

func endsFollow(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	var want []domain.SessionEnd
	for i := range 10 {
		want = append(want, endOne(t, s, user, moment.Add(-time.Duration(i/3)*time.Microsecond))) // three have the same time
	}
	slices.SortFunc(want, func(a, b domain.SessionEnd) int {
		return cmp.Or(a.EndedAt.Compare(b.EndedAt), cmp.Compare(a.SessionID, b.SessionID))
	})
	for _, limit := range []int{1, 2, 4, 10, 100} {
		var all []domain.SessionEnd
		for from := (domain.SessionEnd{}); ; from = all[len(all)-1] {
			page := endsAfter(t, s, from, limit)
			require.LessOrEqual(t, len(page), limit)
			if len(page) == 0 {
				break
			}
			all = append(all, page...)
		}
		require.Equal(t, want, all, "limit %d", limit)
	}
	require.Empty(t, endsAfter(t, s, domain.SessionEnd{}, 0))
	require.Empty(t, endsAfter(t, s, domain.SessionEnd{}, -1))
	require.Len(t, endsAfter(t, s, domain.SessionEnd{EndedAt: moment}, 10), 3, "a time without a session is before all ends at that time")
}

func endsExpire(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	var ends []domain.SessionEnd
	for i := range 10 {
		ends = append(ends, endOne(t, s, user, moment.Add(time.Duration(i-6)*time.Microsecond))) // the seventh is exactly at moment
	}
	requireSwept(t, 7, func(limit int) (int, error) { return s.Sessions().DeleteEnds(t.Context(), moment, limit) })
	require.Equal(t, ends[7:], endsAfter(t, s, domain.SessionEnd{}, 10))
}
