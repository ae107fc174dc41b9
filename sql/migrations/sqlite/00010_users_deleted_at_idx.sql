-- For the purge of deleted accounts.

-- +goose Up
CREATE INDEX users_deleted_at_idx ON users (deleted_at) WHERE deleted_at IS NOT NULL;

-- +goose Down
DROP INDEX users_deleted_at_idx;
