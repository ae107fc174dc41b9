-- +goose Up
ALTER TABLE users ADD COLUMN email_verified_at TIMESTAMP -- when the user confirmed the address
    CONSTRAINT users_email_verified_at CHECK (typeof(email_verified_at) IN ('integer', 'null'));

-- +goose Down
ALTER TABLE users DROP COLUMN email_verified_at;
