package conformance_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// naive is the server of a reader of the tutorial: users and posts in memory, and nothing that the tutorial does not
// mention. Its errors are those of FastAPI.
type naive struct {
	mu    sync.Mutex
	users []map[string]any
	posts []map[string]any
}

func newNaive() http.Handler {
	n, routes := &naive{}, http.NewServeMux()
	routes.HandleFunc("POST /users", n.createUser)
	routes.HandleFunc("GET /users/{id}", n.readUser)
	routes.HandleFunc("POST /login", n.logIn)
	routes.HandleFunc("GET /posts", n.listPosts)
	routes.HandleFunc("POST /posts", n.protect(n.createPost))
	routes.HandleFunc("GET /posts/{id}", n.readPost)
	routes.HandleFunc("PUT /posts/{id}", n.protect(n.updatePost))
	routes.HandleFunc("DELETE /posts/{id}", n.protect(n.deletePost))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if _, pattern := routes.Handler(r); pattern == "" {
			detail(w, http.StatusNotFound, "Not Found")
			return
		}
		routes.ServeHTTP(w, r)
	})
}

func answerJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func detail(w http.ResponseWriter, status int, text string) {
	answerJSON(w, status, map[string]any{"detail": text})
}

// missing answers like pydantic.
func missing(w http.ResponseWriter, in, name string) {
	answerJSON(w, http.StatusUnprocessableEntity, map[string]any{"detail": []any{
		map[string]any{"loc": []string{in, name}, "msg": "field required", "type": "value_error.missing"},
	}})
}

// read returns the members of a body, or nil after it has answered that one is missing.
func read(w http.ResponseWriter, r *http.Request, names ...string) map[string]any {
	var in map[string]any
	_ = json.NewDecoder(r.Body).Decode(&in)
	for _, name := range names {
		if _, ok := in[name].(string); !ok {
			missing(w, "body", name)
			return nil
		}
	}
	return in
}

func (n *naive) createUser(w http.ResponseWriter, r *http.Request) {
	if in := read(w, r, "email", "password"); in != nil {
		user := map[string]any{"id": len(n.users) + 1, "email": in["email"], "created_at": time.Now().Format("2006-01-02T15:04:05.999999")}
		n.users = append(n.users, map[string]any{"out": user, "password": in["password"]})
		answerJSON(w, http.StatusCreated, user)
	}
}

func (n *naive) readUser(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("id"))
	if id < 1 || id > len(n.users) {
		detail(w, http.StatusNotFound, "User does not exist")
		return
	}
	answerJSON(w, http.StatusOK, n.users[id-1]["out"])
}

func sign(text string) string {
	mac := hmac.New(sha256.New, []byte("naive"))
	_, _ = mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (n *naive) logIn(w http.ResponseWriter, r *http.Request) {
	email, password := r.PostFormValue("username"), r.PostFormValue("password")
	if email == "" || password == "" {
		missing(w, "body", "password")
		return
	}
	for i, user := range n.users {
		if user["out"].(map[string]any)["email"] == email && user["password"] == password {
			claims := fmt.Sprintf(`{"user_id":%d,"exp":%d}`, i+1, time.Now().Add(30*time.Minute).Unix())
			encode := base64.RawURLEncoding.EncodeToString
			answerJSON(w, http.StatusOK, map[string]any{
				"access_token": sign(encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode([]byte(claims))), "token_type": "bearer",
			})
			return
		}
	}
	detail(w, http.StatusForbidden, "Invalid Credentials")
}

// protect answers requests without a good token, as get_current_user does.
func (n *naive) protect(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		at := strings.LastIndex(token, ".")
		switch {
		case !isBearer:
			w.Header().Set("WWW-Authenticate", "Bearer")
			detail(w, http.StatusUnauthorized, "Not authenticated")
		case at < 0 || sign(token[:at]) != token:
			w.Header().Set("WWW-Authenticate", "Bearer")
			detail(w, http.StatusUnauthorized, "Could not validate credentials")
		default:
			next(w, r)
		}
	}
}

func (n *naive) listPosts(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, append([]map[string]any{}, n.posts...))
}

func (n *naive) createPost(w http.ResponseWriter, r *http.Request) {
	if in := read(w, r, "title", "content"); in != nil {
		post := map[string]any{"id": len(n.posts) + 1, "title": in["title"], "content": in["content"], "published": in["published"] != false}
		n.posts = append(n.posts, post)
		answerJSON(w, http.StatusOK, post)
	}
}

// post returns the post of a request, or nil after it has answered that there is none.
func (n *naive) post(w http.ResponseWriter, r *http.Request) map[string]any {
	id, _ := strconv.Atoi(r.PathValue("id"))
	for _, post := range n.posts {
		if post["id"] == id {
			return post
		}
	}
	detail(w, http.StatusNotFound, "post with id: "+r.PathValue("id")+" was not found")
	return nil
}

func (n *naive) readPost(w http.ResponseWriter, r *http.Request) {
	if post := n.post(w, r); post != nil {
		answerJSON(w, http.StatusOK, post)
	}
}

func (n *naive) updatePost(w http.ResponseWriter, r *http.Request) {
	if post := n.post(w, r); post != nil {
		if in := read(w, r, "title", "content"); in != nil {
			post["title"], post["content"] = in["title"], in["content"]
			answerJSON(w, http.StatusOK, post)
		}
	}
}

func (n *naive) deletePost(w http.ResponseWriter, r *http.Request) {
	if post := n.post(w, r); post != nil {
		post["id"] = 0
		w.WriteHeader(http.StatusNoContent)
	}
}
