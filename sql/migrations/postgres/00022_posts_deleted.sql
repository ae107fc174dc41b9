-- A deleted post is invisible at once. A purge deletes its row after its votes, in batches.

-- +goose Up
ALTER TABLE posts ADD COLUMN deleted boolean NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE posts DROP COLUMN deleted;
