package main

import (
	"io"
	"log/slog"
)

// newLogger returns a logger in the given format: text, json, or auto, which is text on a terminal and JSON otherwise.
func newLogger(w io.Writer, format, level string) *slog.Logger {
	options := &slog.HandlerOptions{Level: levels[level]}
	if logFormat(w, format) == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// logFormat returns text or json. auto depends on whether w is a terminal.
func logFormat(w io.Writer, format string) string {
	if format != "auto" {
		return format
	}
	if isTerminal(w) {
		return "text"
	}
	return "json"
}

// lostLines returns a log line that reports dropped lines, with %d for their number.
func lostLines(format string) string {
	if format == "text" {
		return "level=WARN msg=\"log lines were dropped, because nobody read them\" lines=%d\n"
	}
	return `{"level":"WARN","msg":"log lines were dropped, because nobody read them","lines":%d}` + "\n"
}

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}
