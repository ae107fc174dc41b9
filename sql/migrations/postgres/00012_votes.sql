-- A user who has votes cannot be deleted: a cascade would delete the votes without subtracting them from the counts. A vote may be
-- added after a purge has looked for votes and before it deletes the user.

-- +goose Up
CREATE TABLE votes (
    post_id bigint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT votes_pkey PRIMARY KEY (post_id, user_id),
    CONSTRAINT votes_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
    CONSTRAINT votes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
);

CREATE INDEX votes_user_id_idx ON votes (user_id, post_id);

-- +goose Down
DROP TABLE votes;
