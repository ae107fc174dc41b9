-- The defaults are for instances of an earlier version that still run. Their sessions cannot be refreshed, count as expired here
-- and are swept. Their access tokens stay valid until they expire.

-- +goose Up
ALTER TABLE sessions
    ADD COLUMN refresh_count  bigint      NOT NULL DEFAULT 0,
    ADD COLUMN refresh_key_id text        NOT NULL DEFAULT '',
    ADD COLUMN refreshed_at   timestamptz NOT NULL DEFAULT '1970-01-01 00:00:00+00',
    ADD COLUMN expires_at     timestamptz NOT NULL DEFAULT '1970-01-01 00:00:00+00';

-- +goose Down
ALTER TABLE sessions
    DROP COLUMN expires_at,
    DROP COLUMN refreshed_at,
    DROP COLUMN refresh_key_id,
    DROP COLUMN refresh_count;
