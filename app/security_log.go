package main

import (
	"context"
	"log/slog"

	"example.com/postern/adapters/rest"
	"example.com/postern/domain"
)

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
