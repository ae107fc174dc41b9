-- A new row has not counted anything: its times are Go's zero time.

-- +goose Up
CREATE TABLE throttles (
    id          text COLLATE "C" NOT NULL,
    failures    bigint           NOT NULL DEFAULT 0,
    reserved    bigint           NOT NULL DEFAULT 0,
    reserved_at timestamptz      NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    since       timestamptz      NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    until       timestamptz      NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    expires_at  timestamptz      NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    CONSTRAINT throttles_pkey PRIMARY KEY (id)
);

CREATE INDEX throttles_expires_at_idx ON throttles (expires_at);

-- +goose Down
DROP TABLE throttles;
