package conformance_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
)

// recorder records requests and answers.
type recorder struct {
	mu        sync.Mutex
	exchanges []exchangeRecord
}

type exchangeRecord struct {
	method, path, sent string
	header             http.Header
	status             int
	answered           string
}

func (r *recorder) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		sent, _ := io.ReadAll(q.Body)
		q.Body = io.NopCloser(bytes.NewReader(sent))
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, q)
		r.mu.Lock()
		r.exchanges = append(r.exchanges, exchangeRecord{q.Method, q.URL.Path, string(sent), q.Header, answer.Code, answer.Body.String()})
		r.mu.Unlock()
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

func (r *recorder) count(method, path string, status int) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.exchanges {
		if e.method == method && e.path == path && e.status == status {
			n++
		}
	}
	return n
}

// failedLogins returns the number of rejected passwords.
func (r *recorder) failedLogins() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.exchanges {
		if e.status >= http.StatusBadRequest && strings.Contains(e.answered, "invalid_credentials") {
			n++
		}
	}
	return n
}

// secrets returns all accepted passwords and issued tokens.
func (r *recorder) secrets() (all []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.exchanges {
		if e.status >= http.StatusBadRequest {
			continue
		}
		var sent struct {
			Password    string `json:"password"`
			NewPassword string `json:"new_password"`
		}
		var got struct {
			AccessToken  string `json:"access_token"`
			RefreshToken string `json:"refresh_token"`
		}
		_ = json.Unmarshal([]byte(e.sent), &sent)
		_ = json.Unmarshal([]byte(e.answered), &got)
		form, _ := url.ParseQuery(e.sent)
		for _, secret := range []string{sent.Password, sent.NewPassword, got.AccessToken, got.RefreshToken, form.Get("password")} {
			if secret != "" {
				all = append(all, secret)
			}
		}
	}
	return all
}
