-- For the public list of one author's posts. An invalid index from an interrupted build is dropped first.

-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS posts_author_idx;
CREATE INDEX CONCURRENTLY posts_author_idx ON posts (owner_id, published_at, id) WHERE published;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS posts_author_idx;
