package main

import (
	"fmt"
	"io"
	"time"
)

// progress shows on one line of a terminal how many rows a task has processed.
type progress struct {
	out   io.Writer // nil if there is no terminal
	now   func() time.Time
	label string
	done  int64
	drawn time.Time // when the line was last drawn
}

const (
	progressRows   = 256                    // how often the clock is read, because reading it for each row would be slow
	progressPeriod = 100 * time.Millisecond // how often the line is drawn
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
func (p *progress) begin(label string) {
	p.label, p.done = label, 0
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
	if p.out != nil {
		_, _ = fmt.Fprintf(p.out, "\r%s: %d rows\x1b[K", p.label, p.done)
	}
}

// end clears the line.
func (p *progress) end() {
	if p.out != nil {
		_, _ = io.WriteString(p.out, "\r\x1b[K")
	}
}
