-- A link in a mail. Its text is not here: it is derived from the id and a key that is not in the database. There is one row per
-- subject and kind.

-- +goose Up
CREATE TABLE email_tokens (
    id            TEXT      NOT NULL,
    kind          TEXT      NOT NULL,
    subject       TEXT      NOT NULL, -- the key of an address, or a user's id
    user_id       INTEGER   NOT NULL, -- refers to nothing: 0 if only the address is known
    email         TEXT      NOT NULL,
    password_hash TEXT      NOT NULL, -- of the account to create
    session_id    TEXT      NOT NULL, -- the session that asked
    expires_at    TIMESTAMP NOT NULL,
    CONSTRAINT email_tokens_pkey PRIMARY KEY (subject, kind),
    CONSTRAINT email_tokens_times CHECK (typeof(expires_at) = 'integer')
);

CREATE INDEX email_tokens_id_idx ON email_tokens (id);

CREATE INDEX email_tokens_expires_at_idx ON email_tokens (expires_at);

-- +goose Down
DROP TABLE email_tokens;
