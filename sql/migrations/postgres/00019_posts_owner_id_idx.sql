-- posts_own_idx replaces it.

-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS posts_owner_id_idx;

-- +goose Down
CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_owner_id_idx ON posts (owner_id);
