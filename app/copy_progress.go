package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress shows on one line of a terminal how far a task is.
type progress struct {
	out   io.Writer // nil shows nothing
	now   func() time.Time
	label string
	total int64
	done  int64
	since time.Time // when the task began
	drawn time.Time // when the line was last drawn
}

// The line is drawn again after this many rows if this much time has passed. Reading the clock for each row would be slow.
const (
	progressRows   = 256
	progressPeriod = 100 * time.Millisecond
	progressWidth  = 24
)

// newProgress returns a progress that draws on w if w is a terminal.
func newProgress(w io.Writer) *progress {
	if file, isFile := w.(*os.File); isFile && term.IsTerminal(int(file.Fd())) {
		return &progress{out: w, now: time.Now}
	}
	return &progress{now: time.Now}
}

// begin starts a task.
func (p *progress) begin(label string, total int64) {
	p.label, p.total, p.done, p.since = label, total, 0, p.now()
	p.draw()
}

// step counts a row.
func (p *progress) step() {
	p.done++
	if p.done%progressRows == 0 && p.now().Sub(p.drawn) >= progressPeriod {
		p.draw()
	}
}

func (p *progress) draw() {
	p.drawn = p.now()
	if p.out == nil {
		return
	}
	share := 1.0 // also for more rows than expected
	if p.total > 0 {
		share = min(1, float64(p.done)/float64(p.total))
	}
	rate := 0.0
	if passed := p.drawn.Sub(p.since).Seconds(); passed > 0 {
		rate = float64(p.done) / passed
	}
	full := int(share * progressWidth)
	_, _ = fmt.Fprintf(p.out, "\r%-18s [%s%s] %3.0f%%  %d of %d rows  %.0f/s\x1b[K", p.label,
		strings.Repeat("#", full), strings.Repeat(".", progressWidth-full), share*100, p.done, p.total, rate)
}

// end clears the line.
func (p *progress) end() {
	if p.out != nil {
		_, _ = io.WriteString(p.out, "\r\x1b[K")
	}
}
