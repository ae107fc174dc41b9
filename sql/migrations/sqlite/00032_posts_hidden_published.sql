-- An operator can hide a post. Its published is then FALSE, so that it is in no index of published posts, and hidden_published says
-- whether its author publishes it. NULL means that the post is not hidden.
-- The view shows which posts are hidden.

-- +goose Up
ALTER TABLE posts ADD COLUMN hidden_published BOOLEAN
    CONSTRAINT posts_hidden_published_flag CHECK (hidden_published IN (0, 1));

DROP VIEW shown_posts;
CREATE VIEW shown_posts AS
SELECT p.id, p.owner_id, p.title, p.content, p.published, p.version, p.created_at, p.updated_at, p.published_at,
    u.name AS owner_name, p.votes, p.hidden_published IS NOT NULL AS hidden
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id AND CASE WHEN u.deleted_at IS NULL THEN TRUE ELSE FALSE END
WHERE NOT p.deleted;

-- +goose Down
DROP VIEW shown_posts;
CREATE VIEW shown_posts AS
SELECT p.id, p.owner_id, p.title, p.content, p.published, p.version, p.created_at, p.updated_at, p.published_at,
    u.name AS owner_name, p.votes
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id AND CASE WHEN u.deleted_at IS NULL THEN TRUE ELSE FALSE END
WHERE NOT p.deleted;

ALTER TABLE posts DROP COLUMN hidden_published;
