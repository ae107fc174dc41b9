-- A deleted post is gone for everybody at once. Its row waits until its votes are removed, in batches.

-- +goose Up
ALTER TABLE posts ADD COLUMN deleted boolean NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE posts DROP COLUMN deleted;
