package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// settings are the session settings that correctness depends on. Each new connection sends them, so that none comes
// from the role, the database, the URL or a file, and then checks what the server reports.
// default_transaction_read_only is not among them: an operator may set it to stop writes, which readiness then reports.
var settings = []struct {
	name, value string
	pooled      bool // PgBouncer lets clients set it; see txOptions for the others
}{
	{"client_encoding", "UTF8", true},
	{"TimeZone", "UTC", true},
	{"DateStyle", "ISO, MDY", true},
	{"standard_conforming_strings", "on", true},
	{"default_transaction_isolation", "read committed", false},
	// Less than on loses acknowledged writes. remote_apply would only add waiting, because nothing reads from a standby.
	{"synchronous_commit", synchronousCommit, false},
}

const synchronousCommit = "on"

// WrongSettingError reports a setting of the server that correctness does not allow.
type WrongSettingError struct {
	Name, Value, Want string
}

func (e *WrongSettingError) Error() string {
	return fmt.Sprintf("the server's %s is %s and must be %s", e.Name, e.Value, e.Want)
}

// sendSettings makes new connections send the settings, and fail unless the server reports them. Behind a pooler the
// remaining settings are part of each transaction.
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

// sendSetting replaces a setting of the URL. Names of settings are case-insensitive.
func sendSetting(c *pgconn.Config, name, value string) {
	for other := range c.RuntimeParams {
		if strings.EqualFold(other, name) {
			delete(c.RuntimeParams, other)
		}
	}
	c.RuntimeParams[name] = value
}

// checkSettings asks the server for its settings, because a pooler may not have passed them on.
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
			return &WrongSettingError{name, value, want[name]}
		}
	}
	return nil
}
