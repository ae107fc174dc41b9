-- For the posts that are not in the search index yet, in the order of a list. The number is the start of the year 1. Older versions
-- use posts_unindexed_idx.

-- +goose Up
CREATE INDEX posts_backlog_idx ON posts (coalesce(published_at, -62135596800000000), id) WHERE indexed_version <> version;

-- +goose Down
DROP INDEX posts_backlog_idx;
