-- For the posts that are not in the search index yet, in the order of a list. Older versions use posts_unindexed_idx.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS posts_backlog_idx;
CREATE INDEX CONCURRENTLY posts_backlog_idx ON posts (coalesce(published_at, CAST('0001-01-01 00:00:00+00' AS timestamptz)), id)
    WHERE indexed_version <> version;
RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS posts_backlog_idx;
