package sqlite

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/sql/migrations"
)

// If childPath is set, the test binary runs child on that database instead of tests. childName distinguishes the processes.
const (
	childPath = "POSTERN_SQLITE_TEST_PATH"
	childName = "POSTERN_SQLITE_TEST_NAME"
	childRows = 20
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		if err := child(path, os.Getenv(childName)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child opens the database, writes rows, and reads them.
func child(path, name string) error {
	ctx := context.Background()
	s, err := Open(ctx, path, Options{})
	if err != nil {
		return err
	}
	for i := range childRows {
		user, err := insertUser(ctx, s, domain.Email(fmt.Sprintf("%s.%d@example.org", name, i)))
		if err != nil {
			return err
		}
		if _, err := s.Users().ByID(ctx, user.ID); err != nil {
			return err
		}
	}
	return s.Close()
}

func TestProcessesThatStartAtOnce(t *testing.T) {
	t.Parallel()
	const rounds, processes = 2, 4
	for round := range rounds {
		path := filepath.Join(t.TempDir(), "data", "postern.db")
		var children []*exec.Cmd
		for i := range processes {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), childPath+"="+path, fmt.Sprintf("%s=%d", childName, i))
			cmd.Stderr = os.Stderr
			require.NoError(t, cmd.Start())
			children = append(children, cmd)
		}
		for _, cmd := range children {
			require.NoError(t, cmd.Wait(), "round %d", round)
		}
		s, err := Open(t.Context(), path, Options{})
		require.NoError(t, err)
		require.Equal(t, processes*childRows, countRows(t, s, "users"))
		require.Equal(t, migrationRows(t), countRows(t, s, "goose_db_version"), "each migration was applied once")
		require.NoError(t, s.Close())
	}
}

// migrationRows returns the number of goose's rows after each migration was applied once, including version 0.
func migrationRows(t *testing.T) int {
	t.Helper()
	files, err := fs.Glob(migrations.SQLite(), "*.sql")
	require.NoError(t, err)
	return len(files) + 1
}

func TestOpensAtOnce(t *testing.T) {
	t.Parallel()
	const rounds, opens = 3, 4
	for range rounds {
		path := filepath.Join(t.TempDir(), "postern.db")
		type opened struct {
			s   *Store
			err error
		}
		results := make(chan opened, opens)
		for range opens {
			go func() {
				s, err := Open(t.Context(), path, Options{})
				results <- opened{s, err}
			}()
		}
		for range opens {
			o := <-results
			require.NoError(t, o.err)
			require.NoError(t, o.s.Ping(t.Context()))
			require.Equal(t, migrationRows(t), countRows(t, o.s, "goose_db_version"))
			require.NoError(t, o.s.Close())
		}
	}
}

func countRows(t *testing.T, s *Store, table string) (n int) {
	t.Helper()
	require.NoError(t, s.readDB.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n))
	return n
}
