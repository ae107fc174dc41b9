-- For the list of a user's own posts. An invalid index from an interrupted build is dropped first.

-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS posts_own_idx;
CREATE INDEX CONCURRENTLY posts_own_idx ON posts (owner_id, id);

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS posts_own_idx;
