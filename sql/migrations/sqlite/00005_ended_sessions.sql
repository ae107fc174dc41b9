-- +goose Up
CREATE TABLE ended_sessions (
    sid      TEXT      NOT NULL, -- refers to nothing: it outlives its session, and the user too
    ended_at TIMESTAMP NOT NULL,
    CONSTRAINT ended_sessions_pkey PRIMARY KEY (sid),
    CONSTRAINT ended_sessions_times CHECK (typeof(ended_at) = 'integer')
);

CREATE INDEX ended_sessions_ended_at_idx ON ended_sessions (ended_at, sid);

-- +goose Down
DROP TABLE ended_sessions;
