-- An anonymous viewer has the id 0. The queries then skip the votes, whose lookup would make them slower by a tenth.
-- name: PublishedOlder :many
SELECT p.*, CAST(CASE WHEN CAST(@viewer AS bigint) = 0 THEN FALSE ELSE EXISTS (
    SELECT 1 FROM votes AS v WHERE v.post_id = p.id AND v.user_id = @viewer
) END AS boolean) AS voted
FROM shown_posts AS p
WHERE p.published
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
ORDER BY p.published_at DESC, p.id DESC
LIMIT @page_size;

-- name: PublishedNewer :many
SELECT p.*, CAST(CASE WHEN CAST(@viewer AS bigint) = 0 THEN FALSE ELSE EXISTS (
    SELECT 1 FROM votes AS v WHERE v.post_id = p.id AND v.user_id = @viewer
) END AS boolean) AS voted
FROM shown_posts AS p
WHERE p.published
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
ORDER BY p.published_at, p.id
LIMIT @page_size;

-- name: AuthoredOlder :many
SELECT p.*, CAST(CASE WHEN CAST(@viewer AS bigint) = 0 THEN FALSE ELSE EXISTS (
    SELECT 1 FROM votes AS v WHERE v.post_id = p.id AND v.user_id = @viewer
) END AS boolean) AS voted
FROM shown_posts AS p
WHERE p.published AND p.owner_id = @author
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
ORDER BY p.published_at DESC, p.id DESC
LIMIT @page_size;

-- name: AuthoredNewer :many
SELECT p.*, CAST(CASE WHEN CAST(@viewer AS bigint) = 0 THEN FALSE ELSE EXISTS (
    SELECT 1 FROM votes AS v WHERE v.post_id = p.id AND v.user_id = @viewer
) END AS boolean) AS voted
FROM shown_posts AS p
WHERE p.published AND p.owner_id = @author
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
ORDER BY p.published_at, p.id
LIMIT @page_size;

-- name: OwnedOlder :many
SELECT p.*, v.user_id IS NOT NULL AS voted
FROM shown_posts AS p
LEFT JOIN votes AS v ON v.post_id = p.id AND v.user_id = p.owner_id
WHERE p.owner_id = @owner_id AND NOT p.hidden AND p.id < @from_id
ORDER BY p.id DESC
LIMIT @page_size;

-- name: OwnedNewer :many
SELECT p.*, v.user_id IS NOT NULL AS voted
FROM shown_posts AS p
LEFT JOIN votes AS v ON v.post_id = p.id AND v.user_id = p.owner_id
WHERE p.owner_id = @owner_id AND NOT p.hidden AND p.id > @from_id
ORDER BY p.id
LIMIT @page_size;

-- name: OwnedInStateOlder :many
SELECT p.*, v.user_id IS NOT NULL AS voted
FROM shown_posts AS p
LEFT JOIN votes AS v ON v.post_id = p.id AND v.user_id = p.owner_id
WHERE p.owner_id = @owner_id AND NOT p.hidden AND p.published = @published AND p.id < @from_id
ORDER BY p.id DESC
LIMIT @page_size;

-- name: OwnedInStateNewer :many
SELECT p.*, v.user_id IS NOT NULL AS voted
FROM shown_posts AS p
LEFT JOIN votes AS v ON v.post_id = p.id AND v.user_id = p.owner_id
WHERE p.owner_id = @owner_id AND NOT p.hidden AND p.published = @published AND p.id > @from_id
ORDER BY p.id
LIMIT @page_size;
