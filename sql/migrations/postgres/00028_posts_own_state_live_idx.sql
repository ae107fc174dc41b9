-- The list of a user's own posts omits deleted posts. With this index it need not read their rows.

-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_live_idx;
CREATE INDEX CONCURRENTLY posts_own_state_live_idx ON posts (owner_id, published, id) INCLUDE (deleted);

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_live_idx;
