//go:build mail

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	killRounds = flag.Int("rounds", 5, "how often the service is killed on each store")
	killSeed   = flag.Uint64("seed", 1, "the seed of the moments at which the service is killed")
)

// TestMailsSurviveKills kills the service with SIGKILL at random moments, while clients sign up and ask for resets. Each
// acknowledged request must lead to its mail. A mail may come twice only if a kill came between sending it and deleting it
// from the outbox.
func TestMailsSurviveKills(t *testing.T) {
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		sink := serveSink(t, listener)
		maps.Copy(env, map[string]string{
			"POSTERN_ADDR": "127.0.0.1:0", "POSTERN_SMTP_URL": sink.url, "POSTERN_MAIL_FROM": "postern@example.com",
			"POSTERN_SIGNUPS_PER_ADDRESS": "1000000", "POSTERN_MAILS_PER_ADDRESS": "1000000",
		})
		if env["POSTERN_DATA_DIR"] == "" {
			env["POSTERN_DATA_DIR"] = t.TempDir()
		}
		var environ []string
		for name, value := range env {
			environ = append(environ, name+"="+value)
		}
		random := rand.New(rand.NewPCG(*killSeed, 0))
		load := &mailLoad{wanted: map[string]bool{}}
		for round := range *killRounds {
			command, s := spawn(t, environ...)
			ctx, stop := context.WithCancel(t.Context())
			var clients sync.WaitGroup
			for client := range 4 {
				clients.Go(func() { load.run(ctx, s.url, fmt.Sprintf("r%d-c%d", round, client)) })
			}
			target := load.count() + 1 + random.IntN(12)
			require.Eventually(t, func() bool { return load.count() >= target }, time.Minute, time.Millisecond)
			time.Sleep(time.Duration(random.IntN(int(100 * time.Millisecond)))) // the moment of the kill; no outcome depends on it
			require.NoError(t, command.Process.Kill())
			_ = command.Wait() // it was killed
			stop()
			clients.Wait()
			releaseClaims(t, env)
		}

		command, _ := spawn(t, environ...)
		require.Eventually(t, func() bool {
			return ask(t, env, "SELECT count(*) FROM outbox") == 0
		}, time.Minute, 20*time.Millisecond)
		require.NoError(t, command.Process.Signal(os.Interrupt))
		require.NoError(t, command.Wait())

		mails, duplicates := sink.seen()
		for wanted := range load.wanted {
			require.Contains(t, mails, wanted)
		}
		t.Logf("%d kills: %d requests acknowledged, %d mails, %d duplicates", *killRounds, len(load.wanted), len(mails), duplicates)
		require.LessOrEqual(t, duplicates, *killRounds, "mails that came again")
		require.GreaterOrEqual(t, len(load.wanted), *killRounds, "the test must ask for mails")
	})
}

// releaseClaims ends the claims of the killed process now, instead of after two minutes.
func releaseClaims(t *testing.T, env map[string]string) {
	t.Helper()
	ask(t, env, "UPDATE outbox SET claimed_until = NULL WHERE claimed_until IS NOT NULL RETURNING 1")
}

// mailLoad signs up and asks for resets, and remembers what was acknowledged.
type mailLoad struct {
	mu      sync.Mutex
	wanted  map[string]bool // "subject to address" of each mail
	pending []string        // addresses with an account that have not asked for a reset; each asks once, so no mail replaces another
}

// run sends requests until ctx ends or the service is gone.
func (l *mailLoad) run(ctx context.Context, url, name string) {
	for i := 0; ctx.Err() == nil; i++ {
		email := fmt.Sprintf("%s-%d@example.com", name, i)
		status, ok := post(ctx, url+"/users", fmt.Sprintf(`{"email":%q,"password":%q}`, email, goodPassword))
		if !ok {
			return
		}
		if status == http.StatusCreated {
			l.acknowledged("Confirm your e-mail address", email)
		}
		email, found := l.take()
		if !found {
			continue
		}
		if status, ok = post(ctx, url+"/password-resets", fmt.Sprintf(`{"email":%q}`, email)); !ok {
			return
		}
		if status == http.StatusAccepted {
			l.acknowledged("Set a new password", email)
		}
	}
}

func (l *mailLoad) acknowledged(subject, email string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wanted[subject+" to "+email] = true
	if strings.HasPrefix(subject, "Confirm") {
		l.pending = append(l.pending, email)
	}
}

func (l *mailLoad) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.wanted)
}

func (l *mailLoad) take() (email string, found bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) == 0 {
		return "", false
	}
	email, l.pending = l.pending[0], l.pending[1:]
	return email, true
}

// post returns the status of an answer that was read whole.
func post(ctx context.Context, url, body string) (status int, ok bool) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return 0, false
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, false
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err == nil
}
