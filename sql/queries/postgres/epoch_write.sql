-- A rollback does not undo setval: the skipped ids are then never used.
-- name: SkipIDs :exec
SELECT setval(
    CAST(pg_get_serial_sequence(CAST(@table_name AS text), 'id') AS regclass),
    nextval(CAST(pg_get_serial_sequence(CAST(@table_name AS text), 'id') AS regclass)) + CAST(@step AS bigint)
);
