-- +goose Up
ALTER TABLE users ADD COLUMN deleted_at TIMESTAMP -- since when the account is no more
    CONSTRAINT users_deleted_at CHECK (typeof(deleted_at) IN ('integer', 'null'));

-- +goose Down
ALTER TABLE users DROP COLUMN deleted_at;
