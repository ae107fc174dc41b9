-- An operator can hide a post. Its published is then FALSE, so that it is in no index of published posts, and hidden_published says
-- whether its author publishes it. NULL means that the post is not hidden.
-- The view shown_posts keeps its columns: the instances of release 0.2.0 read all of them.

-- +goose Up
ALTER TABLE posts ADD COLUMN hidden_published boolean;

-- +goose Down
ALTER TABLE posts DROP COLUMN hidden_published;
