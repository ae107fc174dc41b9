package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Limits of a nonBlockingWriter.
const (
	maxQueuedWrites = 1024        // the length of the queue
	maxJoined       = 16 << 10    // joined writes are at most about this long, in bytes
	maxWriteWait    = time.Second // how long Write waits for room in the queue, and Close for the last write
)

// nonBlockingWriter queues writes and performs them in the background. So a full disk, or a reader that is gone or does not
// read, cannot stop the service. If the queue is full, a write waits for at most a second. Then it is dropped, and so is
// each later write until there is room again. Write never fails.
type nonBlockingWriter struct {
	notice string // written after n writes were dropped, with %d for n
	writes chan []byte
	done   chan struct{}

	mu     sync.Mutex
	lost   int
	closed bool
}

func newNonBlockingWriter(to io.Writer, notice string) *nonBlockingWriter {
	w := &nonBlockingWriter{notice: notice, writes: make(chan []byte, maxQueuedWrites), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for b := range w.writes {
			_, _ = to.Write(w.join(b)) // there is nowhere to report a failure
		}
	}()
	return w
}

// join appends queued writes to b, so that many lines take one system call.
func (w *nonBlockingWriter) join(b []byte) []byte {
	for len(b) < maxJoined {
		select {
		case next, open := <-w.writes:
			if !open {
				return b
			}
			b = append(b, next...)
		default:
			return b
		}
	}
	return b
}

// Write implements [io.Writer].
func (w *nonBlockingWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.offer(b) {
		return len(b), nil
	}
	if w.lost == 0 && w.wait(b) {
		return len(b), nil
	}
	w.lost++
	return len(b), nil
}

// offer queues b if there is room, and reports whether there was. If writes were dropped before, it queues the notice first.
func (w *nonBlockingWriter) offer(b []byte) bool {
	if len(w.writes) > maxQueuedWrites-2 {
		return false
	}
	if w.lost > 0 {
		w.writes <- fmt.Appendf(nil, w.notice, w.lost)
		w.lost = 0
	}
	w.writes <- bytes.Clone(b)
	return true
}

// wait queues b as soon as there is room, and reports whether there was room in time.
func (w *nonBlockingWriter) wait(b []byte) bool {
	timer := time.NewTimer(maxWriteWait)
	defer timer.Stop()
	select {
	case w.writes <- bytes.Clone(b):
		return true
	case <-timer.C:
		return false
	}
}

// Close waits until the queue is written, for a second at most. Later writes are dropped.
func (w *nonBlockingWriter) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.closed = true
	close(w.writes)
	select {
	case <-w.done:
	case <-time.After(maxWriteWait):
	}
}

// nonBlocking returns a non-blocking writer to w, and a function that closes it. Only files can block: other writers are
// returned as they are.
func nonBlocking(w io.Writer, notice string) (io.Writer, func()) {
	file, isFile := w.(*os.File)
	if !isFile {
		return w, func() {}
	}
	writer := newNonBlockingWriter(file, notice)
	return writer, writer.Close
}
