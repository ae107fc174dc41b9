-- For the list of a user's own posts. An invalid index from an interrupted build is dropped first.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS posts_own_idx;
CREATE INDEX CONCURRENTLY posts_own_idx ON posts (owner_id, id);
RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS posts_own_idx;
