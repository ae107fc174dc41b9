//go:build timing

package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	client "example.com/postern/api/client/wire"
)

// TestTimeDoesNotTellWhoHasAnAccount measures how long wrong guesses take, alternately for an account that exists and for
// accounts that do not.
func TestTimeDoesNotTellWhoHasAnAccount(t *testing.T) {
	const rounds, samples = 3, 40
	a := newAttacker(t, launch(t, map[string]string{
		"POSTERN_LOGIN_FREE_TRIES": "100", "POSTERN_LOGIN_TRIES_PER_ADDRESS": "1000000",
		"POSTERN_LOGIN_TRIES_PER_ACCOUNT": "1000000",
	}))
	requireSameTimes(t, rounds, samples, a.timeOf, func(round int) string {
		email := fmt.Sprintf("known-%d@example.com", round)
		a.signUp(email)
		return email
	}, func(round, i int) string { return fmt.Sprintf("other-%d-%d@example.com", round, i) })
}

// requireSameTimes measures a request in rounds, alternately for an address that has an account and for others. Noise may make a
// round fail. If the service does more for one kind, all rounds fail.
func requireSameTimes(t *testing.T, rounds, samples int, timeOf func(email string) time.Duration, known func(round int) string, other func(round, i int) string) {
	t.Helper()
	for round := range rounds {
		email := known(round)
		var known, unknown []time.Duration
		for i := range samples {
			stranger := other(round, i)
			if i%2 == 0 {
				known, unknown = append(known, timeOf(email)), append(unknown, timeOf(stranger))
			} else {
				unknown, known = append(unknown, timeOf(stranger)), append(known, timeOf(email))
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

// TestTimeDoesNotTellWhoGetsAMail measures how long requests for mails take, alternately for addresses that have an account
// and for others.
func TestTimeDoesNotTellWhoGetsAMail(t *testing.T) {
	const rounds, samples = 3, 40
	settings := map[string]string{
		"POSTERN_SIGNUPS_PER_ADDRESS": "1000000", "POSTERN_MAILS_PER_ADDRESS": "1000000", "POSTERN_MAILS_PER_ACCOUNT": "1000000",
	}
	for _, c := range []struct{ name, signUp, path, more string }{
		{"reset", "open", "/password-resets", ""},
		{"sign-up", "verified", "/users", `,"password":"` + goodPassword + `"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEveryStore(t, func(t *testing.T, env map[string]string) {
				maps.Copy(env, settings)
				open := launch(t, env)
				open.signUp(t, ada)
				env["POSTERN_SIGNUP"] = c.signUp
				a := newAttacker(t, open)
				if c.signUp != "open" {
					require.NoError(t, open.shutDown())
					a = newAttacker(t, launch(t, env))
				}
				timeOf := func(email string) time.Duration { return a.timeOfRequest(c.path, `{"email":"`+email+`"`+c.more+`}`) }
				// Both addresses are used as often as each other: a request replaces the token of the one before.
				requireSameTimes(t, rounds, samples, timeOf, func(int) string { return ada }, func(int, int) string { return "bob@example.com" })
			})
		})
	}
}

// TestRevocationDelay reports how long an instance accepts the access token of a session that ended on another instance, and
// of an account that a command has suspended. The limit is tested in the domain, with a fake clock.
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

// timeOfRequest returns the duration of a request that is answered with 202.
func (a attacker) timeOfRequest(path, body string) time.Duration {
	began := time.Now()
	answer, err := http.Post(a.s.url+path, "application/json", strings.NewReader(body))
	require.NoError(a.t, err)
	_, err = io.Copy(io.Discard, answer.Body)
	took := time.Since(began)
	require.NoError(a.t, err)
	require.NoError(a.t, answer.Body.Close())
	require.Equal(a.t, http.StatusAccepted, answer.StatusCode)
	return took
}

// areaUnderCurve returns the probability that a random sample of x is greater than one of y (Mann and Whitney's U divided by
// the number of pairs). It is 0.5 if the two have the same distribution.
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
