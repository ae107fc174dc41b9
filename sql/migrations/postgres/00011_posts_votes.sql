-- The defaults are for a program of an earlier version that still runs. What it writes has another version than the one whose
-- words are in the index, and gets indexed later.

-- +goose Up
ALTER TABLE posts
    ADD COLUMN votes           bigint NOT NULL DEFAULT 0,
    ADD COLUMN indexed_version bigint NOT NULL DEFAULT 0; -- whose words post_search holds
ALTER TABLE posts ADD CONSTRAINT posts_votes_range CHECK (votes BETWEEN 0 AND 9007199254740991) NOT VALID;

-- +goose Down
ALTER TABLE posts
    DROP COLUMN indexed_version,
    DROP COLUMN votes;
