-- For the public list of one author's posts.

-- +goose Up
CREATE INDEX posts_author_idx ON posts (owner_id, published_at, id) WHERE published;

-- +goose Down
DROP INDEX posts_author_idx;
