-- The answer that an address is taken must be as durable as the account that has it. A lock is a write: its transaction waits for
-- replication, as that of the account did or should have done.
-- name: LockEmailKey :execrows
SELECT id
FROM users
WHERE email_key = @email_key
FOR KEY SHARE;
