-- name: InsertVote :execrows
INSERT INTO votes (post_id, user_id)
VALUES (@post_id, @user_id)
ON CONFLICT (post_id, user_id) DO NOTHING;

-- name: PurgeVotes :many
DELETE FROM votes
WHERE (post_id, user_id) IN (
    SELECT v.post_id, v.user_id
    FROM users AS u
    JOIN votes AS v ON v.user_id = u.id
    WHERE u.deleted_at IS NOT NULL
    LIMIT @batch_size
)
RETURNING post_id;
