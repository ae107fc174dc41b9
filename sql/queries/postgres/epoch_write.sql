-- What setval does is not undone with the transaction: the ids between are left out then.
-- name: SkipIDs :exec
SELECT setval(
    CAST(pg_get_serial_sequence(CAST(@table_name AS text), 'id') AS regclass),
    nextval(CAST(pg_get_serial_sequence(CAST(@table_name AS text), 'id') AS regclass)) + CAST(@step AS bigint)
);
