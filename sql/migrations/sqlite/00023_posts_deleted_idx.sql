-- For the purge of deleted posts.

-- +goose Up
CREATE INDEX posts_deleted_idx ON posts (id) WHERE deleted;

-- +goose Down
DROP INDEX posts_deleted_idx;
