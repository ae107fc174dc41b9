-- name: InsertVote :execrows
INSERT INTO votes (post_id, user_id)
VALUES (@post_id, @user_id)
ON CONFLICT (post_id, user_id) DO NOTHING;

-- name: PurgeVotes :many
DELETE FROM votes
WHERE (post_id, user_id) IN (
    SELECT v.post_id, v.user_id
    FROM (SELECT d.id FROM users AS d WHERE d.deleted_at IS NOT NULL ORDER BY d.deleted_at LIMIT @batch_size) AS u
    JOIN votes AS v ON v.user_id = u.id
    LIMIT @batch_size
)
RETURNING post_id;

-- See VisiblePost. Only for the owner's own draft does it read the table.
-- name: CanVote :one
SELECT count(*) > 0 AS can_vote
FROM posts AS p INDEXED BY posts_visible_idx
JOIN users AS owner ON owner.id = p.owner_id AND owner.deleted_at IS NULL
JOIN users AS voter ON voter.id = @user_id AND voter.deleted_at IS NULL
WHERE p.id = @post_id AND (p.published OR p.owner_id = voter.id AND NOT p.deleted AND p.hidden_published IS NULL);

-- name: DeleteVote :execrows
DELETE FROM votes
WHERE post_id = @post_id AND user_id = @user_id;

-- name: AddToVotes :exec
UPDATE posts
SET votes = votes + @change
WHERE id = @id;
