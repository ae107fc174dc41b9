package token

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestRotatedKeySignsAfterAMinute(t *testing.T) {
	t.Parallel()
	path, clock := newKeyFile(t), newTestClock()
	clock.Add(24 * time.Hour)
	added, err := RotateFile(path, clock.Now(), "")
	require.NoError(t, err)
	require.Equal(t, KeyInfo{KeyID: added.KeyID, Use: "sig", Algorithm: "HS256", NotBefore: start.Add(24*time.Hour + time.Minute), State: "next"}, added)

	r := openRing(t, path, clock.Now, io.Discard)
	old := r.Keys()[0].KeyID
	states := func() map[string]string {
		states := map[string]string{}
		for _, k := range r.Keys() {
			states[k.KeyID] = k.State
		}
		return states
	}
	signer := func() string {
		issued := clock.Now().Truncate(time.Second)
		s := NewService(r, options)
		token, err := s.Issue(t.Context(), domain.Claims{UserID: 1, SessionID: "s", IssuedAt: issued, ExpiresAt: issued.Add(time.Minute)})
		require.NoError(t, err)
		_, err = s.Verify(t.Context(), token, issued)
		require.NoError(t, err)
		h, _, err := r.verifySignature(t.Context(), token)
		require.NoError(t, err)
		return h.KeyID
	}
	clock.Add(time.Minute - time.Microsecond)
	require.Equal(t, old, signer())
	require.Equal(t, "signing", states()[old])
	require.Equal(t, "next", states()[added.KeyID])
	clock.Add(time.Microsecond)
	require.Equal(t, added.KeyID, signer())
	require.Equal(t, "verifying", states()[old])
	require.Equal(t, "signing", states()[added.KeyID])
}

func TestRotateFileDropsExpiredKeys(t *testing.T) {
	t.Parallel()
	path := newKeyFile(t)
	second, err := RotateFile(path, start, "")
	require.NoError(t, err)
	kids := func() (kids []string) {
		for _, k := range readSet(t, path) {
			kids = append(kids, k["kid"].(string))
		}
		return kids
	}
	before := kids()
	require.Len(t, before, 4)

	gone := second.NotBefore.Add(domain.MaxTokenLife + maxSkew)
	third, err := RotateFile(path, gone, "")
	require.NoError(t, err)
	require.Equal(t, append(before, third.KeyID), kids(), "the first key may still verify tokens")

	fourth, err := RotateFile(path, gone.Add(time.Second), "")
	require.NoError(t, err)
	want := append(before[1:], third.KeyID, fourth.KeyID)
	require.Equal(t, want, kids(), "only the first key was dropped")
}

func TestConcurrentRotationsAllSucceed(t *testing.T) {
	t.Parallel()
	path := newKeyFile(t)
	const racers = 16
	type outcome struct {
		added KeyInfo
		err   error
	}
	outcomes := make(chan outcome, racers)
	for range racers {
		go func() {
			added, err := RotateFile(path, start, "")
			outcomes <- outcome{added, err}
		}()
	}
	want := map[string]bool{}
	for range racers {
		o := <-outcomes
		require.NoError(t, o.err)
		want[o.added.KeyID] = true
	}
	got := map[string]bool{}
	for _, k := range readSet(t, path)[3:] {
		got[k["kid"].(string)] = true
	}
	require.Len(t, got, racers)
	require.Equal(t, want, got)
}

func TestRotateFileWaitsForAnother(t *testing.T) {
	t.Parallel()
	path := newKeyFile(t)
	unlock, err := lockFolder(filepath.Dir(path))
	require.NoError(t, err)
	f, err := os.Open(filepath.Dir(path))
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	require.ErrorIs(t, syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK)
	unlock()
	require.NoError(t, syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB))
}

func TestRotateFileReplacesInOneStep(t *testing.T) {
	t.Parallel()
	path := newKeyFile(t)
	before := mustRead(t, path)
	reader, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = reader.Close() }()
	_, err = RotateFile(path, start, "")
	require.NoError(t, err)

	read, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.Equal(t, before, read, "a reader that began before the replacement reads the old file to its end")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file is left")
}

func TestRotateFileKeepsOwnerAndLink(t *testing.T) {
	t.Parallel()
	path := newKeyFile(t)
	// Only root can change the owner of a file. Without root's rights the owner stays, and the test must pass too.
	if os.Geteuid() == 0 {
		require.NoError(t, os.Chown(path, 12345, -1))
	}
	link := filepath.Join(t.TempDir(), "link.json")
	require.NoError(t, os.Symlink(path, link))
	owner := func() uint32 {
		info, err := os.Stat(path)
		require.NoError(t, err)
		return info.Sys().(*syscall.Stat_t).Uid
	}
	before := owner()
	_, err := RotateFile(link, start, "")
	if os.Geteuid() == 0 {
		require.EqualError(t, err, "key file: it is a symbolic link, which root does not follow: name the file itself")
		require.Len(t, readSet(t, path), 3)
		_, err = RotateFile(path, start, "")
	}
	require.NoError(t, err)
	require.Equal(t, before, owner())
	target, err := os.Readlink(link)
	require.NoError(t, err)
	require.Equal(t, path, target)
	require.Len(t, readSet(t, path), 4)
}

func TestRotateFileLeavesAFileItRefuses(t *testing.T) {
	t.Parallel()
	broken := newKeyFile(t)
	require.NoError(t, os.WriteFile(broken, []byte(canaryMaterial), 0o600))
	open := newKeyFile(t)
	require.NoError(t, os.Chmod(open, 0o644))
	full := newKeyFile(t)
	for range maxKeys - 3 {
		_, err := RotateFile(full, start, "")
		require.NoError(t, err)
	}
	for _, path := range []string{broken, open, full} {
		before := mustRead(t, path)
		_, err := RotateFile(path, start, "")
		require.ErrorContains(t, err, "key file: ")
		requireNoTrace(t, err.Error(), canaryMaterial)
		require.Equal(t, before, mustRead(t, path))
	}
	_, err := RotateFile(filepath.Join(t.TempDir(), "missing"), start, "")
	require.ErrorIs(t, err, fs.ErrNotExist)
	openRing(t, full, newTestClock().Now, io.Discard)
}

// TestRotationChangesTheAlgorithm rotates from each algorithm to the next. Every token stays valid until it expires.
func TestRotationChangesTheAlgorithm(t *testing.T) {
	t.Parallel()
	path, clock := newKeyFile(t), newTestClock()
	r := openRing(t, path, clock.Now, io.Discard)
	s := NewService(r, options)
	refresh := mint(t, r, goodSession, 1)
	issue := func() string {
		issued := clock.Now()
		token, err := s.Issue(t.Context(), domain.Claims{UserID: 1, SessionID: goodSession, IssuedAt: issued, ExpiresAt: issued.Add(domain.MaxTokenLife)})
		require.NoError(t, err)
		return token
	}
	requireAlgorithm := func(token string, want Algorithm) {
		t.Helper()
		_, err := s.Verify(t.Context(), token, clock.Now())
		require.NoError(t, err)
		h, _, err := r.verifySignature(t.Context(), token)
		require.NoError(t, err)
		require.Equal(t, string(want), h.Algorithm)
	}
	from := HS256
	for _, to := range []Algorithm{EdDSA, Ed25519, ES256, HS256, Ed25519, EdDSA, HS256} {
		added, err := RotateFile(path, clock.Now(), to)
		require.NoError(t, err)
		require.Equal(t, to, added.Algorithm)
		r.reload()
		clock.Add(rotationDelay - time.Second)
		old := issue()
		requireAlgorithm(old, from)
		clock.Add(time.Second)
		fresh := issue()
		requireAlgorithm(fresh, to)

		clock.Add(domain.MaxTokenLife - time.Second - time.Second)
		_, err = RotateFile(path, clock.Now(), to)
		require.NoError(t, err)
		r.reload()
		requireAlgorithm(old, from)
		requireAlgorithm(fresh, to)
		clock.Add(rotationDelay)
		_, err = s.Verify(t.Context(), old, clock.Now())
		require.ErrorContains(t, err, "expired")
		_, err = r.ParseRefresh(refresh)
		require.NoError(t, err)
		clock.Add(domain.MaxTokenLife)
		from = to
	}
	require.LessOrEqual(t, len(readSet(t, path)), 6, "old keys are dropped")
}

func TestRotationKeepsTheNewestAlgorithm(t *testing.T) {
	t.Parallel()
	for _, a := range algorithms {
		path := newKeyFile(t)
		added, err := RotateFile(path, start, a)
		require.NoError(t, err)
		require.Equal(t, "next", added.State)
		for _, when := range []time.Duration{time.Second, time.Hour, 24 * time.Hour} {
			added, err = RotateFile(path, start.Add(when), "")
			require.NoError(t, err)
			require.Equal(t, a, added.Algorithm, "the algorithm of a key that does not sign yet is kept")
		}
	}
}

func TestRotateAllFileAddsAKeyOfEachUse(t *testing.T) {
	t.Parallel()
	path, clock := newKeyFile(t), newTestClock()
	before := readSet(t, path)
	added, err := RotateAllFile(path, start, EdDSA)
	require.NoError(t, err)
	require.Len(t, added, 3)
	for i, want := range []KeyInfo{{Use: "sig", Algorithm: EdDSA}, {Use: "refresh", Algorithm: HS256}, {Use: "cursor", Algorithm: HS256}} {
		want.KeyID, want.NotBefore, want.State = added[i].KeyID, start.Add(time.Minute), "next"
		require.Equal(t, want, added[i])
	}
	after := readSet(t, path)
	require.Len(t, after, 6)
	require.Equal(t, before, after[:3])

	r := openRing(t, path, clock.Now, io.Discard)
	cursor := r.SealCursor([]byte("x"))
	clock.Add(2 * time.Hour)
	for range 3 {
		_, err = RotateAllFile(path, clock.Now(), "")
		require.NoError(t, err)
		clock.Add(2 * time.Hour)
	}
	r.reload()
	_, err = r.OpenCursor(cursor)
	require.NoError(t, err)
	counts := map[string]int{}
	for _, k := range r.Keys() {
		counts[k.Use]++
	}
	require.Equal(t, map[string]int{"sig": 2, "refresh": 5, "cursor": 5}, counts, "only signing keys are dropped")
}
