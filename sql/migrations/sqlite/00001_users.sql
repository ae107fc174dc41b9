-- Times are integers: microseconds since 1970-01-01T00:00:00Z. The driver converts them to times because of the declared type,
-- which a STRICT table would not allow. AUTOINCREMENT: an id is never reused.

-- +goose Up
CREATE TABLE users (
    id            INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    email         TEXT      NOT NULL, -- as it was given
    email_key     TEXT      NOT NULL, -- what two spellings of one address share
    name          TEXT,
    password_hash TEXT      NOT NULL,
    created_at    TIMESTAMP NOT NULL,
    CONSTRAINT users_email_key UNIQUE (email_key),
    CONSTRAINT users_id_range CHECK (id BETWEEN 1 AND 9007199254740991),
    CONSTRAINT users_times CHECK (typeof(created_at) = 'integer')
);

-- +goose Down
DROP TABLE users;
