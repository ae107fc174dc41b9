-- A deleted post is invisible at once. A purge deletes its row after its votes, in batches.

-- +goose Up
ALTER TABLE posts ADD COLUMN deleted BOOLEAN NOT NULL DEFAULT FALSE
    CONSTRAINT posts_deleted_flag CHECK (deleted IN (0, 1));

-- +goose Down
ALTER TABLE posts DROP COLUMN deleted;
