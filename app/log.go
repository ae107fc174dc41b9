package main

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"
)

// newLogger returns a logger that writes text for people on a terminal, and one JSON object a line otherwise.
func newLogger(w io.Writer, format, level string) *slog.Logger {
	options := &slog.HandlerOptions{Level: levels[level]}
	if logFormat(w, format) == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// logFormat returns the format to use: auto depends on where the log goes.
func logFormat(w io.Writer, format string) string {
	if format != "auto" {
		return format
	}
	if f, isFile := w.(*os.File); isFile && term.IsTerminal(int(f.Fd())) {
		return "text"
	}
	return "json"
}

// lostLines returns the line that tells how many lines of a log were dropped, with %d for how many.
func lostLines(format string) string {
	if format == "text" {
		return "level=WARN msg=\"log lines were dropped, because nobody read them\" lines=%d\n"
	}
	return `{"level":"WARN","msg":"log lines were dropped, because nobody read them","lines":%d}` + "\n"
}

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}
