package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"
)

// ErrExportIncomplete means that an export ended before its last line. Discard what was read and export again.
var ErrExportIncomplete = errors.New("client: the export is incomplete")

// maxExportLine is the maximum size of a line, in bytes. The longest post is shorter.
const maxExportLine = 4 << 20

// errExportStalled ends an export whose server sends nothing for as long as the client's timeout.
var errExportStalled = errors.New("the server sends nothing")

// Export iterates over all data of the user, as it was at one moment: the account, the posts, the votes and the sessions. It
// reads them as they are needed and keeps one line in memory. An error ends the iteration: if there is none, the export is
// complete. After [ErrExportIncomplete], discard what was read and try again. If another export of the user is running, the
// error is ProblemCodeExportRunning.
//
// The server ends an export that pauses for more than a few seconds: save the lines first if their use takes long. Export takes
// as long as the server sends; the timeout of the HTTP client counts from line to line. Ignore lines of unknown types.
func (s *Session) Export(ctx context.Context) iter.Seq2[ExportLine, error] {
	return func(yield func(ExportLine, error) bool) {
		if err := s.export(ctx, func(line ExportLine) bool { return yield(line, nil) }); err != nil {
			yield(ExportLine{}, err)
		}
	}
}

// exportedLine is any line of an export. Only the last line has the member lines.
type exportedLine struct {
	ExportLine
	Lines int64 `json:"lines"`
}

// export calls yield for each line until it returns false.
func (s *Session) export(ctx context.Context, yield func(ExportLine) bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := &watch{timeout: s.api.client.Timeout, late: func() { cancel(errExportStalled) }}
	defer watch.stop()
	resp, err := s.raw.ExportAccount(withCall(ctx, call{stream: watch}))
	if err != nil || resp.StatusCode/100 != 2 || !isJSON(resp) {
		_, err = decode[ExportLine](resp, err)
		return err
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, maxExportLine)
	for n := int64(0); lines.Scan(); n++ {
		watch.stop()
		var line exportedLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return incomplete(ctx, errors.Join(lines.Err(), err))
		}
		if line.Type == ExportLineTypeEnd && line.Lines == n {
			return nil
		}
		if line.Type == ExportLineTypeEnd {
			return fmt.Errorf("%w: %d of %d lines", ErrExportIncomplete, n, line.Lines)
		}
		if !yield(line.ExportLine) {
			return nil
		}
		watch.start()
	}
	return incomplete(ctx, lines.Err())
}

// incomplete returns [ErrExportIncomplete] with the reason, or the context's error if that is the reason.
func incomplete(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, errExportStalled) {
		return cause
	} else if cause != nil {
		err = cause
	}
	if err == nil {
		return ErrExportIncomplete
	}
	return fmt.Errorf("%w: %w", ErrExportIncomplete, err)
}

// watch calls a function if too much time passes between start and stop. A nil watch does nothing.
type watch struct {
	timeout time.Duration
	late    func()
	timer   *time.Timer
}

func (w *watch) start() {
	if w != nil && w.timeout > 0 {
		w.stop()
		w.timer = time.AfterFunc(w.timeout, w.late)
	}
}

func (w *watch) stop() {
	if w != nil && w.timer != nil {
		w.timer.Stop()
	}
}
