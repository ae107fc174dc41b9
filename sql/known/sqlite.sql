-- For sqlc alone. It does not know that a virtual table has a rowid too; the migrations make the table that is.
CREATE TABLE post_search (rowid INTEGER NOT NULL, words TEXT NOT NULL);

-- Nor does it know SQLite's own table of the ids given out.
CREATE TABLE sqlite_sequence (name TEXT NOT NULL, seq INTEGER NOT NULL);
