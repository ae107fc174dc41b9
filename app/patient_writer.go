package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Bounds of a patientWriter.
const (
	pendingWrites = 1024        // how many writes may be on their way
	maxAtOnce     = 16 << 10    // octets, about, of writes that are joined
	writePatience = time.Second // how long a write waits for a reader that has stopped reading, and how long Close does
)

// patientWriter writes in the background, so that a reader that has gone, a reader that does not read, and a full disk can
// neither stop the service nor make a request wait for long. When the queue is full, a write waits for a second; if that was
// in vain, further writes are dropped at once until there is room again. It never fails.
type patientWriter struct {
	notice string // what to write after n writes were dropped, with %d for n
	writes chan []byte
	done   chan struct{}

	mu     sync.Mutex
	lost   int
	closed bool
}

func newPatientWriter(to io.Writer, notice string) *patientWriter {
	w := &patientWriter{notice: notice, writes: make(chan []byte, pendingWrites), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for b := range w.writes {
			_, _ = to.Write(w.withNext(b)) // there is nowhere to report a failure to
		}
	}()
	return w
}

// withNext returns b and what else is queued by now, up to maxAtOnce, so that many lines cost one call of the system.
func (w *patientWriter) withNext(b []byte) []byte {
	for len(b) < maxAtOnce {
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
func (w *patientWriter) Write(b []byte) (int, error) {
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

// offer queues b, after the notice if that is due, and reports whether there was room.
func (w *patientWriter) offer(b []byte) bool {
	if len(w.writes) > pendingWrites-2 {
		return false
	}
	if w.lost > 0 {
		w.writes <- fmt.Appendf(nil, w.notice, w.lost)
		w.lost = 0
	}
	w.writes <- bytes.Clone(b)
	return true
}

// wait queues b as soon as there is room, and reports whether there was any in time.
func (w *patientWriter) wait(b []byte) bool {
	timer := time.NewTimer(writePatience)
	defer timer.Stop()
	select {
	case w.writes <- bytes.Clone(b):
		return true
	case <-timer.C:
		return false
	}
}

// Close waits for a second at most until all is written, and drops later writes.
func (w *patientWriter) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.closed = true
	close(w.writes)
	select {
	case <-w.done:
	case <-time.After(writePatience):
	}
}

// patiently returns a writer to w, and what to do at the end. Only a file can keep its writers waiting.
func patiently(w io.Writer, notice string) (io.Writer, func()) {
	file, isFile := w.(*os.File)
	if !isFile {
		return w, func() {}
	}
	patient := newPatientWriter(file, notice)
	return patient, patient.Close
}
