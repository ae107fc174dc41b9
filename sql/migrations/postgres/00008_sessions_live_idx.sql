-- For the list of a user's sessions, newest first. An invalid index from an interrupted build is dropped first.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS sessions_live_idx;
CREATE INDEX CONCURRENTLY sessions_live_idx ON sessions (user_id, created_at, id);
RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS sessions_live_idx;
