-- +goose Up
CREATE TABLE votes (
    post_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    CONSTRAINT votes_pkey PRIMARY KEY (post_id, user_id),
    CONSTRAINT votes_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
    CONSTRAINT votes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX votes_user_id_idx ON votes (user_id);

-- +goose Down
DROP TABLE votes;
