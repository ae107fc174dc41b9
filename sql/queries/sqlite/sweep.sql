-- name: DeleteExpiredSessions :execrows
DELETE FROM sessions
WHERE sessions.id IN (
    SELECT s.id
    FROM sessions AS s
    WHERE s.expires_at <= @now
    ORDER BY s.expires_at
    LIMIT @batch_size
);

-- name: DeleteEnds :execrows
DELETE FROM ended_sessions
WHERE sid IN (
    SELECT e.sid
    FROM ended_sessions AS e
    WHERE e.ended_at <= @until
    ORDER BY e.ended_at, e.sid
    LIMIT @batch_size
);

-- name: DeleteExpiredThrottles :execrows
DELETE FROM throttles
WHERE throttles.id IN (
    SELECT t.id
    FROM throttles AS t
    WHERE t.expires_at <= @now
    ORDER BY t.expires_at
    LIMIT @batch_size
);

-- name: DeleteThrottlesBetween :execrows
DELETE FROM throttles
WHERE throttles.id IN (
    SELECT t.id
    FROM throttles AS t
    WHERE t.id >= @first AND t.id < @behind
    ORDER BY t.id
    LIMIT @batch_size
);

-- name: DeleteExpiredEmailTokens :execrows
DELETE FROM email_tokens
WHERE email_tokens.id IN (
    SELECT e.id
    FROM email_tokens AS e
    WHERE e.expires_at <= @now
    ORDER BY e.expires_at
    LIMIT @batch_size
);

-- name: DeleteExpiredIdempotencyKeys :execrows
DELETE FROM idempotency_keys
WHERE (idempotency_keys.user_id, idempotency_keys.key) IN (
    SELECT k.user_id, k.key
    FROM idempotency_keys AS k
    WHERE k.expires_at <= @now
    ORDER BY k.expires_at
    LIMIT @batch_size
);
