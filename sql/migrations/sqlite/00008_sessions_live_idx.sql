-- For the list of a user's sessions, newest first.

-- +goose Up
CREATE INDEX sessions_live_idx ON sessions (user_id, created_at, id);

-- +goose Down
DROP INDEX sessions_live_idx;
