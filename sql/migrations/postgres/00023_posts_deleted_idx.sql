-- For the purge of deleted posts. An invalid index from an interrupted build is dropped first.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS posts_deleted_idx;
CREATE INDEX CONCURRENTLY posts_deleted_idx ON posts (id) WHERE deleted;
RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS posts_deleted_idx;
