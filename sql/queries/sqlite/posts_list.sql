-- name: PublishedOlder :many
SELECT p.*
FROM shown_posts AS p
WHERE p.published
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
ORDER BY p.published_at DESC, p.id DESC
LIMIT @page_size;

-- name: PublishedNewer :many
SELECT p.*
FROM shown_posts AS p
WHERE p.published
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
ORDER BY p.published_at, p.id
LIMIT @page_size;

-- name: AuthoredOlder :many
SELECT p.*
FROM shown_posts AS p
WHERE p.published AND p.owner_id = @author
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
ORDER BY p.published_at DESC, p.id DESC
LIMIT @page_size;

-- name: AuthoredNewer :many
SELECT p.*
FROM shown_posts AS p
WHERE p.published AND p.owner_id = @author
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
ORDER BY p.published_at, p.id
LIMIT @page_size;

-- name: OwnedOlder :many
SELECT p.*
FROM shown_posts AS p
WHERE p.owner_id = @owner_id AND p.id < @from_id
ORDER BY p.id DESC
LIMIT @page_size;

-- name: OwnedNewer :many
SELECT p.*
FROM shown_posts AS p
WHERE p.owner_id = @owner_id AND p.id > @from_id
ORDER BY p.id
LIMIT @page_size;

-- name: OwnedInStateOlder :many
SELECT p.*
FROM shown_posts AS p
WHERE p.owner_id = @owner_id AND p.published = @published AND p.id < @from_id
ORDER BY p.id DESC
LIMIT @page_size;

-- name: OwnedInStateNewer :many
SELECT p.*
FROM shown_posts AS p
WHERE p.owner_id = @owner_id AND p.published = @published AND p.id > @from_id
ORDER BY p.id
LIMIT @page_size;
