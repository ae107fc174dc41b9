package conformance_test

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// mutant describes a fault and the case that must find it.
type mutant struct {
	caseName   string
	wantReport string // part of the report
	fault      func() func(*exchange)
}

// stateless returns the constructor of a fault that keeps no state.
func stateless(fault func(*exchange)) func() func(*exchange) {
	return func() func(*exchange) { return fault }
}

const html = "<!DOCTYPE html><title>Error</title>"

func mutants() map[string]mutant {
	return map[string]mutant{
		"another status": {"CreatePost/publishes", "200", stateless(mutateAnswer("POST", "/posts", func(e *exchange) { e.answer.Code = 200 }))},
		"a token without exp": {"Login/lesson", "the claim exp", stateless(mutateAnswer("POST", "/login", func(e *exchange) {
			e.editMembers(func(o map[string]any) { o["access_token"] = "e30.eyJ1c2VyX2lkIjoxfQ.c2lnbmF0dXJl" })
		}))},
		"unknown addresses are revealed": {"RequestPasswordReset/any-address", "the headers", func() func(*exchange) {
			asked := 0
			return mutateAnswer("POST", "/password-resets", func(e *exchange) {
				if asked++; asked == 2 {
					e.answer.Header().Set("X-Mail", "none")
				}
			})
		}},
		"a token from a mail is not checked": {"CompletePasswordReset/bad-token", "invalid_email_token", stateless(mutateAnswer("POST", "/password-resets/complete", func(e *exchange) {
			e.answer.Code = http.StatusNoContent
			e.answer.Body.Reset()
			e.answer.Header().Del("Content-Type")
		}))},
		"an address is changed without a link": {"ChangeEmail/waits-for-the-link", "the present address", func() func(*exchange) {
			changed := false
			return func(e *exchange) {
				e.forward()
				changed = changed || e.matches("PUT", "/users/me/email")
				if changed && e.matches("GET", "/users/me") {
					e.editMembers(func(o map[string]any) { o["email"] = "other@example.com" })
				}
			}
		}},
		"no Location": {"CreateUser/creates", "Location", stateless(mutateAnswer("POST", "/users", dropHeader("Location")))},
		"an additional member": {"GetUser/reads", "/email is not in the contract", stateless(mutateAnswer("GET", "/users/", func(e *exchange) {
			e.editMembers(func(o map[string]any) { o["email"] = "ada@example.com" })
		}))},
		"a missing member": {"GetPost/reads", "votes", stateless(mutateAnswer("GET", "/posts/", func(e *exchange) {
			e.editMembers(func(o map[string]any) { delete(o, "votes") })
		}))},
		"a member of another type": {"GetPost/reads", "version", stateless(mutateAnswer("GET", "/posts/", func(e *exchange) {
			e.editMembers(func(o map[string]any) { o["version"] = "1" })
		}))},
		"another media type": {"GetHealth/alive", "text/plain", stateless(mutateAnswer("GET", "/healthz", func(e *exchange) {
			e.answer.Header().Set("Content-Type", "text/plain")
		}))},
		"no request identifier":  {"GetHealth/alive", "X-Request-Id", stateless(mutateAnswer("GET", "/", dropHeader("X-Request-Id")))},
		"one request identifier": {"Any/request-id", "X-Request-Id", stateless(mutateAnswer("GET", "/", func(e *exchange) { e.answer.Header().Set("X-Request-Id", "same") }))},
		"no security header":     {"GetHealth/alive", "X-Content-Type-Options", stateless(mutateAnswer("GET", "/", dropHeader("X-Content-Type-Options")))},
		"HTML errors":            {"Any/unknown-path", "text/html", stateless(mutateAnswer("GET", "/conformance", func(e *exchange) { e.respond(404, "text/html", html) }))},
		"405 without Allow":      {"Any/methods", "Allow", stateless(mutateAnswer("DELETE", "/", dropHeader("Allow")))},
		"a redirect":             {"Any/trailing-slash", "301", stateless(redirects)},
		"a missing operation":    {"Any/description", "ListOwnPosts", stateless(mutateAnswer("GET", "/openapi.json", func(e *exchange) { e.replaceInBody("ListOwnPosts", "ListMyPosts") }))},
		"pages of other hosts": {"Any/docs", "https://cdn.example", stateless(mutateAnswer("GET", "/docs", func(e *exchange) {
			e.answer.Header().Set("Content-Security-Policy", "script-src 'self' https://cdn.example")
		}))},
		"a page at the root": {"Any/root", "200", stateless(mutateAnswer("GET", "/", func(e *exchange) {
			if e.URL.Path == "/" {
				e.answer.Code = http.StatusSeeOther
			}
		}))},
		"a private key": {"GetKeys/public", "", stateless(mutateAnswer("GET", "/.well-known", func(e *exchange) {
			e.editMembers(func(o map[string]any) { o["keys"] = []any{map[string]any{"kty": "oct", "k": "c2VjcmV0"}} })
		}))},
		"another detail": {"GetCurrentUser/no-token", "Not authenticated", stateless(mutateAnswer("GET", "/users/me", func(e *exchange) {
			e.replaceInBody("Not authenticated", "Unauthenticated")
		}))},
		"no challenge":      {"GetCurrentUser/no-token", "WWW-Authenticate", stateless(mutateAnswer("GET", "/users/me", dropHeader("WWW-Authenticate")))},
		"another challenge": {"GetCurrentUser/bad-token", "invalid_token", stateless(mutateAnswer("GET", "/users/me", func(e *exchange) { e.answer.Header()["Www-Authenticate"] = []string{"Bearer"} }))},
		"unknown users are revealed": {"Login/wrong-credentials", "Invalid Credentials", stateless(mutateAnswer("POST", "/login", func(e *exchange) {
			if !strings.Contains(e.sent, "wrong") || accountExists(e) {
				return
			}
			e.replaceInBody("Invalid Credentials", "Invalid Credentials ")
		}))},
		"logins are throttled": {"Login/form", "throttles", stateless(mutateAnswer("POST", "/login", func(e *exchange) {
			e.answer.Header().Set("Retry-After", "7")
			e.answer.Header().Set("RateLimit", `"login";r=0;t=7`)
			e.answer.Header().Set("RateLimit-Policy", `"login";q=5;w=86400`)
			e.respond(429, "application/problem+json", `{"type":"/problems/quota_exceeded","title":"Too Many Requests","status":429,"detail":"x",`+
				`"code":"quota_exceeded","request_id":"`+e.answer.Header().Get("X-Request-Id")+`"}`)
		}))},
		"tokens may be cached":             {"Login/form", "no-store", stateless(mutateAnswer("POST", "/login", func(e *exchange) { e.answer.Header().Set("Cache-Control", "public, max-age=60") }))},
		"refresh tokens never change":      {"CreateToken/refresh", "another refresh token", stateless(keepsRefreshToken)},
		"used refresh tokens are accepted": {"CreateToken/reuse", "400", refreshesForever},
		"wrong OAuth errors":               {"CreateToken/errors", "invalid_request", stateless(mutateAnswer("POST", "/token", func(e *exchange) { e.replaceInBody("invalid_request", "invalid_grant") }))},
		"sessions do not end":              {"EndSession/ends", "401", stateless(answersWithoutActing("DELETE", "/sessions/"))},
		"others do not end":                {"EndOtherSessions/ends", "401", stateless(answersWithoutActing("DELETE", "/sessions"))},
		"log-outs do nothing":              {"Logout/by-access-token", "401", stateless(answersWithoutActing("POST", "/logout"))},
		"passwords do not change":          {"ChangePassword/changes", "401", stateless(answersWithoutActing("PUT", "/users/me/password"))},
		"accounts stay":                    {"DeleteCurrentUser/deletes", "401", stateless(answersWithoutActing("DELETE", "/users/me"))},
		"exports are cut off": {"ExportAccount/exports", "a last line of type end", stateless(mutateAnswer("GET", "/users/me/export", func(e *exchange) {
			lines := bytes.SplitAfter(e.answer.Body.Bytes(), []byte("\n"))
			e.answer.Body = bytes.NewBuffer(bytes.Join(lines[:len(lines)-2], nil))
		}))},
		"exports lack drafts": {"ExportAccount/exports", "a line for each item", stateless(mutateAnswer("GET", "/users/me/export", func(e *exchange) {
			draft := regexp.MustCompile(`.*"published":false.*\n`)
			lines := bytes.Count(e.answer.Body.Bytes(), []byte("\n")) - 1
			e.answer.Body = bytes.NewBuffer(draft.ReplaceAll(e.answer.Body.Bytes(), nil))
			e.replaceInBody(fmt.Sprintf(`"lines":%d`, lines), fmt.Sprintf(`"lines":%d`, bytes.Count(e.answer.Body.Bytes(), []byte("\n"))-1))
		}))},
		"addresses are lower-cased": {"CreateUser/creates", "email", stateless(mutateAnswer("POST", "/users", func(e *exchange) {
			e.editMembers(func(o map[string]any) {
				if email, ok := o["email"].(string); ok {
					o["email"] = strings.ToLower(email)
				}
			})
		}))},
		"unknown members are accepted": {"CreateUser/fields", "201", stateless(mutateRequest("POST", "/users", func(e *exchange) {
			e.sent = strings.ReplaceAll(e.sent, `,"role":"canary"`, "")
		}))},
		"values are repeated": {"CreatePost/sends-nothing-back", "repeat", stateless(mutateAnswer("POST", "/posts", func(e *exchange) {
			e.editMembers(func(o map[string]any) { o["detail"] = "not valid: " + e.sent[:min(len(e.sent), 400)] })
		}))},
		"trailing JSON is accepted":          {"CreatePost/trailing-text", "400", stateless(mutateRequest("POST", "/posts", firstValue))},
		"NUL causes an error":                {"CreatePost/fields", "500", stateless(mutateAnswer("POST", "/posts", failsOnNUL))},
		"encodings are ignored":              {"CreatePost/content-encoding", "415", stateless(mutateRequest("POST", "/posts", ignoreHeader("Content-Encoding")))},
		"text is trimmed":                    {"CreatePost/text", "as it was sent", stateless(mutateRequest("POST", "/posts", func(e *exchange) { e.sent = regexp.MustCompile(`:" +`).ReplaceAllString(e.sent, `:"`) }))},
		"text is normalised":                 {"CreatePost/text", "as it was sent", stateless(mutateRequest("POST", "/posts", func(e *exchange) { e.sent = norm.NFC.String(e.sent) }))},
		"drafts leak":                        {"GetPost/draft-is-hidden", "404", leaksDrafts},
		"drafts are revealed":                {"GetPost/draft-is-hidden", "404", revealsDrafts},
		"drafts may be cached":               {"GetPost/draft-is-hidden", "no-store", stateless(mutateAnswer("GET", "/posts/", func(e *exchange) { e.answer.Header().Set("Cache-Control", "no-cache") }))},
		"anyone may edit":                    {"UpdatePost/of-another", "403", anyoneEdits},
		"ETags never change":                 {"GetPost/not-modified", "", stateless(mutateAnswer("GET", "/posts/", func(e *exchange) { e.answer.Header()["Etag"] = []string{`"1-same"`} }))},
		"If-None-Match is ignored":           {"GetPost/not-modified", "304", stateless(mutateRequest("GET", "/posts/", ignoreHeader("If-None-Match")))},
		"If-Match is ignored":                {"UpdatePost/stale", "412", stateless(mutateRequest("PUT", "/posts/", ignoreHeader("If-Match")))},
		"If-Match is ignored in DELETE":      {"DeletePost/stale", "412", stateless(mutateRequest("DELETE", "/posts/", ignoreHeader("If-Match")))},
		"weak tags match nothing":            {"UpdatePost/behind-a-proxy", "200", stateless(mutateRequest("PUT", "/posts/", weakMatchesNothing))},
		"If-None-Match is ignored in DELETE": {"DeletePost/if-none-match", "412", stateless(mutateRequest("DELETE", "/posts/", ignoreHeader("If-None-Match")))},
		"empty patches are edits":            {"PatchPost/empty", "304", stateless(mutateRequest("PATCH", "/posts/", func(e *exchange) { e.replaceInRequest(`{}`, `{"published":true}`) }))},
		"accounts match any tag":             {"DeleteCurrentUser/if-match", "412", stateless(mutateRequest("DELETE", "/users/me", ignoreHeader("If-Match")))},
		"empty chunked bodies are rejected":  {"Logout/empty-chunked", "204", stateless(mutateRequest("POST", "/logout", func(e *exchange) { e.Header.Set("Content-Encoding", "chunked") }))},
		"files are rejected":                 {"Login/unknown-file", "415", stateless(mutateRequest("POST", "/login", refusesFiles))},
		"semicolons are rejected":            {"ListPosts/semicolon", "400", stateless(mutateRequest("GET", "/posts", func(e *exchange) { e.URL.RawQuery = strings.ReplaceAll(e.URL.RawQuery, ";", "%zz") }))},
		"lower-case times are rejected":      {"ListPosts/lower-case-time", "422", stateless(mutateRequest("GET", "/posts", func(e *exchange) { e.URL.RawQuery = strings.ReplaceAll(e.URL.RawQuery, "09:30:00z", "09:30:00") }))},
		"NUL in secrets is accepted":         {"Login/nul", "422", stateless(mutateRequest("POST", "/login", func(e *exchange) { e.replaceInRequest("client_secret=%00", "client_secret=") }))},
		"times have one fraction digit": {"GetPost/reads", "created_at", stateless(mutateAnswer("GET", "/posts/", func(e *exchange) {
			e.editMembers(func(o map[string]any) { o["created_at"] = "2026-11-24T09:30:00.5Z" })
		}))},
		"null counts as absent":          {"PatchPost/null", "422", stateless(mutateRequest("PATCH", "/posts/", func(e *exchange) { e.sent = regexp.MustCompile(`"\w+":null`).ReplaceAllString(e.sent, "") }))},
		"votes count twice":              {"VoteForPost/counts-once", "votes: 1", countsEveryVote},
		"repeated requests are executed": {"CreatePost/idempotent", "Idempotency-Replayed", stateless(mutateRequest("POST", "/posts", ignoreHeader("Idempotency-Key")))},
		"a key accepts any body":         {"CreatePost/idempotency-key", "idempotency_key_reused", stateless(acceptsAnyBody)},
		"the next page is not linked":    {"ListPosts/pages", "each once", stateless(mutateAnswer("GET", "/posts", dropHeader("Link")))},
		"a row is repeated":              {"ListPosts/pages", "each once", stateless(mutateAnswer("GET", "/posts", repeatsRow))},
		"links lead elsewhere":           {"ListPosts/pages", "same server", stateless(mutateAnswer("GET", "/posts", linksElsewhere))},
		"limits are ignored":             {"ListPosts/pages", "2 posts", stateless(mutateRequest("GET", "/posts", ignoreQuery("limit")))},
		"cursors are ignored":            {"ListPosts/cursor", "422", stateless(mutateRequest("GET", "/posts", ignoreQuery("cursor")))},
		"the order is ignored":           {"ListPosts/order", "oldest first", stateless(mutateRequest("GET", "/posts", ignoreQuery("order")))},
		"the author is ignored":          {"ListPosts/filters", "nobody", stateless(mutateRequest("GET", "/posts", ignoreQuery("author")))},
		"the search is ignored":          {"ListPosts/search", "hits", stateless(mutateRequest("GET", "/posts", ignoreQuery("search")))},
		"parameters are ignored":         {"ListPosts/unknown-parameter", "422", stateless(mutateRequest("GET", "/posts", ignoreQuery("conformance")))},
	}
}
