-- For the sweep of expired sessions. An invalid index from an interrupted build is dropped first.

-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS sessions_expires_at_idx;
CREATE INDEX CONCURRENTLY sessions_expires_at_idx ON sessions (expires_at);
RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS sessions_expires_at_idx;
