-- The lists of a user's own posts omit deleted and hidden posts. With these indexes they need not read their rows. They replace
-- posts_own_live_idx and posts_own_state_live_idx, for older programs too. An invalid index from an interrupted build is dropped first.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS posts_own_shown_idx;
CREATE INDEX CONCURRENTLY posts_own_shown_idx ON posts (owner_id, id) INCLUDE (deleted, hidden_published);
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_shown_idx;
CREATE INDEX CONCURRENTLY posts_own_state_shown_idx ON posts (owner_id, published, id) INCLUDE (deleted, hidden_published);
DROP INDEX CONCURRENTLY IF EXISTS posts_own_live_idx;
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_live_idx;
RESET lock_timeout;

-- +goose Down
CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_own_live_idx ON posts (owner_id, id) INCLUDE (deleted);
CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_own_state_live_idx ON posts (owner_id, published, id) INCLUDE (deleted);
DROP INDEX CONCURRENTLY IF EXISTS posts_own_shown_idx;
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_shown_idx;
