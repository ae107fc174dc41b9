-- Lists of one user's posts. The user is a part of the place where a page begins, and of the order, so that no other index has that
-- order: PostgreSQL would take the index of all posts for a user who has many, and sort for one who has few, as far as it knows. The
-- page is found first, because whether its owner is still there is the same for all of it.
-- name: AuthoredOlder :many
SELECT p.*
FROM (
    SELECT c.owner_id, c.published_at, c.id
    FROM posts AS c
    WHERE c.published
        AND (c.owner_id, c.published_at, c.id)
            > (CAST(@author AS bigint), CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (c.owner_id, c.published_at, c.id)
            < (CAST(@author AS bigint), CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY c.owner_id DESC, c.published_at DESC, c.id DESC
    LIMIT @page_size
) AS near
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.owner_id DESC, near.published_at DESC, near.id DESC;

-- name: AuthoredNewer :many
SELECT p.*
FROM (
    SELECT c.owner_id, c.published_at, c.id
    FROM posts AS c
    WHERE c.published
        AND (c.owner_id, c.published_at, c.id)
            > (CAST(@author AS bigint), CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (c.owner_id, c.published_at, c.id)
            < (CAST(@author AS bigint), CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY c.owner_id, c.published_at, c.id
    LIMIT @page_size
) AS near
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.owner_id, near.published_at, near.id;

-- name: OwnedOlder :many
SELECT p.*
FROM (
    SELECT c.owner_id, c.id
    FROM posts AS c
    WHERE (c.owner_id, c.id)
            >= (CAST(@owner_id AS bigint), 0)
        AND (c.owner_id, c.id)
            < (CAST(@owner_id AS bigint), CAST(@from_id AS bigint))
        AND NOT c.deleted
    ORDER BY c.owner_id DESC, c.id DESC
    LIMIT @page_size
) AS near
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.owner_id DESC, near.id DESC;

-- name: OwnedNewer :many
SELECT p.*
FROM (
    SELECT c.owner_id, c.id
    FROM posts AS c
    WHERE (c.owner_id, c.id)
            > (CAST(@owner_id AS bigint), CAST(@from_id AS bigint))
        AND (c.owner_id, c.id)
            <= (CAST(@owner_id AS bigint), 9007199254740991)
        AND NOT c.deleted
    ORDER BY c.owner_id, c.id
    LIMIT @page_size
) AS near
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.owner_id, near.id;

-- name: OwnedInStateOlder :many
SELECT p.*
FROM (
    SELECT c.owner_id, c.published, c.id
    FROM posts AS c
    WHERE (c.owner_id, c.published, c.id)
            >= (CAST(@owner_id AS bigint), CAST(@published AS boolean), 0)
        AND (c.owner_id, c.published, c.id)
            < (CAST(@owner_id AS bigint), CAST(@published AS boolean), CAST(@from_id AS bigint))
        AND NOT c.deleted
    ORDER BY c.owner_id DESC, c.published DESC, c.id DESC
    LIMIT @page_size
) AS near
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.owner_id DESC, near.published DESC, near.id DESC;

-- name: OwnedInStateNewer :many
SELECT p.*
FROM (
    SELECT c.owner_id, c.published, c.id
    FROM posts AS c
    WHERE (c.owner_id, c.published, c.id)
            > (CAST(@owner_id AS bigint), CAST(@published AS boolean), CAST(@from_id AS bigint))
        AND (c.owner_id, c.published, c.id)
            <= (CAST(@owner_id AS bigint), CAST(@published AS boolean), 9007199254740991)
        AND NOT c.deleted
    ORDER BY c.owner_id, c.published, c.id
    LIMIT @page_size
) AS near
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.owner_id, near.published, near.id;
