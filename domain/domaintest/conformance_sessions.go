package domaintest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var sessionCases = []storeCase{
	{"a session is opened with the hash that was verified", sessionOpened},
	{"a session is not opened after a password change", sessionOutrun},
	{"a session is not opened for an unknown user", sessionOfNobody},
	{"a session identifier cannot be reused", sessionTwice},
	{"a session is read as it was inserted", sessionRoundTrip},
	{"an unknown session is not found", unknownSession},
	{"live sessions are listed newest first", sessionsLive},
	{"a session is refreshed only from the count that was read", sessionRefreshed},
	{"of many concurrent refreshes from one count exactly one succeeds", sessionRefreshedByOne},
	{"expired sessions are deleted in batches", sessionsExpire},
}

// farFuture is later than all times in the store.
var farFuture = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

func newSession(user domain.UserID, hash string) domain.NewSession {
	return domain.NewSession{
		ID: domain.NewSessionID(), UserID: user, PasswordHash: hash, CreatedAt: moment,
		Client: domain.Client{IP: "2001:db8::1", UserAgent: "curl/8"}, RefreshKeyID: "key", ExpiresAt: moment.Add(time.Hour),
	}
}

// sessionOf returns a session as it is after it was inserted.
func sessionOf(s domain.NewSession) domain.Session {
	return domain.Session{
		ID: s.ID, UserID: s.UserID, CreatedAt: s.CreatedAt, IP: s.Client.IP, UserAgent: s.Client.UserAgent,
		RefreshKeyID: s.RefreshKeyID, RefreshedAt: s.CreatedAt, ExpiresAt: s.ExpiresAt,
	}
}

// openSession opens a session of a user that newUser returned.
func openSession(t *testing.T, r domain.Repositories, user domain.User) domain.Session {
	t.Helper()
	session := newSession(user.ID, "hash of "+string(user.Email))
	require.NoError(t, r.Sessions().Insert(t.Context(), session))
	return sessionOf(session)
}

// live returns the sessions of a user that are live at moment.
func live(t *testing.T, r domain.Repositories, user domain.UserID) []domain.Session {
	t.Helper()
	sessions, err := r.Sessions().Live(t.Context(), user, moment, domain.MaxSessions)
	require.NoError(t, err)
	return sessions
}

func requireSession(t *testing.T, r domain.Repositories, want domain.Session) {
	t.Helper()
	found, err := r.Sessions().ByID(t.Context(), want.ID)
	require.NoError(t, err)
	require.Equal(t, want, found)
}

func sessionOpened(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	for range 3 {
		openSession(t, s, user)
	}
	require.Len(t, live(t, s, user.ID), 3)
}

func sessionOutrun(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	swapped, err := s.Users().UpdatePasswordHash(t.Context(), user.ID, "hash of ada@example.org", "new")
	require.NoError(t, err)
	require.True(t, swapped)
	err = s.Sessions().Insert(t.Context(), newSession(user.ID, "hash of ada@example.org"))
	require.ErrorIs(t, err, domain.ErrPasswordChanged)
	require.Empty(t, live(t, s, user.ID))
	require.NoError(t, s.Sessions().Insert(t.Context(), newSession(user.ID, "new")))
	require.Equal(t, "new", hashOf(t, s, "ada@example.org"))
}

func sessionOfNobody(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	err := s.Sessions().Insert(t.Context(), newSession(user.ID+1, "hash of ada@example.org"))
	require.ErrorIs(t, err, domain.ErrPasswordChanged)
}

func sessionTwice(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	session := newSession(ada.ID, "hash of ada@example.org")
	require.NoError(t, s.Sessions().Insert(t.Context(), session))
	again := session
	again.UserID, again.PasswordHash = bob.ID, "hash of bob@example.org"
	require.Error(t, s.Sessions().Insert(t.Context(), again))
	requireSession(t, s, sessionOf(session))
}

func sessionRoundTrip(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	for i, c := range append(texts, struct{ name, text string }{"nothing", ""}) {
		session := newSession(user.ID, "hash of ada@example.org")
		session.Client, session.RefreshKeyID = domain.Client{IP: "192.0.2.1", UserAgent: c.text}, c.name
		session.ExpiresAt = moment.Add(time.Duration(i) * time.Microsecond)
		require.NoError(t, s.Sessions().Insert(t.Context(), session), c.name)
		requireSession(t, s, sessionOf(session))
		found, err := s.Sessions().ByID(t.Context(), session.ID)
		require.NoError(t, err)
		for _, at := range []time.Time{found.CreatedAt, found.RefreshedAt, found.ExpiresAt} {
			require.Equal(t, time.UTC, at.Location())
		}
	}
}

func unknownSession(t *testing.T, s domain.Store) {
	session := openSession(t, s, newUser(t, s, "ada@example.org"))
	for _, id := range []domain.SessionID{"", "%", session.ID[1:], session.ID + " "} {
		found, err := s.Sessions().ByID(t.Context(), id)
		require.ErrorIs(t, err, domain.ErrSessionNotFound)
		require.Zero(t, found)
	}
}

func sessionsLive(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	openSession(t, s, bob)
	var want []domain.Session
	for i := range 9 {
		session := newSession(ada.ID, "hash of ada@example.org")
		session.CreatedAt = moment.Add(-time.Duration(i/3) * time.Microsecond) // three have the same time
		session.ExpiresAt = moment.Add(time.Duration(i%3) * time.Microsecond)
		require.NoError(t, s.Sessions().Insert(t.Context(), session))
		if session.ExpiresAt.After(moment) {
			want = append(want, sessionOf(session))
		}
	}
	slices.SortFunc(want, func(a, b domain.Session) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	for limit, n := range map[int]int{-1: 0, 0: 0, 1: 1, 4: 4, len(want): len(want), 100: len(want)} {
		found, err := s.Sessions().Live(t.Context(), ada.ID, moment, limit)
		require.NoError(t, err)
		require.Equal(t, want[:n], append([]domain.Session{}, found...), "limit %d", limit)
	}
}

func sessionRefreshed(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	session, untouched := openSession(t, s, user), openSession(t, s, user)
	for i, step := range []struct {
		name  string
		id    domain.SessionID
		count int64
		next  int64
		want  bool
	}{
		{"from another count", session.ID, 1, 2, false},
		{"from the count", session.ID, 0, 1, true},
		{"from the count, again", session.ID, 0, 1, false},
		{"to the same count", session.ID, 1, 1, true},
		{"of nobody", "sid", 0, 1, false},
		{"far", session.ID, 1, 1 << 40, true},
	} {
		// No other field is written.
		change := domain.Session{ID: step.id, RefreshCount: step.next, RefreshedAt: moment.Add(time.Duration(i) * time.Microsecond)}
		change.ExpiresAt = change.RefreshedAt.Add(time.Hour)
		done, err := s.Sessions().Refresh(t.Context(), change, step.count)
		require.NoError(t, err, step.name)
		require.Equal(t, step.want, done, step.name)
		if done {
			session.RefreshCount, session.RefreshedAt, session.ExpiresAt = step.next, change.RefreshedAt, change.ExpiresAt
		}
		requireSession(t, s, session)
		requireSession(t, s, untouched)
	}
}

func sessionRefreshedByOne(t *testing.T, s domain.Store) {
	const rivals, rounds = 16, 5
	session := openSession(t, s, newUser(t, s, "ada@example.org"))
	for range rounds {
		results, begin := make(chan string, rivals), make(chan struct{})
		next := session
		next.RefreshCount++
		for range rivals {
			go func() {
				<-begin
				done, err := s.Sessions().Refresh(t.Context(), next, session.RefreshCount)
				results <- fmt.Sprint(done, err)
			}()
		}
		close(begin)
		count := map[string]int{}
		for range rivals {
			count[wait(t, results)]++
		}
		require.Equal(t, map[string]int{"true <nil>": 1, "false <nil>": rivals - 1}, count)
		session = next
		requireSession(t, s, session)
	}
}

func sessionsExpire(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	for i := range 10 {
		session := newSession(user.ID, "hash of ada@example.org")
		session.ExpiresAt = moment.Add(time.Duration(i-6) * time.Microsecond) // the seventh is exactly at moment
		require.NoError(t, s.Sessions().Insert(t.Context(), session))
	}
	requireSwept(t, 7, func(limit int) (int, error) { return s.Sessions().DeleteExpired(t.Context(), moment, limit) })
	require.Len(t, live(t, s, user.ID), 3)
}

// requireSwept checks that sweep deletes the due rows, in batches of at most three.
func requireSwept(t *testing.T, due int, sweep func(limit int) (int, error)) {
	t.Helper()
	for _, limit := range []int{-1, 0} {
		n, err := sweep(limit)
		require.NoError(t, err)
		require.Zero(t, n)
	}
	for left := due; left >= 0; left -= 3 {
		n, err := sweep(3)
		require.NoError(t, err)
		require.Equal(t, min(left, 3), n)
	}
	n, err := sweep(1000)
	require.NoError(t, err)
	require.Zero(t, n)
}
