-- A deleted post is gone for everybody at once. Its row waits until its votes are removed, in batches.

-- +goose Up
ALTER TABLE posts ADD COLUMN deleted BOOLEAN NOT NULL DEFAULT FALSE
    CONSTRAINT posts_deleted_flag CHECK (deleted IN (0, 1));

-- +goose Down
ALTER TABLE posts DROP COLUMN deleted;
