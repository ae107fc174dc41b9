-- A list of one's own posts leaves out what is deleted. With this index it reads no row for that.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_live_idx;
CREATE INDEX CONCURRENTLY posts_own_state_live_idx ON posts (owner_id, published, id) INCLUDE (deleted);
RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_live_idx;
