package migrations

// Table is a table that "postern copy" copies from one store to another.
type Table struct {
	Name     string
	Key      []string // the primary key
	Columns  []string // the columns to copy, in the order of the schema
	MakesIDs bool     // the database generates the ids, and must never reuse one
	Seeded   bool     // the migrations insert a row, which a copy replaces
}

// Tables lists the tables to copy. A table comes after those that its foreign keys refer to. Each store tests the list
// against its migrated schema.
var Tables = []Table{
	{Name: "store_epoch", Key: []string{"singleton"}, Columns: []string{"singleton", "id", "is_first"}, Seeded: true},
	{Name: "users", Key: []string{"id"}, MakesIDs: true, Columns: []string{
		"id", "email", "email_key", "name", "password_hash", "created_at", "deleted_at", "suspended_at", "email_verified_at",
	}},
	{Name: "sessions", Key: []string{"id"}, Columns: []string{
		"id", "user_id", "created_at", "ip", "user_agent", "refresh_count", "refresh_key_id", "refreshed_at", "expires_at",
	}},
	// indexed_version is not copied, so that the target indexes each post in the background.
	{Name: "posts", Key: []string{"id"}, MakesIDs: true, Columns: []string{
		"id", "owner_id", "title", "content", "published", "version", "created_at", "updated_at", "published_at", "votes", "deleted",
		"hidden_published",
	}},
	{Name: "votes", Key: []string{"post_id", "user_id"}, Columns: []string{"post_id", "user_id"}},
	{Name: "idempotency_keys", Key: []string{"user_id", "key"}, Columns: []string{
		"user_id", "key", "fingerprint", "post_id", "created_at", "owner_name", "expires_at",
	}},
	{Name: "outbox", Key: []string{"id"}, Columns: []string{
		"id", "channel", "payload", "created_at", "due_at", "attempts", "claimed_until", "buried_at",
	}},
	{Name: "email_tokens", Key: []string{"subject", "kind"}, Columns: []string{
		"id", "kind", "subject", "user_id", "email", "password_hash", "session_id", "expires_at",
	}},
	{Name: "ended_sessions", Key: []string{"sid"}, Columns: []string{"sid", "ended_at"}},
	{Name: "throttles", Key: []string{"id"}, Columns: []string{
		"id", "failures", "reserved", "reserved_at", "since", "until", "expires_at",
	}},
	{Name: "operator_actions", Key: []string{"id"}, Columns: []string{"id", "done_at", "done_by", "action", "target_id"}},
}

// TableNames returns the names of all tables that the migrations create.
func TableNames() []string {
	names := []string{"post_search", "search_index"} // the search index, which each store builds for itself
	for _, table := range Tables {
		names = append(names, table.Name)
	}
	return names
}
