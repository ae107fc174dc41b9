-- +goose Up
CREATE TABLE outbox (
    id            text COLLATE "C" NOT NULL,
    channel       text COLLATE "C" NOT NULL, -- how the item is delivered, such as mail
    payload       text             NOT NULL, -- JSON; it contains no secret
    created_at    timestamptz      NOT NULL,
    due_at        timestamptz      NOT NULL,
    attempts      bigint           NOT NULL DEFAULT 0, -- that failed
    claimed_until timestamptz, -- nobody else delivers the item before
    buried_at     timestamptz, -- it is not delivered any more
    CONSTRAINT outbox_pkey PRIMARY KEY (id)
);

CREATE INDEX outbox_due_idx ON outbox (channel, due_at) WHERE buried_at IS NULL;

CREATE INDEX outbox_buried_idx ON outbox (channel, buried_at) WHERE buried_at IS NOT NULL;

-- +goose Down
DROP TABLE outbox;
