-- +goose Up
CREATE TABLE outbox (
    id            TEXT      NOT NULL,
    channel       TEXT      NOT NULL, -- how the item is delivered, such as mail
    payload       TEXT      NOT NULL, -- JSON; it contains no secret
    created_at    TIMESTAMP NOT NULL,
    due_at        TIMESTAMP NOT NULL,
    attempts      INTEGER   NOT NULL DEFAULT 0, -- that failed
    claimed_until TIMESTAMP, -- nobody else delivers the item before
    buried_at     TIMESTAMP, -- it is not delivered any more
    CONSTRAINT outbox_pkey PRIMARY KEY (id),
    CONSTRAINT outbox_times CHECK (
        typeof(created_at) = 'integer' AND typeof(due_at) = 'integer' AND typeof(claimed_until) IN ('integer', 'null')
        AND typeof(buried_at) IN ('integer', 'null')
    )
);

CREATE INDEX outbox_due_idx ON outbox (channel, due_at) WHERE buried_at IS NULL;

CREATE INDEX outbox_buried_idx ON outbox (channel, buried_at) WHERE buried_at IS NOT NULL;

-- +goose Down
DROP TABLE outbox;
