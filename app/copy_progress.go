package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// progress draws a progress bar on one line of a terminal.
type progress struct {
	out   io.Writer // nil if there is no terminal
	now   func() time.Time
	label string
	total int64
	done  int64
	since time.Time // when the task began
	drawn time.Time // when the line was last drawn
}

const (
	progressRows   = 256                    // how often the clock is read, because reading it for each row would be slow
	progressPeriod = 100 * time.Millisecond // how often the line is drawn
	progressWidth  = 24
)

// newProgress returns a progress that draws on w if w is a terminal.
func newProgress(w io.Writer) *progress {
	p := &progress{now: time.Now}
	if isTerminal(w) {
		p.out = w
	}
	return p
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
	share := 1.0
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
