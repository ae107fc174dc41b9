-- Who may see a post, without reading the post: SQLite walks through a long content to find out whether it is published, and the
-- time that takes would show that there is a draft.

-- +goose Up
CREATE INDEX posts_visible_idx ON posts (id, published, owner_id);

-- +goose Down
DROP INDEX posts_visible_idx;
