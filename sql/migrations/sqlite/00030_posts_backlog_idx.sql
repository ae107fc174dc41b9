-- The posts whose words are not in the index yet, in the order in which a list shows them. The number is the year 1. Older programs
-- go by posts_unindexed_idx.

-- +goose Up
CREATE INDEX posts_backlog_idx ON posts (coalesce(published_at, -62135596800000000), id) WHERE indexed_version <> version;

-- +goose Down
DROP INDEX posts_backlog_idx;
