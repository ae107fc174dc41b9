-- +goose Up
CREATE TABLE sessions (
    id         text COLLATE "C" NOT NULL,
    user_id    bigint           NOT NULL,
    created_at timestamptz      NOT NULL,
    ip         text             NOT NULL,
    user_agent text             NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX sessions_user_id_idx ON sessions (user_id);

-- +goose Down
DROP TABLE sessions;
