-- +goose Up
CREATE TABLE ended_sessions (
    sid      text COLLATE "C" NOT NULL, -- refers to nothing: it outlives its session, and the user too
    ended_at timestamptz      NOT NULL,
    CONSTRAINT ended_sessions_pkey PRIMARY KEY (sid)
);

CREATE INDEX ended_sessions_ended_at_idx ON ended_sessions (ended_at, sid);

-- +goose Down
DROP TABLE ended_sessions;
