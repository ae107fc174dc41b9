-- name: Now :one
SELECT CAST(clock_timestamp() AS timestamptz) AS now;
