-- The epoch identifies one history of the store (domain.Epoch). is_first is true if the store has users already, because their
-- tokens name no epoch.

-- +goose Up
CREATE TABLE store_epoch (
    singleton INTEGER NOT NULL PRIMARY KEY,
    id        TEXT    NOT NULL,
    is_first  BOOLEAN NOT NULL,
    CONSTRAINT store_epoch_one_row CHECK (singleton = 1),
    CONSTRAINT store_epoch_first_flag CHECK (is_first IN (0, 1))
);

INSERT INTO store_epoch (singleton, id, is_first)
VALUES (1, lower(hex(randomblob(16))), EXISTS (SELECT 1 FROM users));

-- +goose Down
DROP TABLE store_epoch;
