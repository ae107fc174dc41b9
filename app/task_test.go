package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// rehearse repeats a task for so long, on a clock of the test's own, and returns what was logged.
func rehearse(t *testing.T, long time.Duration, do task) (log string) {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), long)
		defer cancel()
		do.repeat(ctx, slog.New(slog.NewTextHandler(&out, nil)))
		require.Error(t, ctx.Err(), "it ends with ctx, not before")
	})
	return out.String()
}

func TestTaskKeepsItsIntervalWhileRunsAreShorter(t *testing.T) {
	t.Parallel()
	var begun []time.Time
	rehearse(t, 1100*time.Millisecond, task{"x", always(250 * time.Millisecond), time.Second, func(context.Context) error {
		begun = append(begun, time.Now())
		time.Sleep(200 * time.Millisecond)
		return nil
	}})
	require.Len(t, begun, 4)
	for i, at := range begun[1:] {
		require.Equal(t, 250*time.Millisecond, at.Sub(begun[i]))
	}
}

func TestTaskRunsNeverOverlapAndAreBounded(t *testing.T) {
	t.Parallel()
	running, runs := false, 0
	rehearse(t, 10*time.Second, task{"x", always(250 * time.Millisecond), time.Second, func(ctx context.Context) error {
		require.False(t, running)
		running, runs = true, runs+1
		<-ctx.Done()
		running = false
		return nil
	}})
	require.Equal(t, 10, runs, "the first after 250 ms, each a second long, the last cut short by the end")
}

func TestTaskLogsAStreakOfFailuresOnce(t *testing.T) {
	t.Parallel()
	n := 0
	log := rehearse(t, 10*time.Second, task{"try it", always(time.Second), time.Second, func(context.Context) error {
		if n++; n <= 3 || n == 6 {
			return errors.New("no luck")
		}
		return nil
	}})
	require.Equal(t, 2, strings.Count(log, "level=WARN msg=\"cannot try it"), log)
	require.Equal(t, 2, strings.Count(log, `level=INFO msg="can try it again"`), log)
	require.Contains(t, log, `error="no luck"`)
}

func TestTaskThatIsStoppedDoesNotFail(t *testing.T) {
	t.Parallel()
	log := rehearse(t, time.Second, task{"try it", always(time.Millisecond), time.Hour, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}})
	require.Empty(t, log)
}

func TestSweepsAreSpread(t *testing.T) {
	t.Parallel()
	seen := map[time.Duration]bool{}
	for range 100 {
		pause := jittered(time.Minute)()
		require.GreaterOrEqual(t, pause, 45*time.Second)
		require.Less(t, pause, 75*time.Second)
		seen[pause] = true
	}
	require.Greater(t, len(seen), 50)
}
