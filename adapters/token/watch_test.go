package token

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// addKey adds a signing key to a key file, and returns it. The key is in force at once.
func addKey(t *testing.T, path string) key {
	t.Helper()
	keys, err := parseKeySet(mustRead(t, path), start)
	require.NoError(t, err)
	added := randomKey(useSignature, HS256, start.Unix())
	require.NoError(t, replaceFile(path, append(keys, added)))
	return added
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

func verifies(t *testing.T, r *Ring, k key) bool {
	t.Helper()
	token := sign(k, goodHeader(k).json(t), goodClaims().json(t))
	_, err := NewService(r, options).Verify(t.Context(), token, start)
	if err != nil {
		require.ErrorIs(t, err, domain.ErrBadToken)
	}
	return err == nil
}

func TestUnknownKeyMakesTheRingReadAtMostOnceASecond(t *testing.T) {
	t.Parallel()
	path, clock := newKeyFile(t), newTestClock()
	r := openRing(t, path, clock.Now, io.Discard)
	first := addKey(t, path)
	require.True(t, verifies(t, r, first), "an unknown key makes the ring read at once")

	second := addKey(t, path)
	require.False(t, verifies(t, r, second), "the ring does not read twice at the same time")
	clock.Add(time.Second - time.Microsecond)
	require.False(t, verifies(t, r, second), "the ring does not read twice in a second")
	clock.Add(time.Microsecond)
	require.True(t, verifies(t, r, second), "the ring reads again after a second")

	third := addKey(t, path)
	clock.Add(-maxSkew)
	require.True(t, verifies(t, r, third), "a clock that was set back does not stop the ring from reading")
}

func TestVerifyWaitsForARunningRead(t *testing.T) {
	t.Parallel()
	path := newKeyFile(t)
	synctest.Test(t, func(t *testing.T) {
		r := openRing(t, path, newTestClock().Now, io.Discard)
		added := addKey(t, path)
		r.file.reading <- struct{}{}
		done := make(chan bool)
		go func() { done <- verifies(t, r, added) }()
		synctest.Wait()
		select {
		case <-done:
			t.Fatal("did not wait")
		default:
		}
		<-r.file.reading
		require.True(t, <-done)
	})
}

func TestVerifyGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	r := openRing(t, newKeyFile(t), newTestClock().Now, io.Discard)
	r.file.reading <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	unknown := randomKey(useSignature, HS256, 0)
	_, err := NewService(r, options).Verify(ctx, sign(unknown, goodHeader(unknown).json(t), goodClaims().json(t)), start)
	require.ErrorIs(t, err, domain.ErrBadToken)
}

func TestWatchReadsEveryFiveSeconds(t *testing.T) {
	t.Parallel()
	path := newKeyFile(t)
	var log testLog
	synctest.Test(t, func(t *testing.T) {
		r := openRing(t, path, newTestClock().Now, &log)
		ctx, cancel := context.WithCancel(t.Context())
		stopped := make(chan struct{})
		go func() { r.Watch(ctx); close(stopped) }()

		added := addKey(t, path)
		time.Sleep(5*time.Second - time.Nanosecond)
		synctest.Wait()
		require.Len(t, r.Keys(), 3)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.Len(t, r.Keys(), 4)
		require.Equal(t, added.id, r.current(useSignature).id)
		require.Equal(t, 1, log.lines(slog.LevelInfo))

		time.Sleep(10 * pollInterval)
		synctest.Wait()
		require.Equal(t, 1, log.lines(slog.LevelInfo), "an unchanged file logs nothing")
		cancel()
		<-stopped
	})
}

func TestBrokenFileKeepsTheKeysAndIsLoggedOnce(t *testing.T) {
	t.Parallel()
	path := newKeyFile(t)
	good := mustRead(t, path)
	var log testLog
	synctest.Test(t, func(t *testing.T) {
		r := openRing(t, path, newTestClock().Now, &log)
		before := r.Keys()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go r.Watch(ctx)
		pass := func() { time.Sleep(3 * pollInterval); synctest.Wait() }

		changes := []func() error{
			func() error { return os.WriteFile(path, []byte(canaryMaterial), 0o600) },
			func() error { return os.WriteFile(path, []byte(canaryMaterial+"2"), 0o600) },
			func() error { return os.Remove(path) },
			func() error { return os.WriteFile(path, nil, 0o600) },
			func() error { return os.WriteFile(path, good, 0o600) },
			func() error { return os.Chmod(path, 0o644) },
		}
		broken := 0
		for i, change := range changes {
			require.NoError(t, change())
			pass()
			require.Equal(t, before, r.Keys(), "change %d", i)
			require.True(t, verifies(t, r, r.current(useSignature)))
			if i != 4 {
				broken++
			}
			require.Equal(t, broken, log.lines(slog.LevelError), "change %d", i)
		}
		require.Equal(t, 1, log.lines(slog.LevelInfo), "when the file was valid again")
		require.Empty(t, securityEvents(t, &log), "the keys are the same as before")
		require.NotContains(t, log.String(), path)
		requireNoTrace(t, log.String(), canaryMaterial)

		require.NoError(t, os.Chmod(path, 0o600))
		added := addKey(t, path)
		pass()
		require.True(t, verifies(t, r, added), "a repaired file is used")
	})
}

func TestRemovedKeysVerifyNothing(t *testing.T) {
	t.Parallel()
	path, clock := newKeyFile(t), newTestClock()
	r := openRing(t, path, clock.Now, io.Discard)
	old := r.current(useSignature)
	addKey(t, path)
	keys := readSet(t, path)
	writeSet(t, path, keys[1:])
	r.reload()
	require.False(t, verifies(t, r, old))
}

// securityEvents returns the lines of a log that are security events.
func securityEvents(t *testing.T, log *testLog) (events []map[string]any) {
	t.Helper()
	for line := range strings.Lines(log.String()) {
		var members map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &members))
		if members["msg"] == "security event" {
			events = append(events, members)
		}
	}
	return events
}

func TestOnlyOtherKeysAreASecurityEvent(t *testing.T) {
	t.Parallel()
	path, clock := newKeyFile(t), newTestClock()
	var log testLog
	r := openRing(t, path, clock.Now, &log)
	rewrite := func(change func(keys []map[string]any) []map[string]any) {
		writeSet(t, path, change(readSet(t, path)))
		r.reload()
	}
	set := func(name string, value any) func([]map[string]any) []map[string]any {
		return func(keys []map[string]any) []map[string]any { keys[0][name] = value; return keys }
	}
	kid := r.current(useSignature).id
	for _, c := range []struct {
		change string
		of     func(keys []map[string]any) []map[string]any
		event  bool
	}{
		{"the layout", func(keys []map[string]any) []map[string]any { return keys }, false},
		{"the order", func(keys []map[string]any) []map[string]any { slices.Reverse(keys[1:]); return keys }, false},
		{"a k", set("k", b64(goodSecret)), true},
		{"an nbf", set("nbf", start.Unix()-1), true},
		{"a key more", func(keys []map[string]any) []map[string]any {
			next := asymmetricMembers(t, randomKey(useSignature, Ed25519, start.Unix()-2))
			return append(keys, next)
		}, true},
		{"a name of the algorithm", func(keys []map[string]any) []map[string]any { keys[3]["alg"] = "EdDSA"; return keys }, true},
		{"a key less", func(keys []map[string]any) []map[string]any { return keys[:3] }, true},
	} {
		before, seen := len(securityEvents(t, &log)), r.file.seen
		rewrite(c.of)
		require.NotEqual(t, seen, r.file.seen, c.change)
		events := securityEvents(t, &log)[before:]
		if !c.event {
			require.Empty(t, events, c.change)
			continue
		}
		require.Len(t, events, 1, c.change)
		require.Equal(t, []any{"INFO", "keys_rotated", float64(len(r.Keys())), kid},
			[]any{events[0]["level"], events[0]["event"], events[0]["keys"], events[0]["signing_key"]}, c.change)
		require.Len(t, events[0], 6, "time, level, msg and three attributes")
	}
	rewrite(set("kid", "another"))
	events := securityEvents(t, &log)
	require.Equal(t, "another", events[len(events)-1]["signing_key"])
}

func TestWatchOnARingFromASecretReturns(t *testing.T) {
	t.Parallel()
	secretRing(t).Watch(context.Background())
}

func TestRingWhileItsFileChanges(t *testing.T) {
	t.Parallel()
	path := newKeyFile(t)
	clock := newTestClock()
	r := openRing(t, path, clock.Now, io.Discard)
	old := r.current(useSignature)
	token := sign(old, goodHeader(old).json(t), goodClaims().json(t))
	unknown := randomKey(useSignature, HS256, 0)
	stop := make(chan struct{})
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				_, err := NewService(r, options).Verify(context.Background(), token, start)
				if err != nil {
					t.Errorf("a good token was refused: %v", err)
					return
				}
				verifies(t, r, unknown)
				clock.Add(time.Second)
			}
		})
	}
	for range 20 {
		_, err := RotateFile(path, start, "")
		require.NoError(t, err)
	}
	close(stop)
	workers.Wait()
}
