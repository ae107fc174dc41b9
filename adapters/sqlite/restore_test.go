package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var restoreTime = time.Date(2026, time.March, 29, 2, 30, 0, 0, time.UTC)

const keptName = "postern.db.before-restore-20260329T023000.000000Z"

// storeOf creates a store with one user and returns its path.
func storeOf(t *testing.T, email domain.Email) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "it's 100% \"data\"?#", "postern.db")
	require.NoError(t, os.Mkdir(filepath.Dir(path), 0o700))
	makeStore(t, path)
	s, err := Open(t.Context(), path, Options{})
	require.NoError(t, err)
	_, err = insertUser(t.Context(), s, email)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return path
}

// backupOf creates a backup of a store with one user.
func backupOf(t *testing.T, email domain.Email) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "o'clock 100%.db")
	_, err := Backup(t.Context(), storeOf(t, email), file, false)
	require.NoError(t, err)
	return file
}

// usersIn opens a store as the service would, and returns its users and its epoch.
func usersIn(t *testing.T, path string) (emails []string, epoch domain.Epoch) {
	t.Helper()
	s, err := Open(t.Context(), path, Options{})
	require.NoError(t, err)
	rows, err := s.readDB.Query("SELECT email FROM users ORDER BY id")
	require.NoError(t, err)
	for rows.Next() {
		var email string
		require.NoError(t, rows.Scan(&email))
		emails = append(emails, email)
	}
	require.NoError(t, rows.Err())
	epoch, err = s.Epoch(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, checkIntegrity(t.Context(), path))
	return emails, epoch
}

func TestRestorePutsABackupInPlace(t *testing.T) {
	t.Parallel()
	path, file := storeOf(t, "old@example.org"), backupOf(t, "new@example.org")
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	_, backupEpoch := usersIn(t, storeOf(t, "any@example.org"))

	done, err := restoreFrom(t.Context(), path, file, restoreTime)
	require.NoError(t, err)
	require.Equal(t, Restored{Kept: keptName, Readable: true, From: latestVersion, To: latestVersion}, done)
	require.ElementsMatch(t, []string{"postern.db", "postern.db.lock", keptName}, filesIn(t, filepath.Dir(path)))
	requireMode(t, path, 0o600)
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.Equal(t, []string{filepath.Base(file)}, filesIn(t, filepath.Dir(file)))

	emails, epoch := usersIn(t, path)
	require.Equal(t, []string{"new@example.org"}, emails)
	require.NotEqual(t, backupEpoch.ID, epoch.ID)
	require.False(t, epoch.First)
	s, err := Open(t.Context(), path, Options{})
	require.NoError(t, err)
	user, err := insertUser(t.Context(), s, "next@example.org")
	require.NoError(t, err)
	require.EqualValues(t, domain.EpochIDStep+2, user.ID)
	require.NoError(t, s.Close())
	emails, _ = usersIn(t, filepath.Join(filepath.Dir(path), keptName))
	require.Equal(t, []string{"old@example.org"}, emails)
}

// The WAL of a killed service is part of the store that Restore keeps.
func TestRestoreKeepsTheWAL(t *testing.T) {
	t.Parallel()
	serving, file, dir := storeOf(t, "one@example.org"), backupOf(t, "new@example.org"), t.TempDir()
	s, err := Open(t.Context(), serving, Options{})
	require.NoError(t, err)
	_, err = insertUser(t.Context(), s, "two@example.org")
	require.NoError(t, err)
	path := filepath.Join(dir, "postern.db")
	for _, suffix := range []string{"", "-wal", "-shm"} { // as kill -9 leaves them
		content, err := os.ReadFile(serving + suffix)
		require.NoError(t, err)
		require.NotEmpty(t, content)
		require.NoError(t, os.WriteFile(path+suffix, content, 0o600))
	}
	require.NoError(t, s.Close())

	_, err = restoreFrom(t.Context(), path, file, restoreTime)
	require.NoError(t, err)
	emails, _ := usersIn(t, path)
	require.Equal(t, []string{"new@example.org"}, emails)
	require.ElementsMatch(t, []string{"postern.db", "postern.db.lock", keptName}, filesIn(t, dir))
	emails, _ = usersIn(t, filepath.Join(dir, keptName))
	require.Equal(t, []string{"one@example.org", "two@example.org"}, emails)
}

func TestRestoreIntoAnEmptyFolderAndOverAStrayWAL(t *testing.T) {
	t.Parallel()
	file, dir := backupOf(t, "new@example.org"), t.TempDir()
	path := filepath.Join(dir, "postern.db")
	done, err := restoreFrom(t.Context(), path, file, restoreTime)
	require.NoError(t, err)
	require.Empty(t, done.Kept)
	require.ElementsMatch(t, []string{"postern.db", "postern.db.lock"}, filesIn(t, dir))
	requireMode(t, path+".lock", 0o600)

	require.NoError(t, os.Remove(path))
	require.NoError(t, os.WriteFile(path+"-wal", []byte("of the database that is gone"), 0o600))
	_, err = restoreFrom(t.Context(), path, file, restoreTime)
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(dir, keptName+"-wal"))
	emails, _ := usersIn(t, path)
	require.Equal(t, []string{"new@example.org"}, emails)
}

func TestRestoreOverAStoreThatCannotBeRead(t *testing.T) {
	t.Parallel()
	file, dir := backupOf(t, "new@example.org"), t.TempDir()
	path := filepath.Join(dir, "postern.db")
	broken := []byte(strings.Repeat("not a database ", 1000))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		require.NoError(t, os.WriteFile(path+suffix, broken, 0o600))
	}
	done, err := restoreFrom(t.Context(), path, file, restoreTime)
	require.NoError(t, err)
	require.False(t, done.Readable)
	require.Equal(t, keptName, done.Kept)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		content, err := os.ReadFile(filepath.Join(dir, keptName+suffix))
		require.NoError(t, err)
		require.Equal(t, broken, content)
	}
	emails, _ := usersIn(t, path)
	require.Equal(t, []string{"new@example.org"}, emails)
}

// A crash after any step leaves the old store or the new one, and the next restore succeeds.
func TestRestoreThatIsKilled(t *testing.T) {
	t.Parallel()
	file := backupOf(t, "new@example.org")
	count := len((&restoration{}).steps())
	for crash := range count + 1 {
		t.Run(fmt.Sprint("after step ", crash), func(t *testing.T) {
			t.Parallel()
			path := storeOf(t, "old@example.org")
			r, err := newRestoration(path, restoreTime)
			require.NoError(t, err)
			require.NoError(t, r.checkpointOld(t.Context()))
			require.NoError(t, r.prepare(t.Context(), openBackup(t, file)))
			for _, step := range r.steps()[:crash] {
				require.NoError(t, step())
			}
			require.NoError(t, r.folder.Close())

			want := "old@example.org"
			if crash >= count-1 { // the rename is the last step but one
				want = "new@example.org"
			}
			emails, _ := usersIn(t, path)
			require.Equal(t, []string{want}, emails)
			_, err = restoreFrom(t.Context(), path, file, restoreTime.Add(time.Second))
			require.NoError(t, err)
			emails, _ = usersIn(t, path)
			require.Equal(t, []string{"new@example.org"}, emails)
			require.NotContains(t, filesIn(t, filepath.Dir(path)), "postern.db.restoring")
		})
	}
}

// The owner of the data folder must not be able to redirect writes of root.
func TestRestoreFollowsNoLinks(t *testing.T) {
	t.Parallel()
	file := backupOf(t, "new@example.org")
	for _, name := range []string{"postern.db", "postern.db.lock", "postern.db.restoring", "postern.db-wal"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, victim := t.TempDir(), filepath.Join(t.TempDir(), "victim")
			require.NoError(t, os.WriteFile(victim, []byte("precious"), 0o644))
			require.NoError(t, os.Symlink(victim, filepath.Join(dir, name)))
			_, err := restoreFrom(t.Context(), filepath.Join(dir, "postern.db"), file, restoreTime)
			if name == "postern.db" || name == "postern.db.lock" {
				require.ErrorContains(t, err, "not a regular file")
			} else {
				require.NoError(t, err)
			}
			content, err := os.ReadFile(victim)
			require.NoError(t, err)
			require.Equal(t, "precious", string(content))
			info, err := os.Stat(victim)
			require.NoError(t, err)
			require.EqualValues(t, 0o644, info.Mode().Perm())
		})
	}
}

func TestRestoreAsRootLeavesFilesToTheOwnerOfTheFolder(t *testing.T) {
	t.Parallel()
	file, dir := backupOf(t, "new@example.org"), t.TempDir()
	owner := os.Geteuid()
	if owner == 0 {
		owner = 4711
		require.NoError(t, os.Chown(dir, owner, owner))
	}
	for range 2 {
		_, err := restoreFrom(t.Context(), filepath.Join(dir, "postern.db"), file, time.Now())
		require.NoError(t, err)
	}
	names := filesIn(t, dir)
	require.Len(t, names, 3)
	for _, name := range names {
		info, err := os.Lstat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.EqualValues(t, owner, info.Sys().(*syscall.Stat_t).Uid, name)
		require.EqualValues(t, 0o600, info.Mode().Perm(), name)
	}
}

// Restore migrates a backup of an older version without epochs.
func TestRestoreMigratesAnOlderBackup(t *testing.T) {
	t.Parallel()
	file := backupOf(t, "new@example.org")
	undoMigrations(t, file)
	path := storeOf(t, "old@example.org")
	done, err := restoreFrom(t.Context(), path, file, restoreTime)
	require.NoError(t, err)
	require.EqualValues(t, 20, done.From)
	emails, epoch := usersIn(t, path)
	require.Equal(t, []string{"new@example.org"}, emails)
	require.False(t, epoch.First)
}

// The file of a stopped store can serve as a backup, and so can the file that a restore kept.
func TestRestoreOfAStoppedStore(t *testing.T) {
	t.Parallel()
	path, other := storeOf(t, "old@example.org"), storeOf(t, "new@example.org")
	_, err := restoreFrom(t.Context(), path, other, restoreTime)
	require.NoError(t, err)
	_, err = restoreFrom(t.Context(), path, filepath.Join(filepath.Dir(path), keptName), restoreTime.Add(time.Second))
	require.NoError(t, err)
	emails, _ := usersIn(t, path)
	require.Equal(t, []string{"old@example.org"}, emails)
}

// restoreFrom restores the backup at file.
func restoreFrom(ctx context.Context, path, file string, now time.Time) (Restored, error) {
	backup, err := OpenBackup(file)
	if err != nil {
		return Restored{}, err
	}
	defer func() { _ = backup.Close() }()
	return Restore(ctx, path, backup, now)
}

func openBackup(t *testing.T, file string) *os.File {
	t.Helper()
	backup, err := OpenBackup(file)
	require.NoError(t, err)
	t.Cleanup(func() { _ = backup.Close() })
	return backup
}
