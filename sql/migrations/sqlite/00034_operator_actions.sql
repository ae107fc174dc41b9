-- What operators did, for "postern audit". The service never deletes a row. An id is random.

-- +goose Up
CREATE TABLE operator_actions (
    id        TEXT      NOT NULL,
    done_at   TIMESTAMP NOT NULL,
    done_by   TEXT      NOT NULL, -- the account of the operating system
    action    TEXT      NOT NULL,
    target_id INTEGER   NOT NULL, -- a user or a post; 0 if there is no single one. It refers to nothing, because it outlives both
    CONSTRAINT operator_actions_pkey PRIMARY KEY (id),
    CONSTRAINT operator_actions_times CHECK (typeof(done_at) = 'integer')
);

CREATE INDEX operator_actions_done_at_idx ON operator_actions (done_at, id);

-- +goose Down
DROP TABLE operator_actions;
