-- For the lists of a user's own drafts and of their own published posts.

-- +goose Up
CREATE INDEX posts_own_state_idx ON posts (owner_id, published, id);

-- +goose Down
DROP INDEX posts_own_state_idx;
