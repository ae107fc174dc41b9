-- For the posts that are not in the search index yet.

-- +goose Up
CREATE INDEX posts_unindexed_idx ON posts (id) WHERE indexed_version <> version;

-- +goose Down
DROP INDEX posts_unindexed_idx;
