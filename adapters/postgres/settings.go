package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// settings are the session settings that correctness depends on. Each new connection sends them, so that none is taken
// from the role, the database, the URL or a file. It then checks what the server reports. default_transaction_read_only
// is not among them: an operator may set it to stop writes, and readiness then reports it.
var settings = []struct {
	name, value string
	pooled      bool // PgBouncer lets clients set it; transactions set the others (see txOptions)
}{
	{"client_encoding", "UTF8", true},
	{"TimeZone", "UTC", true},
	{"DateStyle", "ISO, MDY", true},
	{"standard_conforming_strings", "on", true},
	{"default_transaction_isolation", "read committed", false},
	// A weaker value can lose acknowledged writes. remote_apply would only be slower, because nothing reads from a standby.
	{"synchronous_commit", synchronousCommit, false},
}

const synchronousCommit = "on"

// sendSettings makes new connections send the settings, and fail if the server reports other ones. pooled leaves out the
// settings that a pooler does not let clients send.
func sendSettings(c *pgconn.Config, pooled bool) {
	checked := map[string]string{"server_encoding": "UTF8"}
	for _, s := range settings {
		if s.pooled || !pooled {
			sendSetting(c, s.name, s.value)
			checked[s.name] = s.value
		}
	}
	c.AfterConnect = func(ctx context.Context, conn *pgconn.PgConn) error { return checkSettings(ctx, conn, checked) }
}

// sendSetting makes new connections send a setting, in place of that of the URL. Names are case-insensitive.
func sendSetting(c *pgconn.Config, name, value string) {
	for other := range c.RuntimeParams {
		if strings.EqualFold(other, name) {
			delete(c.RuntimeParams, other)
		}
	}
	c.RuntimeParams[name] = value
}

// checkSettings reads the settings back from the server, because a pooler may not have passed them on.
func checkSettings(ctx context.Context, conn *pgconn.PgConn, want map[string]string) error {
	names := make([]string, 0, len(want))
	for name := range want {
		names = append(names, name)
	}
	results, err := conn.Exec(ctx, "SELECT current_setting('"+strings.Join(names, "'), current_setting('")+"')").ReadAll()
	if err != nil {
		return err
	}
	for i, name := range names {
		if value := string(results[0].Rows[0][i]); value != want[name] {
			return &safeError{text: fmt.Sprintf("the server's %s is %s and must be %s", name, value, want[name])}
		}
	}
	return nil
}
