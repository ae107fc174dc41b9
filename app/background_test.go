package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/sqlite"
	"example.com/postern/domain"
)

func TestEndedSessionsAreReadEveryQuarterOfASecond(t *testing.T) {
	t.Parallel()
	store, err := sqlite.Open(t.Context(), storeWith(t), sqlite.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	poll := (&service{store: store}).tasks()[0]
	require.Equal(t, 250*time.Millisecond, poll.every())
	require.Greater(t, poll.limit, 30*time.Second, "there is time to read the whole table")
}

func TestSweepRemovesDeadSessions(t *testing.T) {
	t.Parallel()
	path := storeWith(t,
		`INSERT INTO users (id, email, email_key, password_hash, created_at) VALUES (1, 'a@example.com', 'a@example.com', 'h', 0)`,
		`INSERT INTO sessions (id, user_id, created_at, ip, user_agent, refresh_count, refresh_key_id, refreshed_at, expires_at)
			VALUES ('dead', 1, 0, '', '', 0, 'k', 0, 1), ('live', 1, 0, '', '', 0, 'k', 0, 253402300799999999)`)
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	require.NoError(t, err)
	for _, sweep := range (&service{store: store, mailBacklog: domain.NewMailBacklog(store, 1)}).tasks()[2:] {
		require.NoError(t, sweep.runOnce(t.Context()), sweep.name)
	}
	require.NoError(t, store.Close())
	var left string
	require.NoError(t, openRaw(t, path).QueryRow("SELECT group_concat(id) FROM sessions").Scan(&left))
	require.Equal(t, "live", left)
}

func TestPostsAreIndexedSoonAfterTheStart(t *testing.T) {
	t.Parallel()
	path := storeWith(t,
		`INSERT INTO users (id, email, email_key, password_hash, created_at) VALUES (1, 'a@example.com', 'a@example.com', 'h', 0)`,
		`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25)
			INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at) SELECT 1, 't', 'c', FALSE, 1, 0, 0 FROM n`)
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	require.NoError(t, err)
	s := &service{store: store}
	index := s.tasks()[1]
	require.LessOrEqual(t, index.every(), 1250*time.Millisecond)
	require.NoError(t, index.runOnce(t.Context()))
	require.NoError(t, store.Close())
	var found int
	require.NoError(t, openRaw(t, path).QueryRow("SELECT count(*) FROM post_search WHERE words MATCH 'c'").Scan(&found))
	require.Equal(t, 25, found, "one run indexes the whole backlog")
}

// vars returns the variables for ended sessions of an instance's debug listener.
func vars(t *testing.T, s *instance) (count int, staleness float64) {
	t.Helper()
	_, line, found := strings.Cut(s.stdout.String(), "Debugging    ")
	require.True(t, found)
	debug, _, _ := strings.Cut(line, "/pprof/")
	answer, err := http.Get(debug + "/vars")
	require.NoError(t, err)
	defer answer.Body.Close()
	var all struct {
		MemStats map[string]any `json:"memstats"`
		Ended    struct {
			Count     int     `json:"count"`
			Staleness float64 `json:"staleness_seconds"`
		} `json:"postern_ended_sessions"`
	}
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&all))
	require.NotEmpty(t, all.MemStats)
	return all.Ended.Count, all.Ended.Staleness
}

func TestEachServiceHasItsOwnDebugVariables(t *testing.T) {
	t.Parallel()
	one, two := launch(t, nil, "--debug-addr=127.0.0.1:0"), launch(t, nil, "--debug-addr=127.0.0.1:0")
	one.signUp(t, ada)
	one.end(t, one.logIn(t, ada, goodPassword))
	for s, want := range map[*instance]int{one: 1, two: 0} {
		count, staleness := vars(t, s)
		require.Equal(t, want, count)
		require.Greater(t, staleness, 0.0)
	}
}
