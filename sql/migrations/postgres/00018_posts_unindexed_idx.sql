-- For the posts that are not in the search index yet. An invalid index from an interrupted build is dropped first.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS posts_unindexed_idx;
CREATE INDEX CONCURRENTLY posts_unindexed_idx ON posts (id) WHERE indexed_version <> version;
RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS posts_unindexed_idx;
