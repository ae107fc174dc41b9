-- The lists of one's own drafts, and of what is none. One that an attempt before left unfinished is of no use and goes first.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_idx;
CREATE INDEX CONCURRENTLY posts_own_state_idx ON posts (owner_id, published, id);
RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS posts_own_state_idx;
