-- In a transaction it holds to the end, or to that of the savepoint which it is undone with.
-- name: SetLockTimeout :exec
SELECT set_config('lock_timeout', CAST(@milliseconds AS text), true);
