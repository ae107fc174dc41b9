package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNonBlockingWriterWritesEverything(t *testing.T) {
	t.Parallel()
	var written bytes.Buffer
	w := newNonBlockingWriter(&written, "")
	line := []byte("0\n")
	for i := range 3 * maxQueuedWrites {
		line = fmt.Appendf(line[:0], "%d\n", i) // loggers reuse their buffer, too
		n, err := w.Write(line)
		require.NoError(t, err)
		require.Len(t, line, n)
	}
	w.Close()
	w.Close()
	_, err := io.WriteString(w, "too late\n")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(written.String()), "\n")
	require.Len(t, lines, 3*maxQueuedWrites)
	for i, line := range lines {
		require.Equal(t, fmt.Sprint(i), line)
	}
}

func TestNonBlockingWriterDropsWritesWhileNobodyReads(t *testing.T) {
	t.Parallel()
	const tooMany = maxQueuedWrites + maxJoined // more lines than can be queued and joined
	synctest.Test(t, func(t *testing.T) {
		reader, pipe := io.Pipe()
		w := newNonBlockingWriter(pipe, "%d lost\n")
		write := func(lines int) time.Duration {
			began := time.Now()
			for range lines {
				_, err := io.WriteString(w, "line\n")
				require.NoError(t, err)
			}
			synctest.Wait()
			return time.Since(began)
		}
		require.Zero(t, write(maxQueuedWrites-1))
		require.Equal(t, maxWriteWait, write(tooMany), "only the first dropped write waits")
		kept := make(chan string)
		go func() {
			all, _ := io.ReadAll(reader)
			kept <- string(all)
		}()
		synctest.Wait()
		require.Zero(t, write(1), "the reader reads again")
		w.Close()
		require.NoError(t, pipe.Close())
		lines := strings.Split(strings.TrimSpace(<-kept), "\n")
		written, lost := 0, 0
		for _, line := range lines {
			if n, err := fmt.Sscanf(line, "%d lost", &lost); n != 1 || err != nil {
				require.Equal(t, "line", line)
				written++
			}
		}
		require.Equal(t, "line", lines[len(lines)-1])
		require.Equal(t, fmt.Sprintf("%d lost", lost), lines[len(lines)-2])
		require.Equal(t, maxQueuedWrites-1+tooMany+1, written+lost)
	})
}

func TestNonBlockingWriterClosesWithoutAReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reader, pipe := io.Pipe()
		w := newNonBlockingWriter(pipe, "")
		_, err := io.WriteString(w, "nobody reads this")
		require.NoError(t, err)
		began := time.Now()
		w.Close()
		require.Equal(t, maxWriteWait, time.Since(began))
		require.NoError(t, reader.Close())
		<-w.done
	})
}

// fullDisk is a writer that always fails.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestNonBlockingWriterNeverFails(t *testing.T) {
	t.Parallel()
	w := newNonBlockingWriter(fullDisk{}, "")
	for range 2 * maxQueuedWrites {
		_, err := io.WriteString(w, "line")
		require.NoError(t, err)
	}
	w.Close()
}
