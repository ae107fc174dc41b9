package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
)

// TestReadPostCanBeWrittenBack changes a post that was read and sends all of its members, as form-based clients do.
func TestReadPostCanBeWrittenBack(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	path := fmt.Sprintf("/posts/%d", s.createPost(auth, api.PostInput{Title: "t", Content: "c"}).ID)
	for _, method := range []string{"PUT", "PATCH"} {
		read := map[string]any{}
		s.send("GET", path, "").decode(t, &read)
		require.NotEmpty(t, read["etag"])
		read["content"] = method

		written := s.sendJSON(method, path, toJSON(t, read), auth...)
		require.Equal(t, http.StatusOK, written.StatusCode, string(written.body))
		var post api.Post
		written.decode(t, &post)
		require.Equal(t, method, post.Content)
		require.Equal(t, written.Header.Get("ETag"), post.ETag)

		again := s.sendJSON(method, path, toJSON(t, read), auth...)
		require.Equal(t, http.StatusPreconditionFailed, again.StatusCode, "the etag in the body is outdated")

		read["etag"] = nil
		require.Equal(t, http.StatusOK, s.sendJSON(method, path, toJSON(t, read), auth...).StatusCode, "null counts as absent")
	}
}

func TestReadOnlyMembersAreIgnored(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	post := s.createPost(auth, api.PostInput{Title: "t", Content: "c"})
	path := fmt.Sprintf("/posts/%d", post.ID)
	for _, name := range []string{"id", "owner_id", "owner", "votes", "voted", "hidden", "version", "created_at", "updated_at", "published_at"} {
		for _, value := range []string{`null`, `7`, `"x"`, `{"a":[1]}`} {
			got := s.sendJSON("PATCH", path, fmt.Sprintf(`{%q:%s}`, name, value), auth...)
			require.Equal(t, http.StatusOK, got.StatusCode, "%s %s: %s", name, value, got.body)
			var same api.Post
			require.NoError(t, json.Unmarshal(got.body, &same))
			require.Equal(t, post, same)
		}
	}
	require.Equal(t, []string{"body /Votes unknown"}, s.sendJSON("PATCH", path, `{"Votes":1}`, auth...).fields())
	for _, etag := range []string{`""`, `"x"`, `"\"1"`} {
		require.Equal(t, http.StatusUnprocessableEntity, s.sendJSON("PATCH", path, `{"title":"x","etag":`+etag+`}`, auth...).StatusCode, etag)
	}
	require.Equal(t, []string{"body /etag type"}, s.sendJSON("PATCH", path, `{"etag":1}`, auth...).fields())
}
