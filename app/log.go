package main

import (
	"context"
	"io"
	"log/slog"

	"example.com/postern/adapters/rest"
	"example.com/postern/domain"
)

// newLogger returns a logger in the given format: text, json, or auto, which is text on a terminal and JSON otherwise.
func newLogger(w io.Writer, format, level string) *slog.Logger {
	var lowest slog.Level
	_ = lowest.UnmarshalText([]byte(level)) // the parser of the setting accepts only known names
	options := &slog.HandlerOptions{Level: lowest}
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

// securityLog writes security events to the log. Alerts can rely on the form of a line: the message is "security event", and the
// attributes are event and, where they are known, user_id, session_id, request_id, trace_id and ip.
type securityLog struct{ log *slog.Logger }

var _ domain.SecurityLog = securityLog{}

// Record implements [domain.SecurityLog].
func (l securityLog) Record(ctx context.Context, e domain.SecurityEvent) {
	level := slog.LevelInfo
	if e.Name == domain.EventRefreshReused { // a refresh token was stolen
		level = slog.LevelWarn
	}
	attrs := []slog.Attr{slog.String("event", string(e.Name))}
	if e.UserID != 0 {
		attrs = append(attrs, slog.Int64("user_id", int64(e.UserID)))
	}
	if e.SessionID != "" {
		attrs = append(attrs, slog.String("session_id", string(e.SessionID)))
	}
	l.log.LogAttrs(ctx, level, "security event", append(attrs, rest.RequestAttrs(ctx)...)...)
}
