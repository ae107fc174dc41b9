-- +goose Up
ALTER TABLE users ADD COLUMN deleted_at timestamptz; -- since when the account is no more

-- +goose Down
ALTER TABLE users DROP COLUMN deleted_at;
