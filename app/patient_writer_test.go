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

func TestPatientWriterWritesEverything(t *testing.T) {
	t.Parallel()
	var written bytes.Buffer
	w := newPatientWriter(&written, "")
	line := []byte("0\n")
	for i := range 3 * pendingWrites {
		line = fmt.Appendf(line[:0], "%d\n", i) // the caller uses its memory again, as loggers do
		n, err := w.Write(line)
		require.NoError(t, err)
		require.Len(t, line, n)
	}
	w.Close()
	w.Close()
	_, err := io.WriteString(w, "too late\n")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(written.String()), "\n")
	require.Len(t, lines, 3*pendingWrites)
	for i, line := range lines {
		require.Equal(t, fmt.Sprint(i), line)
	}
}

func TestPatientWriterDoesNotWaitForAReaderThatHasStopped(t *testing.T) {
	t.Parallel()
	const tooMany = pendingWrites + maxAtOnce // more lines than are queued and joined
	synctest.Test(t, func(t *testing.T) {
		reader, pipe := io.Pipe()
		w := newPatientWriter(pipe, "%d lost\n")
		write := func(lines int) time.Duration {
			began := time.Now()
			for range lines {
				_, err := io.WriteString(w, "line\n")
				require.NoError(t, err)
			}
			synctest.Wait()
			return time.Since(began)
		}
		require.Zero(t, write(pendingWrites-1))
		require.Equal(t, writePatience, write(tooMany), "only the first of those that are dropped waits")
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
		require.Equal(t, pendingWrites-1+tooMany+1, written+lost)
	})
}

func TestPatientWriterEndsWithoutAReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reader, pipe := io.Pipe()
		w := newPatientWriter(pipe, "")
		_, err := io.WriteString(w, "nobody reads this")
		require.NoError(t, err)
		began := time.Now()
		w.Close()
		require.Equal(t, writePatience, time.Since(began))
		require.NoError(t, reader.Close())
		<-w.done
	})
}

// failing is a full disk.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestPatientWriterNeverFails(t *testing.T) {
	t.Parallel()
	w := newPatientWriter(failing{}, "")
	for range 2 * pendingWrites {
		_, err := io.WriteString(w, "line")
		require.NoError(t, err)
	}
	w.Close()
}
