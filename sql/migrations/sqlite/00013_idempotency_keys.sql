-- +goose Up
CREATE TABLE idempotency_keys (
    user_id     INTEGER   NOT NULL,
    key         TEXT      NOT NULL,
    fingerprint TEXT      NOT NULL,
    post_id     INTEGER   NOT NULL, -- refers to nothing: the post may be gone
    created_at  TIMESTAMP NOT NULL,
    owner_name  TEXT,
    expires_at  TIMESTAMP NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key),
    CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT idempotency_keys_times CHECK (typeof(created_at) = 'integer' AND typeof(expires_at) = 'integer')
);

CREATE INDEX idempotency_keys_expires_at_idx ON idempotency_keys (expires_at);

-- +goose Down
DROP TABLE idempotency_keys;
