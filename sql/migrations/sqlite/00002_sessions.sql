-- +goose Up
CREATE TABLE sessions (
    id         TEXT      NOT NULL,
    user_id    INTEGER   NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ip         TEXT      NOT NULL,
    user_agent TEXT      NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT sessions_times CHECK (typeof(created_at) = 'integer')
);

CREATE INDEX sessions_user_id_idx ON sessions (user_id);

-- +goose Down
DROP TABLE sessions;
