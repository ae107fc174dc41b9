-- The posts whose rows are to go.

-- +goose Up
CREATE INDEX posts_deleted_idx ON posts (id) WHERE deleted;

-- +goose Down
DROP INDEX posts_deleted_idx;
