-- For the public list of one author's posts. An invalid index from an interrupted build is dropped first.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS posts_author_idx;
CREATE INDEX CONCURRENTLY posts_author_idx ON posts (owner_id, published_at, id) WHERE published;
RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS posts_author_idx;
