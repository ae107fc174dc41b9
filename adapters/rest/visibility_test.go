package rest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// TestPostVisibility covers every combination of operation, caller and kind of post. To everyone but its owner, a draft
// or a hidden post looks exactly like a post that was deleted or never existed. Nobody can vote for a hidden post.
func TestPostVisibility(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, owner := s.signUp(adaEmail)
	_, another := s.signUp("bob@example.com")
	viewers := map[string][]string{"anonymous": nil, "owner": owner, "another": another}
	type statuses [3]int // for anonymous, owner and another
	gone := statuses{401, 404, 404}
	for _, c := range []struct {
		operation                                  string
		call                                       func(s *service, id int64, auth []string) answer
		published, draft, hidden, deleted, unknown statuses
	}{
		{"GetPost", func(s *service, id int64, auth []string) answer {
			return s.send("GET", fmt.Sprintf("/posts/%d", id), "", auth...)
		}, statuses{200, 200, 200}, statuses{404, 200, 404}, statuses{404, 200, 404}, statuses{404, 404, 404}, statuses{404, 404, 404}},
		{"UpdatePost", func(s *service, id int64, auth []string) answer {
			return s.sendJSON("PUT", fmt.Sprintf("/posts/%d", id), `{"title":"t","content":"c"}`, auth...)
		}, statuses{401, 200, 403}, statuses{401, 200, 404}, statuses{401, 200, 404}, gone, gone},
		{"PatchPost", func(s *service, id int64, auth []string) answer {
			return s.patch(id, `{"title":"t"}`, auth...)
		}, statuses{401, 200, 403}, statuses{401, 200, 404}, statuses{401, 200, 404}, gone, gone},
		{"DeletePost", func(s *service, id int64, auth []string) answer {
			return s.send("DELETE", fmt.Sprintf("/posts/%d", id), "", auth...)
		}, statuses{401, 204, 403}, statuses{401, 204, 404}, statuses{401, 204, 404}, gone, gone},
		{"VoteForPost", func(s *service, id int64, auth []string) answer {
			return s.send("PUT", fmt.Sprintf("/posts/%d/vote", id), "", auth...)
		}, statuses{401, 204, 204}, statuses{401, 204, 404}, gone, gone, gone},
		{"WithdrawVote", func(s *service, id int64, auth []string) answer {
			return s.send("DELETE", fmt.Sprintf("/posts/%d/vote", id), "", auth...)
		}, statuses{401, 204, 204}, statuses{401, 204, 404}, gone, gone, gone},
	} {
		for kind, want := range map[string]statuses{"published": c.published, "draft": c.draft, "hidden": c.hidden, "deleted": c.deleted, "unknown": c.unknown} {
			for i, viewer := range []string{"anonymous", "owner", "another"} {
				t.Run(c.operation+"/"+kind+"/"+viewer, func(t *testing.T) {
					s := s.at(t)
					got := c.call(s, s.postOfKind(kind, owner), viewers[viewer])
					require.Equal(t, want[i], got.StatusCode, string(got.body))
					if got.StatusCode == http.StatusNotFound {
						require.Equal(t, api.ProblemCodePostNotFound, got.problem.Code, "a hidden post looks like one that does not exist")
						require.Empty(t, got.Header.Get("ETag"))
					}
				})
			}
		}
	}
}

// postOfKind returns the identifier of a post that is published, a draft, hidden, deleted or unknown.
func (s *service) postOfKind(kind string, owner []string) int64 {
	s.t.Helper()
	if kind == "unknown" {
		return 999_999
	}
	post := s.createPost(owner, api.PostInput{Title: "t", Content: "c", Published: new(kind != "draft")})
	if kind == "deleted" {
		require.Equal(s.t, http.StatusNoContent, s.send("DELETE", fmt.Sprintf("/posts/%d", post.ID), "", owner...).StatusCode)
	}
	if kind == "hidden" {
		require.NoError(s.t, s.store.Posts().SetHidden(s.t.Context(), domain.PostID(post.ID), true))
	}
	return post.ID
}

func (s *service) patch(id int64, body string, header ...string) answer {
	s.t.Helper()
	return s.send("PATCH", fmt.Sprintf("/posts/%d", id), body, append(header, "Content-Type", "application/merge-patch+json")...)
}

// TestListsShowNoDraftsAndNoHiddenPosts covers the operations that return lists.
func TestListsShowNoDraftsAndNoHiddenPosts(t *testing.T) {
	t.Parallel()
	s := newService(t)
	account, owner := s.signUp(adaEmail)
	_, another := s.signUp("bob@example.com")
	for _, kind := range []string{"published", "draft", "hidden", "deleted"} {
		s.postOfKind(kind, owner)
	}
	for name, auth := range map[string][]string{"anonymous": nil, "owner": owner, "another": another} {
		for _, target := range []string{"/posts", "/posts?search=t", "/posts?order=oldest", fmt.Sprintf("/posts?author=%d", account.ID), "/posts?published_after=2000-01-01T00:00:00Z"} {
			require.Equal(t, []int64{1}, s.postIDs(target, auth...), "%s %s", name, target)
		}
	}
	require.Equal(t, []int64{2, 1}, s.postIDs("/users/me/posts", owner...))
	require.Equal(t, []int64{2}, s.postIDs("/users/me/posts?published=false", owner...))
	require.Equal(t, []int64{1}, s.postIDs("/users/me/posts?published=true", owner...))
	require.Empty(t, s.postIDs("/users/me/posts", another...))
}

func (s *service) postIDs(target string, header ...string) (ids []int64) {
	s.t.Helper()
	got := s.send("GET", target, "", header...)
	require.Equal(s.t, http.StatusOK, got.StatusCode, string(got.body))
	var posts api.PostPage
	got.decode(s.t, &posts)
	for _, p := range posts {
		ids = append(ids, p.ID)
	}
	return ids
}
