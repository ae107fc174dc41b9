-- What operators did, for "postern audit". The service never deletes a row. An id is random.

-- +goose Up
CREATE TABLE operator_actions (
    id        text COLLATE "C" NOT NULL,
    done_at   timestamptz      NOT NULL,
    done_by   text             NOT NULL, -- the account of the operating system
    action    text             NOT NULL,
    target_id bigint           NOT NULL, -- a user or a post; 0 if there is no single one. It refers to nothing, because it outlives both
    CONSTRAINT operator_actions_pkey PRIMARY KEY (id)
);

CREATE INDEX operator_actions_done_at_idx ON operator_actions (done_at, id);

-- +goose Down
DROP TABLE operator_actions;
