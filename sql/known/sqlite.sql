-- These tables are only for sqlc. It does not know that a virtual table has a rowid; a migration creates the real table.
CREATE TABLE post_search (rowid INTEGER NOT NULL, words TEXT NOT NULL);

-- SQLite creates this table itself.
CREATE TABLE sqlite_sequence (name TEXT NOT NULL, seq INTEGER NOT NULL);
