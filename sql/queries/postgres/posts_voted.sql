-- name: VotedPosts :many
SELECT v.post_id
FROM votes AS v
JOIN shown_posts AS p ON p.id = v.post_id AND (p.published OR p.owner_id = v.user_id)
WHERE v.user_id = @voter AND v.post_id > @after_id
ORDER BY v.post_id
LIMIT @page_size;
