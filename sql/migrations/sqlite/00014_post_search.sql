-- The searchable text of each post: the words that search.Text returns, with the post's id as rowid. They contain no ASCII
-- punctuation, and this tokenizer treats every character outside ASCII as part of a word, so it keeps the words as they are. The
-- index stores no text. It also has prefixes of two and three characters. A search for one character uses those of two, because
-- prefixes of one character would add a third to the cost of a Chinese text, whose words are single characters. Deleting a post
-- does not delete its words: that takes a DELETE of its own.

-- +goose Up
CREATE VIRTUAL TABLE IF NOT EXISTS post_search USING fts5(words, content='', contentless_delete=1, tokenize='ascii', prefix='2 3');

-- +goose Down
DROP TABLE post_search;
