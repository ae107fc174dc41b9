package conformance_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// mutant is a service with one fault.
type mutant struct {
	caughtBy   string
	wantReport string // a part of what the report says
	fault      func() func(*exchange)
}

// always is a fault without a memory.
func always(fault func(*exchange)) func() func(*exchange) {
	return func() func(*exchange) { return fault }
}

const html = "<!DOCTYPE html><title>Error</title>"

func mutants() map[string]mutant {
	return map[string]mutant{
		"another status": {"CreatePost/publishes", "200", always(after("POST", "/posts", func(e *exchange) { e.answer.Code = 200 }))},
		"no Location":    {"CreateUser/creates", "Location", always(after("POST", "/users", without("Location")))},
		"a member too many": {"GetUser/reads", "/email is not in the contract", always(after("GET", "/users/", func(e *exchange) {
			e.edit(func(o map[string]any) { o["email"] = "ada@example.com" })
		}))},
		"a member too few": {"GetPost/reads", "votes", always(after("GET", "/posts/", func(e *exchange) {
			e.edit(func(o map[string]any) { delete(o, "votes") })
		}))},
		"a member of another type": {"GetPost/reads", "version", always(after("GET", "/posts/", func(e *exchange) {
			e.edit(func(o map[string]any) { o["version"] = "1" })
		}))},
		"another media type": {"GetHealth/alive", "text/plain", always(after("GET", "/healthz", func(e *exchange) {
			e.answer.Header().Set("Content-Type", "text/plain")
		}))},
		"no request identifier":    {"GetHealth/alive", "X-Request-Id", always(after("GET", "/", without("X-Request-Id")))},
		"one request identifier":   {"Any/request-id", "X-Request-Id", always(after("GET", "/", func(e *exchange) { e.answer.Header().Set("X-Request-Id", "same") }))},
		"no security header":       {"GetHealth/alive", "X-Content-Type-Options", always(after("GET", "/", without("X-Content-Type-Options")))},
		"a page for an error":      {"Any/unknown-path", "text/html", always(after("GET", "/conformance", func(e *exchange) { e.respond(404, "text/html", html) }))},
		"405 without Allow":        {"Any/methods", "Allow", always(after("DELETE", "/", without("Allow")))},
		"a redirect":               {"Any/trailing-slash", "301", always(redirects)},
		"an undescribed operation": {"Any/description", "ListOwnPosts", always(after("GET", "/openapi.json", func(e *exchange) { e.replace("ListOwnPosts", "ListMyPosts") }))},
		"pages of other hosts": {"Any/docs", "https://cdn.example", always(after("GET", "/docs", func(e *exchange) {
			e.answer.Header().Set("Content-Security-Policy", "script-src 'self' https://cdn.example")
		}))},
		"a page at the root": {"Any/root", "200", always(after("GET", "/", func(e *exchange) {
			if e.URL.Path == "/" {
				e.answer.Code = http.StatusSeeOther
			}
		}))},
		"a private key": {"GetKeys/public", "", always(after("GET", "/.well-known", func(e *exchange) {
			e.edit(func(o map[string]any) { o["keys"] = []any{map[string]any{"kty": "oct", "k": "c2VjcmV0"}} })
		}))},
		"another detail": {"GetCurrentUser/no-token", "Not authenticated", always(after("GET", "/users/me", func(e *exchange) {
			e.replace("Not authenticated", "Unauthenticated")
		}))},
		"no challenge":      {"GetCurrentUser/no-token", "WWW-Authenticate", always(after("GET", "/users/me", without("WWW-Authenticate")))},
		"another challenge": {"GetCurrentUser/bad-token", "invalid_token", always(after("GET", "/users/me", func(e *exchange) { e.answer.Header()["Www-Authenticate"] = []string{"Bearer"} }))},
		"unknown users are told": {"Login/wrong-credentials", "Invalid Credentials", always(after("POST", "/login", func(e *exchange) {
			if !strings.Contains(e.sent, "wrong") || knownTo(e) {
				return
			}
			e.replace("Invalid Credentials", "Invalid Credentials ")
		}))},
		"log-ins are throttled": {"Login/form", "throttles", always(after("POST", "/login", func(e *exchange) {
			e.answer.Header().Set("Retry-After", "7")
			e.answer.Header().Set("RateLimit", `"login";r=0;t=7`)
			e.answer.Header().Set("RateLimit-Policy", `"login";q=5;w=86400`)
			e.respond(429, "application/problem+json", `{"type":"/problems/quota_exceeded","title":"Too Many Requests","status":429,"detail":"x",`+
				`"code":"quota_exceeded","request_id":"`+e.answer.Header().Get("X-Request-Id")+`"}`)
		}))},
		"tokens may be kept":            {"Login/form", "no-store", always(after("POST", "/login", func(e *exchange) { e.answer.Header().Set("Cache-Control", "public, max-age=60") }))},
		"one refresh token for ever":    {"CreateToken/refresh", "another refresh token", always(keepsRefreshToken)},
		"spent refresh tokens are good": {"CreateToken/reuse", "400", refreshesForever},
		"OAuth errors of our own":       {"CreateToken/errors", "invalid_request", always(after("POST", "/token", func(e *exchange) { e.replace("invalid_request", "invalid_grant") }))},
		"sessions do not end":           {"EndSession/ends", "401", always(answersWithoutActing("DELETE", "/sessions/"))},
		"others do not end":             {"EndOtherSessions/ends", "401", always(answersWithoutActing("DELETE", "/sessions"))},
		"log-outs do nothing":           {"Logout/by-access-token", "401", always(answersWithoutActing("POST", "/logout"))},
		"passwords do not change":       {"ChangePassword/changes", "401", always(answersWithoutActing("PUT", "/users/me/password"))},
		"accounts stay":                 {"DeleteCurrentUser/deletes", "401", always(answersWithoutActing("DELETE", "/users/me"))},
		"addresses are folded": {"CreateUser/creates", "email", always(after("POST", "/users", func(e *exchange) {
			e.edit(func(o map[string]any) {
				if email, ok := o["email"].(string); ok {
					o["email"] = strings.ToLower(email)
				}
			})
		}))},
		"unknown members are taken": {"CreateUser/fields", "201", always(before("POST", "/users", func(e *exchange) {
			e.sent = strings.ReplaceAll(e.sent, `,"role":"canary"`, "")
		}))},
		"values are sent back": {"CreatePost/sends-nothing-back", "repeat", always(after("POST", "/posts", func(e *exchange) {
			e.edit(func(o map[string]any) { o["detail"] = "not valid: " + e.sent[:min(len(e.sent), 400)] })
		}))},
		"trailing JSON is taken":      {"CreatePost/trailing-text", "400", always(before("POST", "/posts", firstValue))},
		"NUL is a fault":              {"CreatePost/fields", "500", always(after("POST", "/posts", failsOnNUL))},
		"encodings are ignored":       {"CreatePost/content-encoding", "415", always(before("POST", "/posts", ignoring("Content-Encoding")))},
		"text is trimmed":             {"CreatePost/text", "as it was sent", always(before("POST", "/posts", func(e *exchange) { e.sent = regexp.MustCompile(`:" +`).ReplaceAllString(e.sent, `:"`) }))},
		"text is normalised":          {"CreatePost/text", "as it was sent", always(before("POST", "/posts", func(e *exchange) { e.sent = norm.NFC.String(e.sent) }))},
		"drafts leak":                 {"GetPost/draft-is-hidden", "404", leaksDrafts},
		"drafts are admitted to":      {"GetPost/draft-is-hidden", "404", admitsDrafts},
		"drafts may be kept":          {"GetPost/draft-is-hidden", "no-store", always(after("GET", "/posts/", func(e *exchange) { e.answer.Header().Set("Cache-Control", "no-cache") }))},
		"anybody may edit":            {"UpdatePost/of-another", "403", anybodyEdits},
		"ETags stay":                  {"GetPost/not-modified", "", always(after("GET", "/posts/", func(e *exchange) { e.answer.Header()["Etag"] = []string{`"1-same"`} }))},
		"If-None-Match is ignored":    {"GetPost/not-modified", "304", always(before("GET", "/posts/", ignoring("If-None-Match")))},
		"If-Match is ignored":         {"UpdatePost/stale", "412", always(before("PUT", "/posts/", ignoring("If-Match")))},
		"If-Match is, when deleting":  {"DeletePost/stale", "412", always(before("DELETE", "/posts/", ignoring("If-Match")))},
		"weak tags match nothing":     {"UpdatePost/behind-a-proxy", "200", always(before("PUT", "/posts/", weakMatchesNothing))},
		"nothing is there":            {"DeletePost/if-none-match", "412", always(before("DELETE", "/posts/", ignoring("If-None-Match")))},
		"empty patches are edits":     {"PatchPost/empty", "304", always(before("PATCH", "/posts/", func(e *exchange) { e.replaceSent(`{}`, `{"published":true}`) }))},
		"accounts have any tag":       {"DeleteCurrentUser/if-match", "412", always(before("DELETE", "/users/me", ignoring("If-Match")))},
		"empty chunks are a body":     {"Logout/empty-chunked", "204", always(before("POST", "/logout", func(e *exchange) { e.Header.Set("Content-Encoding", "chunked") }))},
		"files are refused":           {"Login/unknown-file", "415", always(before("POST", "/login", refusesFiles))},
		"semicolons are refused":      {"ListPosts/semicolon", "400", always(before("GET", "/posts", func(e *exchange) { e.URL.RawQuery = strings.ReplaceAll(e.URL.RawQuery, ";", "%zz") }))},
		"lower case is refused":       {"ListPosts/lower-case-time", "422", always(before("GET", "/posts", func(e *exchange) { e.URL.RawQuery = strings.ReplaceAll(e.URL.RawQuery, "09:30:00z", "09:30:00") }))},
		"NUL in secrets is taken":     {"Login/nul", "422", always(before("POST", "/login", func(e *exchange) { e.replaceSent("client_secret=%00", "client_secret=") }))},
		"times are short":             {"GetPost/reads", "created_at", always(after("GET", "/posts/", func(e *exchange) { e.edit(func(o map[string]any) { o["created_at"] = "2026-11-24T09:30:00.5Z" }) }))},
		"null is taken for absent":    {"PatchPost/null", "422", always(before("PATCH", "/posts/", func(e *exchange) { e.sent = regexp.MustCompile(`"\w+":null`).ReplaceAllString(e.sent, "") }))},
		"votes count twice":           {"VoteForPost/counts-once", "votes: 1", countsEveryVote},
		"repeats are done again":      {"CreatePost/idempotent", "Idempotency-Replayed", always(before("POST", "/posts", ignoring("Idempotency-Key")))},
		"a key takes any body":        {"CreatePost/idempotency-key", "idempotency_key_reused", always(takesAnyBody)},
		"the next page is not linked": {"ListPosts/pages", "each once", always(after("GET", "/posts", without("Link")))},
		"a row comes twice":           {"ListPosts/pages", "each once", always(after("GET", "/posts", repeatsRow))},
		"links lead elsewhere":        {"ListPosts/pages", "same server", always(after("GET", "/posts", linksElsewhere))},
		"limits are ignored":          {"ListPosts/pages", "2 posts", always(before("GET", "/posts", ignoringQuery("limit")))},
		"cursors are ignored":         {"ListPosts/cursor", "422", always(before("GET", "/posts", ignoringQuery("cursor")))},
		"the order is ignored":        {"ListPosts/order", "oldest first", always(before("GET", "/posts", ignoringQuery("order")))},
		"the author is ignored":       {"ListPosts/filters", "nobody", always(before("GET", "/posts", ignoringQuery("author")))},
		"the search is ignored":       {"ListPosts/search", "hits", always(before("GET", "/posts", ignoringQuery("search")))},
		"parameters are ignored":      {"ListPosts/unknown-parameter", "422", always(before("GET", "/posts", ignoringQuery("conformance")))},
	}
}

// answersWithoutActing is a service that says that it has done what it has not.
func answersWithoutActing(method, prefix string) func(*exchange) {
	return func(e *exchange) {
		if !e.matches(method, prefix) {
			e.forward()
			return
		}
		e.Method, e.URL.Path, e.URL.RawQuery, e.sent = "GET", "/healthz", "", ""
		e.forward()
		e.answer.Code = http.StatusNoContent
		e.answer.Header().Del("Content-Type")
		e.answer.Body.Reset()
	}
}

func weakMatchesNothing(e *exchange) {
	if strings.HasPrefix(e.Header.Get("If-Match"), "W/") {
		e.Header.Set("If-Match", `"none"`)
	}
}

func refusesFiles(e *exchange) {
	if strings.Contains(e.sent, "filename=") {
		e.Header.Set("Content-Type", "text/plain")
	}
}

func redirects(e *exchange) {
	e.forward()
	if path := strings.TrimSuffix(e.URL.Path, "/"); path != e.URL.Path {
		e.answer.Code = http.StatusMovedPermanently
		e.answer.Header().Set("Location", path)
	}
}

// knownTo tells whether the account exists, which a sign-up with its address would be told.
func knownTo(e *exchange) bool {
	sent := e.sent
	defer func() { e.sent = sent }()
	email := regexp.MustCompile(`username=([^&]*)`).FindStringSubmatch(sent)[1]
	probe := &exchange{Request: e.Request.Clone(e.Context()), next: e.next}
	probe.URL.Path, probe.sent = "/users", `{"email":"`+strings.ReplaceAll(email, "%40", "@")+`","password":"Pw-KJHKJHKJSDH"}`
	probe.Header.Set("Content-Type", "application/json")
	probe.forward()
	return probe.answer.Code == http.StatusConflict
}

var sentRefresh = regexp.MustCompile(`refresh_token=([^&]*)$`)

func keepsRefreshToken(e *exchange) {
	e.forward()
	if sent := sentRefresh.FindStringSubmatch(e.sent); sent != nil && e.matches("POST", "/token") && e.answer.Code == 200 {
		e.edit(func(o map[string]any) { o["refresh_token"] = sent[1] })
	}
}

// refreshesForever answers any refresh with the last good answer.
func refreshesForever() func(*exchange) {
	var last []byte
	return after("POST", "/token", func(e *exchange) {
		if e.answer.Code == 200 {
			last = bytes.Clone(e.answer.Body.Bytes())
		} else if last != nil {
			e.respond(200, "application/json", string(last))
		}
	})
}

func firstValue(e *exchange) {
	var value json.RawMessage
	if json.NewDecoder(strings.NewReader(e.sent)).Decode(&value) == nil {
		e.sent = string(value)
	}
}

func failsOnNUL(e *exchange) {
	if strings.Contains(e.sent, `\u0000`) {
		e.respond(500, "application/problem+json", `{"type":"/problems/internal","title":"Internal Server Error","status":500,"detail":"x",`+
			`"code":"internal","request_id":"`+e.answer.Header().Get("X-Request-Id")+`"}`)
	}
}

// leaksDrafts shows any post as its author was shown it.
func leaksDrafts() func(*exchange) {
	shown := map[string]string{}
	return func(e *exchange) {
		e.forward()
		switch {
		case e.matches("POST", "/posts") && e.answer.Code == 201:
			shown[e.answer.Header().Get("Location")] = e.answer.Body.String()
		case e.matches("GET", "/posts/") && shown[e.URL.Path] != "" && e.answer.Code == 404:
			e.answer.Header().Set("ETag", `"1-x"`)
			e.answer.Header().Set("Vary", "Authorization")
			e.respond(200, "application/json", shown[e.URL.Path])
		}
	}
}

// admitsDrafts says of a draft what it does not say of nothing.
func admitsDrafts() func(*exchange) {
	made := map[string]bool{}
	return func(e *exchange) {
		e.forward()
		switch {
		case e.matches("POST", "/posts"):
			made[e.answer.Header().Get("Location")] = true
		case e.matches("GET", "/posts/") && made[e.URL.Path] && e.answer.Code == 404:
			e.replace("There is no such post.", "There is no such post for you.")
		}
	}
}

// anybodyEdits takes everybody for the author.
func anybodyEdits() func(*exchange) {
	author := ""
	return func(e *exchange) {
		if e.matches("POST", "/posts") && author == "" {
			author = e.Header.Get("Authorization")
		}
		if e.matches("PUT", "/posts/") && author != "" {
			e.Header.Set("Authorization", author)
		}
		e.forward()
	}
}

func countsEveryVote() func(*exchange) {
	votes := 0
	return func(e *exchange) {
		e.forward()
		switch {
		case e.matches("PUT", "/posts/") && strings.HasSuffix(e.URL.Path, "/vote"):
			votes++
		case e.matches("GET", "/posts/"):
			e.edit(func(o map[string]any) { o["votes"] = votes })
		}
	}
}

// takesAnyBody replays whatever a key was sent with.
func takesAnyBody(e *exchange) {
	e.forward()
	if e.matches("POST", "/posts") && strings.Contains(e.answer.Body.String(), "idempotency_key_reused") {
		e.Header.Del("Idempotency-Key")
		e.forward()
	}
}

// repeatsRow begins each page but the first with the row that it ends with.
func repeatsRow(e *exchange) {
	var rows []any
	if e.URL.Query().Get("cursor") == "" || json.Unmarshal(e.answer.Body.Bytes(), &rows) != nil || len(rows) < 2 {
		return
	}
	rows[0] = rows[len(rows)-1]
	text, _ := json.Marshal(rows)
	e.answer.Body = bytes.NewBuffer(text)
}

func linksElsewhere(e *exchange) {
	if link := e.answer.Header().Get("Link"); link != "" {
		e.answer.Header().Set("Link", strings.ReplaceAll(link, "</", "<https://elsewhere.example/"))
	}
}
