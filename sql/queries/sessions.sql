-- name: InsertSession :execrows
INSERT INTO sessions (id, user_id, created_at, ip, user_agent)
SELECT @id, users.id, @created_at, @ip, @user_agent
FROM users
WHERE users.id = @user_id AND users.password_hash = @password_hash;
