-- A user who has votes cannot be removed: posts count them, and would go on counting what went with the user. A vote may be added
-- between the moment that a purge looks for votes and the one that it removes their user.

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
