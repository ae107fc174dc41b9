package api

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
)

// Lines is an answer of newline-delimited JSON. The function calls write for each line, in order, and then returns nil. It must
// stop at an error of write. The end of ctx interrupts a write that waits for a slow client.
type Lines[T any] func(write func(ctx context.Context, line T) error) error

// BrokenAnswerError is the error for an answer that failed after a part of it was sent. The connection must be aborted, so that
// the client does not take the part for the whole.
type BrokenAnswerError struct{ Cause error }

// Error returns the text of the cause.
func (e *BrokenAnswerError) Error() string {
	return "a part of the answer was sent: " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *BrokenAnswerError) Unwrap() error { return e.Cause }

const (
	// lineBatch is how many bytes of lines are sent at once, unless one line is longer.
	lineBatch = 32 << 10

	// lineStall is how long a client may take to read lineBatch bytes.
	lineStall = 15 * time.Second
)

// send sends the lines. It calls setHeader, and sends the status, when the first lines are sent. If it fails before, nothing was
// written. Later the error is a [BrokenAnswerError].
func (lines Lines[T]) send(w http.ResponseWriter, status int, mediaType string, setHeader func()) error {
	s := lineSender{w: w, begin: func() {
		setHeader()
		w.Header().Set("Content-Type", mediaType)
		w.WriteHeader(status)
	}}
	err := lines(func(ctx context.Context, line T) error {
		if err := json.MarshalWrite(&s.waiting, line); err != nil {
			return err
		}
		s.waiting.WriteByte('\n')
		if s.waiting.Len() < lineBatch {
			return nil
		}
		return s.flush(ctx)
	})
	if err == nil {
		err = s.flush(context.Background())
	}
	if err != nil && s.begun {
		return &BrokenAnswerError{err}
	}
	return err
}

// lineSender sends whole lines.
type lineSender struct {
	w       http.ResponseWriter
	begin   func()
	begun   bool
	waiting bytes.Buffer // lines that were not sent yet
}

// flush sends the lines that wait. A client that stops reading cannot delay it for long.
func (s *lineSender) flush(ctx context.Context) error {
	if !s.begun {
		s.begin()
		s.begun = true
	}
	control := http.NewResponseController(s.w)
	for s.waiting.Len() > 0 {
		deadline := time.Now().Add(lineStall)
		if end, ok := ctx.Deadline(); ok && end.Before(deadline) {
			deadline = end
		}
		_ = control.SetWriteDeadline(deadline) // fails only where nothing is sent over a connection, in tests
		if _, err := s.w.Write(s.waiting.Next(lineBatch)); err != nil {
			return err
		}
	}
	return nil
}
