-- A sweep skips a row that another transaction has locked, and leaves it to the next sweep. If it waited while it holds locks of
-- its own, it could deadlock with logins. Locking reads the latest state of a row, and checks its condition again. purge.sql
-- explains how the statements are written.

-- name: DeleteExpiredSessions :execrows
DELETE FROM sessions
WHERE sessions.id = ANY (ARRAY(
    SELECT s.id
    FROM sessions AS s
    WHERE s.expires_at <= @now
    ORDER BY s.expires_at
    LIMIT @batch_size
    FOR UPDATE SKIP LOCKED
));

-- name: DeleteEnds :execrows
DELETE FROM ended_sessions
WHERE ended_sessions.sid = ANY (ARRAY(
    SELECT e.sid
    FROM ended_sessions AS e
    WHERE e.ended_at <= @until
    ORDER BY e.ended_at, e.sid
    LIMIT @batch_size
    FOR UPDATE SKIP LOCKED
));

-- name: DeleteExpiredThrottles :execrows
DELETE FROM throttles
WHERE throttles.id = ANY (ARRAY(
    SELECT t.id
    FROM throttles AS t
    WHERE t.expires_at <= @now
    ORDER BY t.expires_at
    LIMIT @batch_size
    FOR UPDATE SKIP LOCKED
));

-- name: DeleteThrottlesBetween :execrows
DELETE FROM throttles
WHERE throttles.id = ANY (ARRAY(
    SELECT t.id
    FROM throttles AS t
    WHERE t.id >= @first AND t.id < @behind
    ORDER BY t.id
    LIMIT @batch_size
    FOR UPDATE SKIP LOCKED
));

-- name: DeleteExpiredEmailTokens :execrows
DELETE FROM email_tokens
WHERE email_tokens.id = ANY (ARRAY(
    SELECT e.id
    FROM email_tokens AS e
    WHERE e.expires_at <= @now
    ORDER BY e.expires_at
    LIMIT @batch_size
    FOR UPDATE SKIP LOCKED
));

-- name: DeleteExpiredIdempotencyKeys :execrows
DELETE FROM idempotency_keys
WHERE idempotency_keys.ctid = ANY (ARRAY(
    SELECT k.ctid
    FROM idempotency_keys AS k
    WHERE k.expires_at <= @now
    ORDER BY k.expires_at
    LIMIT @batch_size
    FOR UPDATE SKIP LOCKED
)) AND EXISTS (SELECT 1 WHERE idempotency_keys.expires_at <= @now LIMIT 1 OFFSET 0);
