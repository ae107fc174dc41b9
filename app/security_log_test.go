package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestSecurityEventsOutsideARequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		event domain.SecurityEvent
		want  map[string]any
	}{
		"all":     {domain.SecurityEvent{Name: domain.EventSessionEnded, UserID: 7, SessionID: "SID"}, map[string]any{"level": "INFO", "event": "session_ended", "user_id": 7.0, "session_id": "SID"}},
		"nobody":  {domain.SecurityEvent{Name: domain.EventLoginFailed}, map[string]any{"level": "INFO", "event": "login_failed"}},
		"a theft": {domain.SecurityEvent{Name: domain.EventRefreshReused, UserID: 7, SessionID: "SID"}, map[string]any{"level": "WARN", "event": "refresh_reused", "user_id": 7.0, "session_id": "SID"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			securityLog{newLogger(&out, "json", "info")}.Record(t.Context(), c.event)
			var line map[string]any
			require.NoError(t, json.Unmarshal(out.Bytes(), &line))
			delete(line, "time")
			c.want["msg"] = "security event"
			require.Equal(t, c.want, line)
		})
	}
}
