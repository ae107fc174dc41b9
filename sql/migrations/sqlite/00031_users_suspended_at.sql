-- +goose Up
ALTER TABLE users ADD COLUMN suspended_at TIMESTAMP -- since when an operator lets nobody log in; NULL if everybody with the password may
    CONSTRAINT users_suspended_at CHECK (typeof(suspended_at) IN ('integer', 'null'));

-- +goose Down
ALTER TABLE users DROP COLUMN suspended_at;
