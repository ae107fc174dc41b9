-- The defaults are for instances of an earlier version that still run. A post that they write has a newer version than its words in
-- the search index, and is indexed later.

-- +goose Up
ALTER TABLE posts
    ADD COLUMN votes           bigint NOT NULL DEFAULT 0,
    ADD COLUMN indexed_version bigint NOT NULL DEFAULT 0; -- whose words post_search holds
ALTER TABLE posts ADD CONSTRAINT posts_votes_range CHECK (votes BETWEEN 0 AND 9007199254740991) NOT VALID;

-- +goose Down
ALTER TABLE posts
    DROP COLUMN indexed_version,
    DROP COLUMN votes;
