-- +goose Up
CREATE TABLE posts (
    id           INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    owner_id     INTEGER   NOT NULL,
    title        TEXT      NOT NULL,
    content      TEXT      NOT NULL,
    published    BOOLEAN   NOT NULL,
    version      INTEGER   NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    updated_at   TIMESTAMP NOT NULL,
    published_at TIMESTAMP,
    CONSTRAINT posts_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT posts_id_range CHECK (id BETWEEN 1 AND 9007199254740991),
    CONSTRAINT posts_version_range CHECK (version BETWEEN 1 AND 9007199254740991),
    CONSTRAINT posts_published_flag CHECK (published IN (0, 1)),
    CONSTRAINT posts_published_has_time CHECK (NOT published OR published_at IS NOT NULL),
    CONSTRAINT posts_times CHECK (
        typeof(created_at) = 'integer' AND typeof(updated_at) = 'integer'
        AND typeof(published_at) IN ('integer', 'null')
    )
);

-- For the public list in both directions. The cost of a page does not depend on its position. SQLite searches by published_at
-- alone and skips the posts of the same microsecond as the cursor, because a rowid cannot be part of a row value's range.
CREATE INDEX posts_published_idx ON posts (published_at, id) WHERE published;
CREATE INDEX posts_owner_id_idx ON posts (owner_id);

-- +goose Down
DROP TABLE posts;
