-- The defaults are for instances of an earlier version that still run. Their sessions cannot be refreshed, count as expired here
-- and are swept. Their access tokens stay valid until they expire.

-- +goose Up
ALTER TABLE sessions ADD COLUMN refresh_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN refresh_key_id TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN refreshed_at TIMESTAMP NOT NULL DEFAULT 0
    CONSTRAINT sessions_refreshed_at CHECK (typeof(refreshed_at) = 'integer');
ALTER TABLE sessions ADD COLUMN expires_at TIMESTAMP NOT NULL DEFAULT 0
    CONSTRAINT sessions_expires_at CHECK (typeof(expires_at) = 'integer');

-- +goose Down
ALTER TABLE sessions DROP COLUMN expires_at;
ALTER TABLE sessions DROP COLUMN refreshed_at;
ALTER TABLE sessions DROP COLUMN refresh_key_id;
ALTER TABLE sessions DROP COLUMN refresh_count;
