-- The setting lasts until the end of the transaction, or the rollback to an earlier savepoint.
-- name: SetLockTimeout :exec
SELECT set_config('lock_timeout', CAST(@milliseconds AS text), true);
