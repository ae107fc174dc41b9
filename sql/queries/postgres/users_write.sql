-- The answer that an address is taken must be as durable as the account that has it. A lock is a write, so its commit waits for
-- replication.
-- name: LockEmailKey :execrows
SELECT id
FROM users
WHERE email_key = @email_key
FOR KEY SHARE;
