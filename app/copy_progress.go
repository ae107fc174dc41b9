package main

import (
	"fmt"
	"io"
)

// progress shows on one line of a terminal how many rows a task has processed.
type progress struct {
	out   io.Writer
	label string
	rows  int64
}

// progressRows is how often the line is drawn.
const progressRows = 1000

// newProgress returns a progress that draws on w if w is a terminal.
func newProgress(w io.Writer) *progress {
	if !isTerminal(w) {
		w = io.Discard
	}
	return &progress{out: w}
}

// begin starts a task.
func (p *progress) begin(label string) {
	p.label, p.rows = label, 0
	p.draw()
}

// step counts a row.
func (p *progress) step() {
	p.rows++
	if p.rows%progressRows == 0 {
		p.draw()
	}
}

func (p *progress) draw() { _, _ = fmt.Fprintf(p.out, "\r%s: %d rows\x1b[K", p.label, p.rows) }

// end clears the line.
func (p *progress) end() { _, _ = io.WriteString(p.out, "\r\x1b[K") }
