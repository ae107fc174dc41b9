-- +goose Up
ALTER TABLE users ADD COLUMN suspended_at timestamptz; -- since when an operator lets nobody log in; NULL if everybody with the password may

-- +goose Down
ALTER TABLE users DROP COLUMN suspended_at;
