-- The defaults are for a program of an earlier version that still runs: the sessions it makes cannot be refreshed, are dead to
-- this one and get swept, while their access tokens live out.

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
