-- It returns no row if the address is taken.
-- name: InsertUser :one
INSERT INTO users (email, email_key, password_hash, created_at)
VALUES (@email, @email_key, @password_hash, @created_at)
ON CONFLICT (email_key) DO NOTHING
RETURNING id;

-- name: UserByID :one
SELECT id, email, name, created_at
FROM users
WHERE id = @id AND deleted_at IS NULL;

-- name: CredentialByEmailKey :one
SELECT id AS user_id, password_hash, CAST(suspended_at IS NOT NULL AS boolean) AS suspended
FROM users
WHERE email_key = @email_key AND deleted_at IS NULL;

-- name: CredentialByID :one
SELECT id AS user_id, password_hash, CAST(suspended_at IS NOT NULL AS boolean) AS suspended
FROM users
WHERE id = @id AND deleted_at IS NULL;

-- name: UpdatePasswordHash :execrows
UPDATE users
SET password_hash = @new_hash
WHERE id = @id AND password_hash = @old_hash AND deleted_at IS NULL;

-- name: RenameUser :one
UPDATE users
SET name = @name
WHERE id = @id AND deleted_at IS NULL
RETURNING id, email, name, created_at;

-- name: SetSuspended :execrows
UPDATE users
SET suspended_at = @suspended_at
WHERE id = @id AND deleted_at IS NULL;

-- It deletes personal data at once. The new key cannot be taken, because no key of an e-mail address has a space.
-- name: DeleteUser :execrows
UPDATE users
SET email = '', email_key = 'deleted ' || CAST(id AS text), name = NULL, password_hash = '', deleted_at = @deleted_at
WHERE id = @id AND deleted_at IS NULL;
