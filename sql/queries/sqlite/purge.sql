-- Purges delete the rows of deleted posts and accounts in batches. Each batch touches a bounded number of rows: it looks at the
-- first few deleted posts or accounts, and no cascade deletes many rows.

-- name: PurgePostVotes :execrows
DELETE FROM votes
WHERE (votes.post_id, votes.user_id) IN (
    SELECT v.post_id, v.user_id
    FROM (SELECT d.id FROM posts AS d WHERE d.deleted ORDER BY d.id LIMIT @batch_size) AS p
    JOIN votes AS v ON v.post_id = p.id
    LIMIT @batch_size
);

-- name: MarkPostsOfDeletedUsers :execrows
UPDATE posts
SET deleted = TRUE, published = FALSE, version = posts.version + 1, indexed_version = posts.version + 1
WHERE NOT posts.deleted AND posts.id IN (
    SELECT p.id
    FROM (SELECT d.id FROM users AS d WHERE d.deleted_at IS NOT NULL ORDER BY d.deleted_at LIMIT @batch_size) AS u
    JOIN posts AS p ON p.owner_id = u.id AND NOT p.deleted
    LIMIT @batch_size
);

-- name: PurgeIdempotencyKeys :execrows
DELETE FROM idempotency_keys
WHERE (idempotency_keys.user_id, idempotency_keys.key) IN (
    SELECT k.user_id, k.key
    FROM (SELECT d.id FROM users AS d WHERE d.deleted_at IS NOT NULL ORDER BY d.deleted_at LIMIT @batch_size) AS u
    JOIN idempotency_keys AS k ON k.user_id = u.id
    LIMIT @batch_size
);

-- name: PurgeUsers :execrows
DELETE FROM users
WHERE users.id IN (
    SELECT u.id
    FROM (SELECT d.id FROM users AS d WHERE d.deleted_at IS NOT NULL ORDER BY d.deleted_at LIMIT @batch_size) AS u
    WHERE NOT EXISTS (SELECT 1 FROM posts AS p WHERE p.owner_id = u.id LIMIT 1 OFFSET 0)
        AND NOT EXISTS (SELECT 1 FROM votes AS v WHERE v.user_id = u.id LIMIT 1 OFFSET 0)
        AND NOT EXISTS (SELECT 1 FROM idempotency_keys AS k WHERE k.user_id = u.id LIMIT 1 OFFSET 0)
);
