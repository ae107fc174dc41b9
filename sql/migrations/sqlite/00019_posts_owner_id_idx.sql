-- posts_own_idx replaces it.

-- +goose Up
DROP INDEX posts_owner_id_idx;

-- +goose Down
CREATE INDEX posts_owner_id_idx ON posts (owner_id);
