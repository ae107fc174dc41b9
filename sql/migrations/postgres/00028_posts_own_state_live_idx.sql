-- The list of a user's own posts omits deleted posts. With this index it need not read their rows.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_live_idx;
CREATE INDEX CONCURRENTLY posts_own_state_live_idx ON posts (owner_id, published, id) INCLUDE (deleted);
RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_live_idx;
