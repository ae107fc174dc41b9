//go:build bench

package bench

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// load is the load generator, which runs in its own process.
type load struct {
	b      *testing.B
	binary string
}

func newLoad(b *testing.B) load {
	b.Helper()
	command := exec.Command("go", "tool", "-modfile=tools.mod", "-n", "vegeta")
	command.Dir = root
	output, err := command.Output()
	require.NoError(b, err)
	return load{b, strings.TrimSpace(string(output))}
}

// target is a request, in the format of the load generator.
type target struct {
	Method string      `json:"method"`
	URL    string      `json:"url"`
	Body   string      `json:"body,omitempty"` // base64
	Header http.Header `json:"header"`
}

// report is the result of a run, in the format of the load generator.
type report struct {
	Requests    int            `json:"requests"`
	Throughput  float64        `json:"throughput"`
	StatusCodes map[string]int `json:"status_codes"`
	Latencies   struct {
		P50 time.Duration `json:"50th"`
		P99 time.Duration `json:"99th"`
	} `json:"latencies"`
}

// attack sends the targets in turn. With a rate of 0, each worker waits for its answer. Otherwise the rate is constant.
func (l load) attack(targets []target, rate, workers int, duration time.Duration) report {
	l.b.Helper()
	var list bytes.Buffer
	for _, t := range targets {
		require.NoError(l.b, json.NewEncoder(&list).Encode(t))
	}
	attack := exec.Command(l.binary, "attack", "-format=json", "-rate="+strconv.Itoa(rate), "-max-workers="+strconv.Itoa(workers),
		"-workers="+strconv.Itoa(min(workers, 64)), "-duration="+duration.String(), "-timeout=30s", "-redirects=-1")
	attack.Stdin = &list
	results, err := attack.Output()
	require.NoError(l.b, err)
	summary := exec.Command(l.binary, "report", "-type=json")
	summary.Stdin = bytes.NewReader(results)
	text, err := summary.Output()
	require.NoError(l.b, err)
	var found report
	require.NoError(l.b, json.Unmarshal(text, &found))
	return found
}

const (
	email    = "ada@example.com"
	password = "correct horse battery staple"
)

// logIn logs in, and returns the header of an authenticated request.
func logIn(b *testing.B, base string) http.Header {
	b.Helper()
	answer, err := http.PostForm(base+"/login", url.Values{"username": {email}, "password": {password}})
	require.NoError(b, err)
	defer func() { _ = answer.Body.Close() }()
	require.Equal(b, http.StatusOK, answer.StatusCode)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	require.NoError(b, json.NewDecoder(answer.Body).Decode(&token))
	return http.Header{"Authorization": {"Bearer " + token.AccessToken}}
}

func signUp(b *testing.B, base string) { signUpAs(b, base, email) }

func signUpAs(b *testing.B, base, email string) {
	b.Helper()
	answer, err := http.Post(base+"/users", "application/json", strings.NewReader(`{"email":"`+email+`","password":"`+password+`"}`))
	require.NoError(b, err)
	_ = answer.Body.Close()
	require.Equal(b, http.StatusCreated, answer.StatusCode)
}

func encode(body string) string { return base64.StdEncoding.EncodeToString([]byte(body)) }
