-- A link in a mail. Its text is not here: it is derived from the id and a key that is not in the database. There is one row per
-- subject and kind.

-- +goose Up
CREATE TABLE email_tokens (
    id            text COLLATE "C" NOT NULL,
    kind          text COLLATE "C" NOT NULL,
    subject       text COLLATE "C" NOT NULL, -- the key of an address, or a user's id
    user_id       bigint           NOT NULL, -- refers to nothing: 0 if only the address is known
    email         text             NOT NULL,
    password_hash text             NOT NULL, -- of the account to create
    session_id    text             NOT NULL, -- the session that asked
    expires_at    timestamptz      NOT NULL,
    CONSTRAINT email_tokens_pkey PRIMARY KEY (subject, kind)
);

CREATE INDEX email_tokens_id_idx ON email_tokens (id);

CREATE INDEX email_tokens_expires_at_idx ON email_tokens (expires_at);

-- +goose Down
DROP TABLE email_tokens;
