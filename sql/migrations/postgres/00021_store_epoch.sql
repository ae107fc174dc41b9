-- The epoch identifies one history of the store (domain.Epoch). is_first is true if the store has users already, because their
-- tokens name no epoch.

-- +goose Up
CREATE TABLE store_epoch (
    singleton bigint  NOT NULL,
    id        text    NOT NULL,
    is_first  boolean NOT NULL,
    CONSTRAINT store_epoch_pkey PRIMARY KEY (singleton),
    CONSTRAINT store_epoch_one_row CHECK (singleton = 1)
);

INSERT INTO store_epoch (singleton, id, is_first)
VALUES (1, replace(gen_random_uuid()::text, '-', ''), EXISTS (SELECT 1 FROM users));

-- +goose Down
DROP TABLE store_epoch;
