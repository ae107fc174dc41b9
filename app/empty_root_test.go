//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// imageUser is the user and group of deploy/Containerfile.
const imageUser = 65532

// emptyRoot is a root file system like that of the image: it contains only the program and its data folder.
type emptyRoot struct {
	path   string
	attr   *syscall.SysProcAttr
	prefix []string // the command that enters the root, if this process may not
}

func newEmptyRoot(t *testing.T) emptyRoot {
	t.Helper()
	base, err := os.MkdirTemp("/tmp", "postern-root-") // the image's user may not enter t.TempDir
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	r := emptyRoot{path: filepath.Join(base, "root")}
	require.NoError(t, os.Chmod(base, 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(r.path, "data"), 0o755))
	require.NoError(t, os.Chmod(filepath.Join(r.path, "data"), 0o700))
	program, err := buildProgram()
	require.NoError(t, err)
	content, err := os.ReadFile(program)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(r.path, "postern"), content, 0o755))
	r.enter(t)
	return r
}

// enter chooses how to enter the root as the image's user: as root, in a user namespace, or with sudo.
func (r *emptyRoot) enter(t *testing.T) {
	t.Helper()
	user := &syscall.Credential{Uid: imageUser, Gid: imageUser, NoSetGroups: true}
	if os.Getuid() == 0 {
		r.attr = &syscall.SysProcAttr{Chroot: r.path, Credential: user}
		require.NoError(t, os.Chown(filepath.Join(r.path, "data"), imageUser, imageUser))
	} else {
		mapped := func(host int) []syscall.SysProcIDMap {
			return []syscall.SysProcIDMap{{ContainerID: imageUser, HostID: host, Size: 1}}
		}
		r.attr = &syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWUSER, UidMappings: mapped(os.Getuid()), GidMappings: mapped(os.Getgid()), Chroot: r.path, Credential: user,
		}
	}
	failure := r.command(t.Context(), "version").Run()
	if failure != nil && os.Getuid() != 0 {
		data := filepath.Join(r.path, "data")
		r.attr, r.prefix = nil, []string{"sudo", "-n", "chroot", "--userspec=" + fmt.Sprintf("%d:%d", imageUser, imageUser), r.path}
		_ = exec.Command("sudo", "-n", "chown", fmt.Sprint(imageUser), data).Run()
		t.Cleanup(func() { _ = exec.Command("sudo", "-n", "rm", "-rf", data).Run() })
		failure = r.command(t.Context(), "version").Run()
	}
	if failure != nil && os.Getenv("CI") == "" {
		t.Skip("an empty root needs root, user namespaces or sudo")
	}
	require.NoError(t, failure, "an empty root needs root, user namespaces or sudo")
}

// command returns a command in the root.
func (r *emptyRoot) command(ctx context.Context, args ...string) *exec.Cmd {
	all := append(append([]string{}, r.prefix...), append([]string{"/postern"}, args...)...)
	cmd := exec.CommandContext(ctx, all[0], all[1:]...)
	cmd.Dir, cmd.SysProcAttr = "/", r.attr
	cmd.Env = []string{"POSTERN_DATA_DIR=/data", "POSTERN_ADDR=127.0.0.1:0", "PATH=" + os.Getenv("PATH")}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	return cmd
}

// serve runs the service until the test ends, and returns its URL.
func (r *emptyRoot) serve(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	cmd := r.command(ctx)
	cmd.Stderr = t.Output()
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { stop(); _ = cmd.Wait() })
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if found := regexp.MustCompile(`Address +(http://\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return found[1]
		}
	}
	t.Fatal("the service did not start")
	return ""
}

// TestLongPostsAreFoundAndBackedUpInAnEmptyRoot runs without a folder for temporary files and without a list of accounts.
// Only the data folder is writable.
func TestLongPostsAreFoundAndBackedUpInAnEmptyRoot(t *testing.T) {
	t.Parallel()
	root := newEmptyRoot(t)
	base := root.serve(t)
	call := func(request *http.Request, want int) (body map[string]any, list []any) {
		answer, err := http.DefaultClient.Do(request.WithContext(t.Context()))
		require.NoError(t, err)
		defer answer.Body.Close()
		content, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.Equal(t, want, answer.StatusCode, "%.300s", content)
		if bytes.HasPrefix(content, []byte("[")) {
			require.NoError(t, json.Unmarshal(content, &list))
		} else {
			require.NoError(t, json.Unmarshal(content, &body))
		}
		return body, list
	}
	post := func(path, contentType, body, token string) *http.Request {
		request, err := http.NewRequest(http.MethodPost, base+path, strings.NewReader(body))
		require.NoError(t, err)
		request.Header.Set("Content-Type", contentType)
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		return request
	}
	const email, password = "ada@example.org", "correct horse battery staple"
	account := `{"email":"` + email + `","password":"` + password + `"}`
	call(post("/users", "application/json", account, ""), http.StatusCreated)
	form := url.Values{"username": {email}, "password": {password}}.Encode()
	login, _ := call(post("/login", "application/x-www-form-urlencoded", form, ""), http.StatusOK)
	for i := range 40 {
		content := "needle n" + strconv.Itoa(i) + strings.Repeat(" hay", 22_500)
		call(post("/posts", "application/json", `{"title":"long","content":"`+content+`"}`, login["access_token"].(string)), http.StatusCreated)
	}
	for _, query := range []string{"needle", "need*", "n7", `"needle n7"`} {
		request, err := http.NewRequest(http.MethodGet, base+"/posts?limit=40&search="+url.QueryEscape(query), nil)
		require.NoError(t, err)
		_, found := call(request, http.StatusOK)
		require.NotEmpty(t, found, query)
	}
	output, err := root.command(t.Context(), "backup", "/data/copy.db").CombinedOutput()
	require.NoError(t, err, string(output))
	hide := root.command(t.Context(), "posts", "hide", "1")
	hide.Env = append(hide.Env, "USER=eve", "LOGNAME=eve", "HOME=/data")
	output, err = hide.CombinedOutput()
	require.NoError(t, err, string(output))
	output, err = root.command(t.Context(), "audit").CombinedOutput()
	require.NoError(t, err, string(output))
	require.Contains(t, string(output), fmt.Sprintf("uid %d  posts hide", imageUser), "no variable names the operator")
	entries, err := os.ReadDir(root.path)
	require.NoError(t, err)
	require.Len(t, entries, 2, "the root contains only the program and its data")
}
