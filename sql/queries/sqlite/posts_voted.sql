-- The index decides whether the voter may see the post, so that the query does not read through long contents. Only the voter's
-- own drafts are read.
-- name: VotedPosts :many
SELECT v.post_id
FROM votes AS v
CROSS JOIN posts AS p INDEXED BY posts_visible_idx ON p.id = v.post_id
JOIN users AS owner ON owner.id = p.owner_id AND owner.deleted_at IS NULL
WHERE v.user_id = @voter AND v.post_id > @after_id AND (p.published OR p.owner_id = v.user_id AND NOT p.deleted)
ORDER BY v.post_id
LIMIT @page_size;
