-- A new row has not counted anything: its times are Go's zero time.

-- +goose Up
CREATE TABLE throttles (
    id          TEXT      NOT NULL,
    failures    INTEGER   NOT NULL DEFAULT 0,
    reserved    INTEGER   NOT NULL DEFAULT 0,
    reserved_at TIMESTAMP NOT NULL DEFAULT -62135596800000000,
    since       TIMESTAMP NOT NULL DEFAULT -62135596800000000,
    until       TIMESTAMP NOT NULL DEFAULT -62135596800000000,
    expires_at  TIMESTAMP NOT NULL DEFAULT -62135596800000000,
    CONSTRAINT throttles_pkey PRIMARY KEY (id),
    CONSTRAINT throttles_times CHECK (
        typeof(reserved_at) = 'integer' AND typeof(since) = 'integer' AND typeof(until) = 'integer'
        AND typeof(expires_at) = 'integer'
    )
);

CREATE INDEX throttles_expires_at_idx ON throttles (expires_at);

-- +goose Down
DROP TABLE throttles;
