package conformance_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
)

// answersWithoutActing answers 204 without executing the request.
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

// accountExists reports whether an account with the address exists. It tries to sign up.
func accountExists(e *exchange) bool {
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
		e.editMembers(func(o map[string]any) { o["refresh_token"] = sent[1] })
	}
}

// refreshesForever answers every failed refresh with the last successful answer.
func refreshesForever() func(*exchange) {
	var last []byte
	return mutateAnswer("POST", "/token", func(e *exchange) {
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

// leaksDrafts shows drafts to everyone.
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

// revealsDrafts answers differently for a draft and for a post that does not exist.
func revealsDrafts() func(*exchange) {
	made := map[string]bool{}
	return func(e *exchange) {
		e.forward()
		switch {
		case e.matches("POST", "/posts"):
			made[e.answer.Header().Get("Location")] = true
		case e.matches("GET", "/posts/") && made[e.URL.Path] && e.answer.Code == 404:
			e.replaceInBody("There is no such post.", "There is no such post for you.")
		}
	}
}

// anyoneEdits treats every caller as the author.
func anyoneEdits() func(*exchange) {
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
			e.editMembers(func(o map[string]any) { o["votes"] = votes })
		}
	}
}

// acceptsAnyBody accepts a key again with another body.
func acceptsAnyBody(e *exchange) {
	e.forward()
	if e.matches("POST", "/posts") && strings.Contains(e.answer.Body.String(), "idempotency_key_reused") {
		e.Header.Del("Idempotency-Key")
		e.forward()
	}
}
