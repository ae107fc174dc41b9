-- Adding or removing a vote is one statement in READ COMMITTED: if it waits for the post's row, it continues with the latest
-- state. It locks the row first, so that votes for one post run in order and cannot deadlock. The lock is also a write, so a vote
-- that changes nothing is as durable as one that does.
--
-- AddVote also locks the voter's row. Deleting an account changes its key, so either the deletion waits for the vote, or the vote
-- is refused. So a purge of deleted accounts sees every vote.
-- name: AddVote :one
WITH post AS (
    SELECT p.id
    FROM posts AS p
    JOIN users AS owner ON owner.id = p.owner_id AND owner.deleted_at IS NULL
    JOIN users AS voter ON voter.id = @user_id AND voter.deleted_at IS NULL
    WHERE p.id = @post_id AND NOT p.deleted AND (p.published OR p.owner_id = @user_id AND p.hidden_published IS NULL)
    FOR NO KEY UPDATE OF p
    FOR KEY SHARE OF voter
), added AS (
    INSERT INTO votes (post_id, user_id)
    SELECT post.id, @user_id
    FROM post
    ON CONFLICT (post_id, user_id) DO NOTHING
    RETURNING post_id
), counted AS (
    UPDATE posts
    SET votes = posts.votes + 1
    FROM added
    WHERE posts.id = added.post_id
)
SELECT count(*)
FROM post;

-- name: RemoveVote :one
WITH post AS (
    SELECT p.id
    FROM posts AS p
    JOIN users AS owner ON owner.id = p.owner_id AND owner.deleted_at IS NULL
    WHERE p.id = @post_id AND NOT p.deleted AND (p.published OR p.owner_id = @user_id AND p.hidden_published IS NULL)
        AND EXISTS (SELECT 1 FROM users AS voter WHERE voter.id = @user_id AND voter.deleted_at IS NULL)
    FOR NO KEY UPDATE OF p
), removed AS (
    DELETE FROM votes
    USING post
    WHERE votes.post_id = post.id AND votes.user_id = @user_id
    RETURNING votes.post_id
), counted AS (
    UPDATE posts
    SET votes = posts.votes - 1
    FROM removed
    WHERE posts.id = removed.post_id
)
SELECT count(*)
FROM post;

-- See purge.sql. It locks the posts, in the order of their ids, before it deletes their votes.
-- name: PurgeVotes :one
WITH doomed AS MATERIALIZED (
    SELECT v.location, v.post_id
    FROM (SELECT d.id FROM users AS d WHERE d.deleted_at IS NOT NULL ORDER BY d.deleted_at LIMIT @batch_size) AS u
    CROSS JOIN LATERAL (
        SELECT CAST(c.ctid AS tid) AS location, c.post_id FROM votes AS c WHERE c.user_id = u.id ORDER BY c.user_id, c.post_id LIMIT @batch_size
    ) AS v
    LIMIT @batch_size
), post AS MATERIALIZED (
    SELECT p.id
    FROM posts AS p
    WHERE p.id = ANY (ARRAY(SELECT doomed.post_id FROM doomed))
    ORDER BY p.id
    FOR NO KEY UPDATE
), removed AS (
    DELETE FROM votes
    WHERE votes.ctid = ANY (ARRAY(SELECT doomed.location FROM doomed JOIN post ON post.id = doomed.post_id))
        AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = votes.user_id AND u.deleted_at IS NOT NULL LIMIT 1 OFFSET 0)
    RETURNING votes.post_id
), counted AS (
    UPDATE posts
    SET votes = posts.votes - lost.n
    FROM (SELECT removed.post_id, count(*) AS n FROM removed GROUP BY removed.post_id) AS lost
    WHERE posts.id = lost.post_id
)
SELECT count(*)
FROM removed;
