-- What deleted posts and accounts leave behind goes in batches, each of which touches a bounded number of rows: a batch looks at the
-- first few posts or accounts that are to go, and nothing that has many rows is left to a cascade.
--
-- A plan may have been made when a table was small, or with averages that one popular post makes wrong. So each batch is picked
-- through an index (a lateral subquery with a LIMIT cannot become another kind of join) and removed by an array of keys, or by
-- ctid where a key has two columns. The order by the key makes an index cheaper than a scan, even for one row. A ctid is good for one statement on one table: an EXISTS looks once more at what goes.

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
