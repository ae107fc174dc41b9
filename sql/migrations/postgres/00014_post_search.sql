-- The searchable text of each post: the words that search.Text returns. to_tsvector would split them again by the database's
-- locale, and would drop long words and those far from the start; array_to_tsvector keeps them as they are. It stores no
-- positions, so phrases are searched for in the text itself. With fastupdate, every search would also read the pending list of the
-- index, and PostgreSQL would prefer to scan a small table.

-- +goose Up
CREATE TABLE post_search (
    post_id bigint           NOT NULL,
    words   text COLLATE "C" NOT NULL,
    CONSTRAINT post_search_pkey PRIMARY KEY (post_id),
    CONSTRAINT post_search_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE
);

CREATE INDEX post_search_words_idx ON post_search
    USING gin (array_to_tsvector(string_to_array(btrim(words), ' '))) WITH (fastupdate = off);

-- +goose Down
DROP TABLE post_search;
