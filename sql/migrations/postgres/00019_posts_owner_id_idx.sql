-- posts_own_idx replaces it.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS posts_owner_id_idx;
RESET lock_timeout;

-- +goose Down
CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_owner_id_idx ON posts (owner_id);
