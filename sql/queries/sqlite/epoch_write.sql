-- sqlite_sequence has the last id of each AUTOINCREMENT table that ever had a row.
-- name: LastID :one
SELECT seq
FROM sqlite_sequence
WHERE name = @table_name;

-- name: ForgetLastID :exec
DELETE FROM sqlite_sequence
WHERE name = @table_name;

-- name: SetLastID :exec
INSERT INTO sqlite_sequence (name, seq)
VALUES (@table_name, @seq);
