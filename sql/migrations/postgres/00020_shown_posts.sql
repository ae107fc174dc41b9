-- Posts as readers see them. A CASE checks the owner: without statistics, PostgreSQL expects almost no owner to have a NULL there,
-- so a plain condition would make a list start at the owners and sort all their posts. The votes of deleted accounts that were not
-- purged yet do not count. There are few such accounts; without statistics PostgreSQL expects few rows from a range, but not from
-- IS NOT NULL.

-- +goose Up
CREATE VIEW shown_posts AS
SELECT p.id, p.owner_id, p.title, p.content, p.published, p.version, p.created_at, p.updated_at, p.published_at,
    u.name AS owner_name,
    p.votes - (
        SELECT count(*)
        FROM users AS gone
        CROSS JOIN votes AS v
        WHERE gone.deleted_at > '-infinity' AND gone.deleted_at < 'infinity' AND v.post_id = p.id AND v.user_id = gone.id
    ) AS votes
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id AND CASE WHEN u.deleted_at IS NULL THEN TRUE ELSE FALSE END;

-- +goose Down
DROP VIEW shown_posts;
