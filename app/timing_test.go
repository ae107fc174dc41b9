//go:build timing

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	client "example.com/postern/api/client/wire"
)

// TestTimeDoesNotTellWhoHasAnAccount measures how long wrong guesses take, alternately for an account that exists and for accounts that
// do not. Noise may make a round fail. If the service skips the hash for one kind, all rounds fail.
func TestTimeDoesNotTellWhoHasAnAccount(t *testing.T) {
	const rounds, samples = 3, 40
	a := newAttacker(t, launch(t, map[string]string{
		"POSTERN_LOGIN_FREE_TRIES": "100", "POSTERN_LOGIN_TRIES_PER_ADDRESS": "1000000",
		"POSTERN_LOGIN_TRIES_PER_ACCOUNT": "1000000",
	}))
	for round := range rounds {
		email := fmt.Sprintf("known-%d@example.com", round)
		a.signUp(email)
		var known, unknown []time.Duration
		for i := range samples {
			stranger := fmt.Sprintf("other-%d@example.com", round*samples+i)
			if i%2 == 0 {
				known, unknown = append(known, a.timeOf(email)), append(unknown, a.timeOf(stranger))
			} else {
				unknown, known = append(unknown, a.timeOf(stranger)), append(known, a.timeOf(email))
			}
		}
		auc, gap := areaUnderCurve(known, unknown), (median(known) - median(unknown)).Abs()
		t.Logf("round %d: medians %v known, %v unknown; AUC %.2f", round+1, median(known), median(unknown), auc)
		if 0.3 <= auc && auc <= 0.7 || gap < max(time.Millisecond, median(known)*6/100) {
			return
		}
	}
	require.Fail(t, "the time of an answer shows whether there is an account")
}

// TestRevocationDelay reports how long an instance accepts the access token of a session that ended on another instance, and of an
// account that a command has suspended. The limit is tested in the domain, with a fake clock.
func TestRevocationDelay(t *testing.T) {
	for what, c := range map[string]struct {
		rounds int
		end    func(t *testing.T, env map[string]string, s *instance, login *client.Token)
	}{
		"logout": {8, func(t *testing.T, _ map[string]string, s *instance, login *client.Token) { s.end(t, login) }},
		"suspension": {100, func(t *testing.T, env map[string]string, _ *instance, _ *client.Token) {
			command(t, env, "users", "suspend", ada)
		}},
	} {
		t.Run(what, func(t *testing.T) {
			onEveryStore(t, func(t *testing.T, env map[string]string) {
				one, two := pairOn(t, env)
				one.signUp(t, ada)
				var delays []time.Duration
				for range c.rounds {
					command(t, env, "users", "restore", ada)
					login := one.logIn(t, ada, goodPassword)
					require.Equal(t, http.StatusOK, two.me(t, login.AccessToken))
					c.end(t, env, one, login)
					ended := time.Now()
					two.requireRefusedSoon(t, login.AccessToken)
					delays = append(delays, time.Since(ended))
				}
				slices.Sort(delays)
				t.Logf("%s: median %v, worst of %d %v", t.Name(), delays[len(delays)/2], len(delays), delays[len(delays)-1])
			})
		})
	}
}

// timeOf returns the duration of a wrong guess.
func (a attacker) timeOf(email string) time.Duration {
	form := url.Values{"username": {email}, "password": {wrongPassword}}
	began := time.Now()
	answer, err := http.PostForm(a.s.url+"/login", form)
	require.NoError(a.t, err)
	_, err = io.Copy(io.Discard, answer.Body)
	took := time.Since(began)
	require.NoError(a.t, err)
	require.NoError(a.t, answer.Body.Close())
	require.Equal(a.t, http.StatusForbidden, answer.StatusCode)
	return took
}

// areaUnderCurve returns the probability that a random sample of x is greater than one of y (Mann and Whitney's U divided by the number
// of pairs). It is 0.5 if the two have the same distribution.
func areaUnderCurve(x, y []time.Duration) float64 {
	wins := 0.0
	for _, a := range x {
		for _, b := range y {
			switch {
			case a > b:
				wins++
			case a == b:
				wins += 0.5
			}
		}
	}
	return wins / float64(len(x)*len(y))
}

func median(samples []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[len(sorted)/2]
}
