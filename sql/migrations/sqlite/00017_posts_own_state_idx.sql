-- The lists of one's own drafts, and of what is none.

-- +goose Up
CREATE INDEX posts_own_state_idx ON posts (owner_id, published, id);

-- +goose Down
DROP INDEX posts_own_state_idx;
