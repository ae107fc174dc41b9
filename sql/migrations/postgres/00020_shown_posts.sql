-- Posts as their readers see them. The owner is asked for by a CASE because without statistics PostgreSQL takes next to nothing for
-- NULL: a list would begin at the few owners that it expects, and sort all their posts. The votes of accounts that are deleted and
-- not purged yet do not count; there are next to none, which without statistics PostgreSQL believes of a range, but not of what is no NULL.

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
