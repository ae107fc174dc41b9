-- Purges delete the rows of deleted posts and accounts in batches. Each batch touches a bounded number of rows: it looks at the
-- first few deleted posts or accounts, and no cascade deletes many rows.
--
-- PostgreSQL may have planned a statement when a table was small, or with averages that are wrong for one popular post. So the
-- statements are written such that every plan uses an index:
--   - A lateral subquery with a LIMIT selects the batch, because it cannot become another kind of join.
--   - An array of keys, or of ctids where the key has two columns, selects the rows to delete.
--   - ORDER BY the key makes an index cheaper than a scan, even for one row.
-- A ctid may refer to a newer row by the time of the delete, so an EXISTS checks the row again.

-- name: PurgePostVotes :execrows
DELETE FROM votes
WHERE votes.ctid = ANY (ARRAY(
    SELECT v.ctid
    FROM (SELECT d.id FROM posts AS d WHERE d.deleted ORDER BY d.id LIMIT @batch_size) AS p
    CROSS JOIN LATERAL (SELECT c.ctid FROM votes AS c WHERE c.post_id = p.id ORDER BY c.post_id, c.user_id LIMIT @batch_size) AS v
    LIMIT @batch_size
)) AND EXISTS (SELECT 1 FROM posts AS p WHERE p.id = votes.post_id AND p.deleted LIMIT 1 OFFSET 0);

-- name: MarkPostsOfDeletedUsers :execrows
UPDATE posts
SET deleted = TRUE, published = FALSE, version = posts.version + 1, indexed_version = posts.version + 1
WHERE NOT posts.deleted AND posts.id = ANY (ARRAY(
    SELECT p.id
    FROM (SELECT d.id FROM users AS d WHERE d.deleted_at IS NOT NULL ORDER BY d.deleted_at LIMIT @batch_size) AS u
    CROSS JOIN LATERAL (
        SELECT c.id FROM posts AS c WHERE c.owner_id = u.id AND NOT c.deleted ORDER BY c.owner_id, c.id LIMIT @batch_size
    ) AS p
    LIMIT @batch_size
));

-- name: PurgeIdempotencyKeys :execrows
DELETE FROM idempotency_keys
WHERE idempotency_keys.ctid = ANY (ARRAY(
    SELECT k.ctid
    FROM (SELECT d.id FROM users AS d WHERE d.deleted_at IS NOT NULL ORDER BY d.deleted_at LIMIT @batch_size) AS u
    CROSS JOIN LATERAL (
        SELECT c.ctid FROM idempotency_keys AS c WHERE c.user_id = u.id ORDER BY c.user_id, c.key LIMIT @batch_size
    ) AS k
    LIMIT @batch_size
)) AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = idempotency_keys.user_id AND u.deleted_at IS NOT NULL LIMIT 1 OFFSET 0);

-- name: PurgeUsers :execrows
DELETE FROM users
WHERE users.id = ANY (ARRAY(
    SELECT u.id
    FROM (SELECT d.id FROM users AS d WHERE d.deleted_at IS NOT NULL ORDER BY d.deleted_at LIMIT @batch_size) AS u
    WHERE NOT EXISTS (SELECT 1 FROM posts AS p WHERE p.owner_id = u.id ORDER BY p.owner_id, p.id LIMIT 1 OFFSET 0)
        AND NOT EXISTS (SELECT 1 FROM votes AS v WHERE v.user_id = u.id ORDER BY v.user_id, v.post_id LIMIT 1 OFFSET 0)
        AND NOT EXISTS (SELECT 1 FROM idempotency_keys AS k WHERE k.user_id = u.id ORDER BY k.user_id, k.key LIMIT 1 OFFSET 0)
));
