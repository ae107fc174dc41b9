-- For sqlc alone, which does not know that a virtual table has a rowid too. The migrations make the table that is.
CREATE TABLE post_search (rowid INTEGER NOT NULL, words TEXT NOT NULL);
