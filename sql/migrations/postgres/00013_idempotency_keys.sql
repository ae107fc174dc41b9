-- +goose Up
CREATE TABLE idempotency_keys (
    user_id     bigint           NOT NULL,
    key         text COLLATE "C" NOT NULL,
    fingerprint text             NOT NULL,
    post_id     bigint           NOT NULL, -- refers to nothing: the post may be gone
    created_at  timestamptz      NOT NULL,
    owner_name  text,
    expires_at  timestamptz      NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key),
    CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX idempotency_keys_expires_at_idx ON idempotency_keys (expires_at);

-- +goose Down
DROP TABLE idempotency_keys;
