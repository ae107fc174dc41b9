-- What is searched of each post: the words that domain.SearchText returns, with the post's id as rowid. They hold nothing but
-- letters, digits and spaces, and this tokenizer takes whatever is not ASCII as part of a word: they stay as they are. The index
-- holds no text; short beginnings of words are words in it too. One character finds those of two; an entry for each would be a third
-- of the cost of a text in Chinese, whose words are characters. Nothing removes a post's words when the post goes but a DELETE of its own.

-- +goose Up
CREATE VIRTUAL TABLE IF NOT EXISTS post_search USING fts5(words, content='', contentless_delete=1, tokenize='ascii', prefix='2 3');

-- +goose Down
DROP TABLE post_search;
