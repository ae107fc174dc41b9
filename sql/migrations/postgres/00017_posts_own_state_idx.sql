-- For the lists of a user's own drafts and of their own published posts. An invalid index from an interrupted build is dropped first.

-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_idx;
CREATE INDEX CONCURRENTLY posts_own_state_idx ON posts (owner_id, published, id);

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_idx;
