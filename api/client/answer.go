package client

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// decode reads an answer of the generated client. It returns the body of a success, and otherwise the Problem.
func decode[T any](resp *http.Response, err error) (*T, error) {
	body, err := readBody(resp, err)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 || !isJSON(resp) {
		return nil, ProblemOf(resp, body)
	}
	value := new(T)
	if err := json.Unmarshal(body, value); err != nil {
		return nil, fmt.Errorf("client: the answer %d is not valid: %w", resp.StatusCode, err)
	}
	return value, nil
}

// noContent reads an answer of the generated client. It returns nil for 204, and for 202 without a body, and otherwise the
// Problem.
func noContent(resp *http.Response, err error) error {
	body, err := readBody(resp, err)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusNoContent && (resp.StatusCode != http.StatusAccepted || len(body) > 0) {
		return ProblemOf(resp, body)
	}
	return nil
}

func readBody(resp *http.Response, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// ProblemOf returns the problem in an error answer, with its body. Answers of Raw need it. If the answer is not a problem
// document, Code is empty and Detail says so.
func ProblemOf(resp *http.Response, body []byte) *Problem {
	p := &Problem{}
	if !isJSON(resp) || json.Unmarshal(body, p) != nil || p.Code == "" {
		*p = Problem{Title: http.StatusText(resp.StatusCode), Detail: foreign(resp)}
	}
	p.Status = int32(resp.StatusCode)
	p.RetryAfter = retryAfter(resp.Header)
	if p.RequestID == "" {
		p.RequestID = resp.Header.Get("X-Request-Id")
	}
	return p
}

// foreign describes an answer that Postern does not give.
func foreign(resp *http.Response) string {
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		return "The answer is an HTML page, so a proxy or another server sent it. Check the base URL."
	}
	return "The answer is not from Postern. Check the base URL and the proxies on the way."
}

func isJSON(resp *http.Response) bool {
	return strings.Contains(resp.Header.Get("Content-Type"), "json")
}

// retryAfter reads Retry-After (RFC 9110, section 10.2.3): seconds or a date. It returns 0 if the header is missing or invalid.
func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}
