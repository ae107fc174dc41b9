package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"example.com/postern/api/client"
)

var lost = answer{err: errors.New("connection reset")}

// read returns a body as text.
func read(body io.Reader) string {
	if body == nil {
		return ""
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// ok is an answer in JSON.
func ok(status int, body string) answer {
	return answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: body}
}

// problem is an answer with a problem document, and with Retry-After if that is not empty.
func problem(status int, code client.ProblemCode, retryAfter string) answer {
	header := http.Header{"Content-Type": {"application/problem+json"}}
	if retryAfter != "" {
		header.Set("Retry-After", retryAfter)
	}
	body := fmt.Sprintf(`{"status":%d,"code":%q,"detail":"No.","request_id":"R1"}`, status, code)
	return answer{status: status, header: header, body: body}
}

// tokens is an answer with new tokens.
func tokens(access, refresh string) answer {
	return ok(200, fmt.Sprintf(`{"access_token":%q,"refresh_token":%q,"token_type":"bearer","expires_in":1800}`, access, refresh))
}

const aPost = `{"id":1,"etag":"\"1-a\"","title":"t","content":"c","published":true,"owner_id":1,"owner":{"id":1,"name":null},"votes":0,"version":1,` +
	`"created_at":"2026-11-24T09:30:00Z","updated_at":"2026-11-24T09:30:00Z","published_at":"2026-11-24T09:30:00Z"}`
