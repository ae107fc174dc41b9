-- For the purge of deleted accounts. An invalid index from an interrupted build is dropped first.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS users_deleted_at_idx;
CREATE INDEX CONCURRENTLY users_deleted_at_idx ON users (deleted_at) WHERE deleted_at IS NOT NULL;
RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS users_deleted_at_idx;
