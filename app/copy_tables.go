package main

// copiedTable is a table that a copy takes along.
type copiedTable struct {
	name    string
	key     []string // its primary key, which rows are read in the order of
	columns []string // all of them, but those of uncopied
}

// copiedTables is every table, each behind those that its foreign keys lead to. A test fails when a table or column of either
// engine is neither here nor among the exceptions.
var copiedTables = []copiedTable{
	{"store_epoch", []string{"singleton"}, []string{"singleton", "id", "is_first"}}, // or all tokens would be refused
	{"users", []string{"id"}, []string{"id", "email", "email_key", "name", "password_hash", "created_at", "deleted_at"}},
	{"sessions", []string{"id"}, []string{
		"id", "user_id", "created_at", "ip", "user_agent", "refresh_count", "refresh_key_id", "refreshed_at", "expires_at",
	}},
	{"posts", []string{"id"}, []string{
		"id", "owner_id", "title", "content", "published", "version", "created_at", "updated_at", "published_at", "votes", "deleted",
	}},
	{"votes", []string{"post_id", "user_id"}, []string{"post_id", "user_id"}},
	{"idempotency_keys", []string{"user_id", "key"}, []string{
		"user_id", "key", "fingerprint", "post_id", "created_at", "owner_name", "expires_at",
	}},
	{"ended_sessions", []string{"sid"}, []string{"sid", "ended_at"}}, // or what was ended would be good again
	{"throttles", []string{"id"}, []string{"id", "failures", "reserved", "reserved_at", "since", "until", "expires_at"}},
}

// uncopied says why a table, or a column as table.column, is not copied.
var uncopied = map[string]string{
	"goose_db_version": "the target's schema is made by its own migrations",
	"goose_lock":       "says which process makes migrations at the moment",
	"sqlite_sequence":  "is copied as each table's high-water mark",

	// What is searched is the engine's own, and follows from the posts. As none is marked as indexed, the target indexes them all.
	"posts.indexed_version": "the target indexes by itself",
	"search_index":          "belongs to the target's index",
	"post_search":           "the target indexes by itself",
	"post_search_config":    "is part of SQLite's index",
	"post_search_data":      "is part of SQLite's index",
	"post_search_docsize":   "is part of SQLite's index",
	"post_search_idx":       "is part of SQLite's index",
}
