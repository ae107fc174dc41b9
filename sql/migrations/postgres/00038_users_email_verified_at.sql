-- +goose Up
ALTER TABLE users ADD COLUMN email_verified_at timestamptz; -- when the user confirmed the address

-- +goose Down
ALTER TABLE users DROP COLUMN email_verified_at;
