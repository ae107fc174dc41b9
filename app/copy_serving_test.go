package main

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/adapters/sqlite"
	"example.com/postern/domain"
	"example.com/postern/sql/migrations"
)

// keepWriting adds users with two posts each, one user per transaction, until the test ends or stop is called. It returns when
// the first user exists.
func keepWriting(t *testing.T, store domain.Store) (stop func(), written *atomic.Int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	written = new(atomic.Int64)
	first, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for n := int64(1); ctx.Err() == nil; n++ {
			if !writeTriple(t, store) {
				return
			}
			if written.Store(n); n == 1 {
				close(first)
			}
		}
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	<-first
	return stop, written
}

func writeTriple(t *testing.T, store domain.Store) bool {
	t.Helper()
	email := domain.Email("writer" + domain.NewSessionID() + "@example.com")
	err := store.InTx(context.Background(), func(tx domain.Repositories) error {
		user, err := tx.Users().Insert(t.Context(), domain.NewUser{Email: email, PasswordHash: "hash", CreatedAt: clock()})
		for i := 0; i < 2 && err == nil; i++ {
			_, err = tx.Posts().Insert(t.Context(), domain.NewPost{OwnerID: user.ID, Title: "T", Content: "C", CreatedAt: clock()})
		}
		return err
	})
	if err != nil {
		t.Errorf("write: %v", err)
	}
	return err == nil
}

// requireTriples requires that the copy contains whole transactions, and returns their number.
func requireTriples(t *testing.T, path string) (triples int64) {
	t.Helper()
	db := openRaw(t, path)
	var halves int
	require.NoError(t, db.QueryRow(`SELECT count(*), count(*) FILTER (WHERE (SELECT count(*) FROM posts WHERE owner_id = users.id) <> 2)
		FROM users`).Scan(&triples, &halves))
	require.Zero(t, halves)
	require.NoError(t, db.Close())
	return triples
}

// trailing is a target that writes to the source before it inserts a table.
type trailing struct {
	tableWriter
	write func() bool
}

func (c *trailing) Insert(ctx context.Context, table migrations.Table, rows iter.Seq2[[]any, error]) error {
	if !c.write() {
		return errors.New("the source cannot be written to")
	}
	return c.tableWriter.Insert(ctx, table, rows)
}

func TestCopyOfAServingStoreIsASnapshot(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) (store, func() (tableReader, error)){
		"file": func(t *testing.T) (store, func() (tableReader, error)) {
			path := filepath.Join(t.TempDir(), "postern.db")
			s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			require.NoError(t, err)
			return s, func() (tableReader, error) { return sqlite.OpenSnapshot(t.Context(), path) }
		},
		"database": func(t *testing.T) (store, func() (tableReader, error)) {
			url := pgtest.Migrated(t, postgres.Migrate)
			s, err := postgres.Open(t.Context(), url, postgres.Options{})
			require.NoError(t, err)
			return s, func() (tableReader, error) { return postgres.OpenSnapshot(t.Context(), url) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, openSource := open(t)
			stop, written := keepWriting(t, s)
			before, to := written.Load(), filepath.Join(t.TempDir(), "new.db")
			source, err := openSource()
			require.NoError(t, err)
			target, err := sqlite.CreateReplica(t.Context(), to)
			require.NoError(t, err)
			write := func() bool { return writeTriple(t, s) }
			require.NoError(t, copyStore(t.Context(), source, &trailing{target, write}, newProgress(nil), new(strings.Builder)))
			stop()
			require.NoError(t, errors.Join(target.Close(), source.Close(), s.Close()))
			triples := requireTriples(t, to)
			require.GreaterOrEqual(t, triples, before, "the copy contains the writes that were acknowledged before it")
			require.LessOrEqual(t, triples, written.Load(), "the copy does not contain later writes")
		})
	}
}
