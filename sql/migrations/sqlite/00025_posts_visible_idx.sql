-- This index shows who may see a post without reading the post. SQLite would read through a long content to find published, and
-- the time would reveal that there is a draft.

-- +goose Up
CREATE INDEX posts_visible_idx ON posts (id, published, owner_id);

-- +goose Down
DROP INDEX posts_visible_idx;
