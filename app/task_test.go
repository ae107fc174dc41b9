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

// repeatFor repeats a task for a duration on a fake clock, and returns the log.
func repeatFor(t *testing.T, duration time.Duration, do task) (log string) {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), duration)
		defer cancel()
		do.repeat(ctx, slog.New(slog.NewTextHandler(&out, nil)))
		require.Error(t, ctx.Err(), "it ends with ctx")
	})
	return out.String()
}

func TestTaskKeepsItsIntervalWhileRunsAreShorter(t *testing.T) {
	t.Parallel()
	var begun []time.Time
	repeatFor(t, 1100*time.Millisecond, task{"x", fixed(250 * time.Millisecond), time.Second, func(context.Context) error {
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
	repeatFor(t, 10*time.Second, task{"x", fixed(250 * time.Millisecond), time.Second, func(ctx context.Context) error {
		require.False(t, running)
		running, runs = true, runs+1
		<-ctx.Done()
		running = false
		return nil
	}})
	require.Equal(t, 10, runs, "the first starts after 250 ms, each takes a second, and the end interrupts the last")
}

func TestTaskLogsConsecutiveFailuresOnce(t *testing.T) {
	t.Parallel()
	n := 0
	log := repeatFor(t, 10*time.Second, task{"try it", fixed(time.Second), time.Second, func(context.Context) error {
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
	log := repeatFor(t, time.Second, task{"try it", fixed(time.Millisecond), time.Hour, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}})
	require.Empty(t, log)
}

func TestJitterIsAQuarterOfTheInterval(t *testing.T) {
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
