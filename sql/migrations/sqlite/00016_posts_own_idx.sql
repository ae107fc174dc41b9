-- For the list of a user's own posts.

-- +goose Up
CREATE INDEX posts_own_idx ON posts (owner_id, id);

-- +goose Down
DROP INDEX posts_own_idx;
