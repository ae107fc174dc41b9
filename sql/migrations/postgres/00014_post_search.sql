-- What is searched of each post: the words that domain.SearchText returns. to_tsvector would take them apart once more, by the
-- database's locale, and drop long ones and what stands far behind; array_to_tsvector takes them as they are. It knows no
-- places, so phrases are looked for in the text itself. With fastupdate every search would read what the index has not sorted in yet,
-- and PostgreSQL would rather read the whole of a small table.

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
