package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"example.com/postern/adapters/token"
)

// serviceUser is a user id that probably no user has.
const serviceUser = 42424

// foreignFolder returns a link to a data folder that belongs to serviceUser, with a store and keys. It has the layout of
// systemd: the link belongs to root, and only root can enter the folder. Without root's rights there is no such folder, and
// isRoot is false.
func foreignFolder(t *testing.T) (folder string, isRoot bool) {
	t.Helper()
	parent := t.TempDir()
	folder, link := filepath.Join(parent, "private", "data"), filepath.Join(parent, "data")
	require.NoError(t, os.MkdirAll(folder, 0o700))
	require.NoError(t, os.Symlink("private/data", link))
	makeStore(t, folder)
	require.NoError(t, token.CreateFile(filepath.Join(folder, "keys.json"), clock(), token.HS256))
	if os.Geteuid() != 0 {
		path, err := enterFolder(link, databaseName)
		require.NoError(t, err)
		require.Equal(t, link, path, "only root becomes another user")
		return link, false
	}
	for _, name := range []string{".", databaseName, "keys.json"} {
		require.NoError(t, os.Chown(filepath.Join(folder, name), serviceUser, serviceUser))
	}
	return link, true
}

// runProcess runs the program in a new process, because it may give up root's rights.
func runProcess(t *testing.T, args ...string) (code int, output string) {
	t.Helper()
	command := newProcess(t, nil, args...)
	command.Stdin = strings.NewReader("a good new password\n")
	text, _ := command.CombinedOutput() // the exit code is checked instead
	return command.ProcessState.ExitCode(), string(text)
}

// operate runs the named commands that work on the data folder, or all of them. It returns their output.
func operate(t *testing.T, folder string, commands ...string) (outputs map[string]string) {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("a good old password"), bcrypt.MinCost)
	require.NoError(t, err)
	accounts := write(t, importLine(t, "ada@example.com", string(hash))+"\n") // in a folder that only root can enter
	require.NoError(t, os.Chmod(filepath.Dir(accounts), 0o700))
	outputs = map[string]string{}
	for _, args := range [][]string{
		{"users", "import", accounts},
		{"users", "set-password", "ada@example.com"},
		{"users", "end-sessions", "ada@example.com"},
		{"keys", "list"},
		{"keys", "rotate", "--all"},
		{"keys", "create"},
		{"backup", filepath.Join(t.TempDir(), "monday.db")},
	} {
		name := args[0] + " " + args[1]
		if args[0] == "backup" {
			name = "backup"
		}
		if len(commands) > 0 && !slices.Contains(commands, name) {
			continue
		}
		_, outputs[name] = runProcess(t, append(args, "--data-dir="+folder)...)
	}
	return outputs
}

func TestFilesStayWithTheirOwnerWhenRootOperates(t *testing.T) {
	t.Parallel()
	folder, isRoot := foreignFolder(t)
	if !isRoot {
		return
	}
	outputs := operate(t, folder)
	require.Contains(t, outputs["users import"], "Imported: 1.")
	require.Contains(t, outputs["users set-password"], "The password is replaced")
	require.Contains(t, outputs["users end-sessions"], "Sessions ended")
	require.Contains(t, outputs["keys list"], "signing")
	require.Contains(t, outputs["keys rotate"], "Added key")
	require.Contains(t, outputs["keys create"], "the key file, in the data folder or at POSTERN_KEYS_FILE, exists already")
	requireOwned(t, folder)
	for _, name := range []string{"keys.json", databaseName + ".lock"} {
		require.NoError(t, os.Remove(filepath.Join(folder, name)))
	}
	code, output := runProcess(t, "keys", "create", "--data-dir="+folder)
	require.Zero(t, code, output)
	require.Contains(t, output, "Created "+folder+"/keys.json.")
	requireOwned(t, folder)
}

// requireOwned requires that every file in a folder belongs to serviceUser, and that no other user can read it.
func requireOwned(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.NotEmpty(t, entries)
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		uid, gid := ids(info)
		require.Equal(t, []int{serviceUser, serviceUser}, []int{uid, gid}, entry.Name())
		require.Equal(t, fs.FileMode(0o600), info.Mode(), entry.Name())
	}
}

func TestRootBacksUpTheStoreOfAnotherUser(t *testing.T) {
	t.Parallel()
	folder, isRoot := foreignFolder(t)
	if !isRoot {
		return
	}
	target := filepath.Join(t.TempDir(), "new", "monday.db")
	code, output := runProcess(t, "backup", target, "--data-dir="+folder)
	require.Zero(t, code, output)
	requireUser(t, 0, target)
	require.Equal(t, dump(t, filepath.Join(folder, databaseName)), dump(t, target))
	require.Equal(t, []string{"monday.db"}, names(t, filepath.Dir(target)))

	inside := filepath.Join(folder, "tuesday.db")
	code, output = runProcess(t, "backup", inside, "--data-dir="+folder)
	require.Zero(t, code, output)
	requireUser(t, serviceUser, inside)

	verified := filepath.Join(t.TempDir(), "wednesday.db")
	code, output = runProcess(t, "backup", "--verify", verified, "--data-dir="+folder)
	require.Zero(t, code, output)
	require.Regexp(t, `(?m)^  users +\d+ rows$`, output)
	require.Equal(t, dump(t, target), dump(t, verified))
	require.Equal(t, []string{"wednesday.db"}, names(t, filepath.Dir(verified)))

	code, output = runProcess(t, "backup", target, "--data-dir="+folder)
	require.Equal(t, exitFailed, code)
	require.Contains(t, output, "is there already")
	require.NoError(t, os.WriteFile(filepath.Join(folder, databaseName), []byte("Dear diary."), 0o600))
	code, output = runProcess(t, "backup", target+"2", "--data-dir="+folder)
	require.Equal(t, exitFailed, code)
	require.Equal(t, "postern: back up the store in POSTERN_DATA_DIR: file is not a database (26)\n", output)
	code, output = runProcess(t, "backup", "--verify", target+"2", "--data-dir="+folder)
	require.Equal(t, exitFailed, code)
	require.Equal(t, "postern: back up the store in POSTERN_DATA_DIR: file is not a database (26)\n", output)
	require.Equal(t, []string{"monday.db"}, names(t, filepath.Dir(target)), "a failed backup leaves nothing")
}

func requireUser(t *testing.T, want int, path string) {
	t.Helper()
	info, err := os.Lstat(path)
	require.NoError(t, err)
	uid, _ := ids(info)
	require.Equal(t, want, uid)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
}

func TestBackupToTheOutput(t *testing.T) {
	t.Parallel()
	from := awkwardStore(t, fewPosts)
	code, stdout, stderr := postern(t, nil, "backup", "-", "--data-dir="+filepath.Dir(from))
	require.Zero(t, code, stderr)
	require.Equal(t, dump(t, from), dump(t, fileWith(t, "copy.db", stdout)))
	for _, name := range names(t, filepath.Dir(from)) {
		require.NotContains(t, name, "backup", "nothing is left beside the store")
	}
}

// TestRootDoesNotFollowLinksOutOfTheFolder replaces files in the folder with links to other files.
func TestRootDoesNotFollowLinksOutOfTheFolder(t *testing.T) {
	t.Parallel()
	victims := t.TempDir()
	store, keys := []string{"users end-sessions", "backup"}, []string{"keys list", "keys rotate", "keys create"}
	for name, commands := range map[string][]string{ // commands that open the file, in each way
		databaseName: store, databaseName + "-wal": store, databaseName + "-shm": store, databaseName + ".lock": store,
		"keys.json": keys, databaseName + ".backup.partial": {"backup"},
	} {
		for kind, link := range map[string]func(from, to string) error{"symbolic": os.Symlink, "hard": os.Link} {
			folder, isRoot := foreignFolder(t)
			if !isRoot {
				return
			}
			victim := filepath.Join(victims, kind+name)
			content := "precious"
			if name == "keys.json" {
				keys, err := os.ReadFile(filepath.Join(folder, name))
				require.NoError(t, err)
				content = string(keys)
			}
			require.NoError(t, os.WriteFile(victim, []byte(content), 0o600))
			require.NoError(t, os.Chmod(victim, 0o640))
			_ = os.Remove(filepath.Join(folder, name))
			require.NoError(t, link(victim, filepath.Join(folder, name)))
			before, err := os.Lstat(victim)
			require.NoError(t, err)
			operate(t, folder, commands...)
			after, err := os.Lstat(victim)
			require.NoError(t, err)
			beforeUID, beforeGID := ids(before)
			afterUID, afterGID := ids(after)
			require.Equal(t, []int{beforeUID, beforeGID}, []int{afterUID, afterGID}, "%s %s", kind, name)
			require.Equal(t, before.Mode(), after.Mode(), "%s %s", kind, name)
			require.True(t, os.SameFile(before, after))
			text, err := os.ReadFile(victim)
			require.NoError(t, err)
			require.Equal(t, content, string(text), "%s %s", kind, name)
		}
	}
	require.Len(t, names(t, victims), 12, "no file was added")
}

func TestRootDoesNotServeAnotherUsersFolder(t *testing.T) {
	t.Parallel()
	folder, isRoot := foreignFolder(t)
	if !isRoot {
		return
	}
	before := names(t, folder)
	code, stdout, stderr := postern(t, []string{"POSTERN_DATA_DIR=" + folder})
	require.Equal(t, exitUsage, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "POSTERN_DATA_DIR (--data-dir) is not a folder for root: it belongs to user 42424")
	for _, args := range [][]string{
		{"copy", "--from=" + folder, "--to=" + filepath.Join(t.TempDir(), "x.db")},
		{"copy", "--from=" + storeWith(t), "--to=" + filepath.Join(folder, "x.db")},
	} {
		code, _, stderr := postern(t, nil, args...)
		require.Equal(t, exitUsage, code)
		require.Contains(t, stderr, "is not in a folder for root: it belongs to user 42424")
	}
	require.Equal(t, before, names(t, folder))
}

func TestALinkOfAnotherUserToAFolderOfRootIsRefused(t *testing.T) {
	t.Parallel()
	if _, isRoot := foreignFolder(t); !isRoot {
		return
	}
	store := filepath.Dir(storeWith(t))
	link := filepath.Join(t.TempDir(), "data")
	require.NoError(t, os.Symlink(store, link))
	require.NoError(t, os.Lchown(link, serviceUser, serviceUser))
	before := names(t, store)
	for name, output := range operate(t, link) {
		require.Contains(t, output, "it is a link that user 42424 made", name)
	}
	require.Equal(t, before, names(t, store))
}

// TestRootLeavesNoFilesInASharedFolder uses a folder of root that the service's group may write to. The owner of the files in it
// shows the service's user.
func TestRootLeavesNoFilesInASharedFolder(t *testing.T) {
	t.Parallel()
	backup := filepath.Join(t.TempDir(), "monday.db")
	from, isRoot := foreignFolder(t)
	if !isRoot {
		return
	}
	code, output := runProcess(t, "backup", backup, "--data-dir="+from)
	require.Zero(t, code, output)
	for _, name := range []string{"", "keys.json", databaseName + ".lock"} {
		for _, args := range [][]string{{"restore", backup}, {"keys", "create"}} {
			folder := t.TempDir()
			require.NoError(t, os.Chown(folder, 0, serviceUser))
			require.NoError(t, os.Chmod(folder, 0o770|fs.ModeSetgid))
			if name != "" {
				require.NoError(t, os.WriteFile(filepath.Join(folder, name), nil, 0o600))
				require.NoError(t, os.Chown(filepath.Join(folder, name), serviceUser, serviceUser))
			}
			code, output := runProcess(t, append(args, "--data-dir="+folder)...)
			if name == "" {
				require.NotZero(t, code, args)
				require.Contains(t, output, "run the command as the service's user")
				require.Empty(t, names(t, folder))
				continue
			}
			if args[0] == "restore" || name != "keys.json" {
				require.Zero(t, code, output)
			}
			requireOwned(t, folder)
		}
	}
}
