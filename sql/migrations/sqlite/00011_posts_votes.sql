-- The defaults are for instances of an earlier version that still run. A post that they write has a newer version than its words in
-- the search index, and is indexed later.

-- +goose Up
ALTER TABLE posts ADD COLUMN votes INTEGER NOT NULL DEFAULT 0
    CONSTRAINT posts_votes_range CHECK (votes BETWEEN 0 AND 9007199254740991);
ALTER TABLE posts ADD COLUMN indexed_version INTEGER NOT NULL DEFAULT 0; -- whose words post_search holds

-- +goose Down
ALTER TABLE posts DROP COLUMN indexed_version;
ALTER TABLE posts DROP COLUMN votes;
