-- Deleted posts are not shown. A purge subtracts the votes of deleted accounts from the counts, so votes is the plain column again.

-- +goose Up
DROP VIEW shown_posts;
CREATE VIEW shown_posts AS
SELECT p.id, p.owner_id, p.title, p.content, p.published, p.version, p.created_at, p.updated_at, p.published_at,
    u.name AS owner_name, p.votes
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id AND CASE WHEN u.deleted_at IS NULL THEN TRUE ELSE FALSE END
WHERE NOT p.deleted;

-- +goose Down
DROP VIEW shown_posts;
CREATE VIEW shown_posts AS
SELECT p.id, p.owner_id, p.title, p.content, p.published, p.version, p.created_at, p.updated_at, p.published_at,
    u.name AS owner_name,
    p.votes - (
        SELECT count(*)
        FROM users AS gone
        CROSS JOIN votes AS v
        WHERE gone.deleted_at IS NOT NULL AND v.post_id = p.id AND v.user_id = gone.id
    ) AS votes
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id AND CASE WHEN u.deleted_at IS NULL THEN TRUE ELSE FALSE END;
