-- For the lists of a user's own drafts and of their own published posts. An invalid index from an interrupted build is dropped first.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_idx;
CREATE INDEX CONCURRENTLY posts_own_state_idx ON posts (owner_id, published, id);
RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_idx;
