-- The version of the rules that split the indexed words (search.TokenizerVersion). A program with newer rules indexes all posts
-- again, newest first; posts with an id below before_id remain to be indexed. A store without posts starts with the rules of this
-- migration's version.

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
