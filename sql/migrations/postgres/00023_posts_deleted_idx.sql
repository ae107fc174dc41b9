-- For the purge of deleted posts. An invalid index from an interrupted build is dropped first.

-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS posts_deleted_idx;
CREATE INDEX CONCURRENTLY posts_deleted_idx ON posts (id) WHERE deleted;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS posts_deleted_idx;
