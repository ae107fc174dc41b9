-- posts_own_live_idx and posts_own_state_live_idx replace them, for older programs too.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS posts_own_idx;
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_idx;
RESET lock_timeout;

-- +goose Down
CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_own_idx ON posts (owner_id, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_own_state_idx ON posts (owner_id, published, id);
