-- By which rules the indexed words were split (domain.SearchTokenizer). When a program has newer ones, it indexes all posts again, the
-- newest first: those with an id below before_id are left. A store without posts begins with the rules of this migration's program.

-- +goose Up
CREATE TABLE search_index (
    id        INTEGER NOT NULL,
    tokenizer INTEGER NOT NULL,
    before_id INTEGER NOT NULL,
    CONSTRAINT search_index_pkey PRIMARY KEY (id),
    CONSTRAINT search_index_one_row CHECK (id = 1)
);

INSERT INTO search_index (id, tokenizer, before_id)
SELECT 1, CASE WHEN EXISTS (SELECT 1 FROM posts) THEN 1 ELSE 2 END, 1;

-- +goose Down
DROP TABLE search_index;
