-- name: InsertUser :one
INSERT INTO users (email, email_key, password_hash, created_at)
VALUES (@email, @email_key, @password_hash, @created_at)
RETURNING id;

-- name: UserByID :one
SELECT id, email, name, created_at
FROM users
WHERE id = @id;

-- name: CredentialByEmailKey :one
SELECT id AS user_id, password_hash
FROM users
WHERE email_key = @email_key;

-- name: UpdatePasswordHash :execrows
UPDATE users
SET password_hash = @new_hash
WHERE id = @id AND password_hash = @old_hash;
