package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const wrongPassword = "canary-of-a-wrong-guess"

// guessable starts a service that allows a number of guesses, and then none for 15 minutes.
func guessable(t *testing.T, env map[string]string, free int, more ...string) attacker {
	t.Helper()
	settings := map[string]string{
		"POSTERN_LOGIN_FREE_TRIES": strconv.Itoa(free), "POSTERN_LOGIN_FIRST_WAIT": "15m", "POSTERN_LOGIN_MAX_WAIT": "15m",
	}
	for name, value := range env {
		settings[name] = value
	}
	for i := 0; i < len(more); i += 2 {
		settings[more[i]] = more[i+1]
	}
	return newAttacker(t, launch(t, settings))
}

// triesOf guesses until the service refuses to check a password, and returns the number of guesses that it checked.
func (a attacker) triesOf(guess func(i int) reply) int {
	a.t.Helper()
	for i := range 100 {
		switch status := guess(i).status; status {
		case http.StatusForbidden, http.StatusBadRequest:
		case http.StatusTooManyRequests:
			return i
		default:
			require.Fail(a.t, "unexpected status", "%d", status)
		}
	}
	require.Fail(a.t, "no guess was refused")
	return 0
}

// TestNobodyLearnsWhoHasAnAccount compares the answers for accounts that exist, do not exist, or were deleted.
func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		const free = 1
		a := guessable(t, env, free)
		for path, status := range map[string]int{"/login": http.StatusForbidden, "/token": http.StatusBadRequest} {
			host := "@" + strings.Trim(path, "/") + ".example"
			require.Equal(t, http.StatusCreated, a.register("known"+host))
			gone := a.signUp("gone" + host)
			deleted, err := a.s.client(t).DeleteCurrentUserWithResponse(t.Context(), bearer(gone.AccessToken))
			require.NoError(t, err)
			require.Equal(t, http.StatusNoContent, deleted.StatusCode())
			began := time.Now()
			for try := range free + 2 {
				want := replaceWait(t, began, a.guess(path, "known"+host, wrongPassword))
				if try < free {
					require.Equal(t, status, want.status)
				} else {
					require.Equal(t, http.StatusTooManyRequests, want.status, "%s, try %d", path, try)
				}
				for _, email := range []string{"unknown" + host, "gone" + host, "no-address-of-" + strings.Trim(path, "/")} {
					got := replaceWait(t, began, a.guess(path, email, wrongPassword))
					want.id = got.id
					require.Equal(t, want, got, "%s as %s, try %d", path, email, try)
				}
			}
			require.Equal(t, http.StatusTooManyRequests, a.guess(path, "known"+host, goodPassword).status, "the right password gets the same answer")
		}
		require.NoError(t, a.s.shutDown())
		requireCleanLog(t, a.s, wrongPassword, goodPassword)
	})
}

// replaceWait replaces the wait in an answer by a fixed one, so that answers can be compared. It requires that the wait is 15
// minutes and started after began.
func replaceWait(t *testing.T, began time.Time, r reply) reply {
	t.Helper()
	if r.status == http.StatusTooManyRequests {
		wait, err := strconv.Atoi(r.header.Get("Retry-After"))
		require.NoError(t, err)
		require.GreaterOrEqual(t, wait, 15*60-int(time.Since(began)/time.Second)-1)
		require.LessOrEqual(t, wait, 15*60)
		require.Equal(t, fmt.Sprintf(`"login";r=0;t=%d`, wait), r.header.Get("RateLimit"))
		r.header.Set("Retry-After", "890")
		r.header.Set("RateLimit", `"login";r=0;t=890`)
	}
	return r
}

// TestSpellingsOfAnAddressAreOneAccount guesses with a different spelling of the address each time.
func TestSpellingsOfAnAddressAreOneAccount(t *testing.T) {
	t.Parallel()
	a := guessable(t, nil, 2)
	require.Equal(t, http.StatusCreated, a.register("ada@bücher.example"))
	for name, spellings := range map[string][]string{
		"known": {"ADA@bücher.example", "ada@xn--bcher-kva.example", "ada@BU\u0308CHER.example",
			"Ada@ｂüｃｈｅｒ.example", "ada@BÜCHER.EXAMPLE",
			"aDa@XN--BCHER-KVA.example", "ada@bücher。example", "ada@bücher.example"},
		"unknown":    {"eve@straße.example", "EVE@xn--strae-oqa.example", "Eve@STRAßE.example", "eve@straße.EXAMPLE", "eve@ｓtraße.example"},
		"no address": {"nobody", "NOBODY", "NoBody", "nobodY"},
	} {
		tried := a.triesOf(func(i int) reply { return a.guess("/login", spellings[i%len(spellings)], wrongPassword) })
		require.Equal(t, 2, tried, name)
		for _, spelling := range spellings {
			for _, path := range []string{"/login", "/token"} {
				require.Equal(t, http.StatusTooManyRequests, a.guess(path, spelling, goodPassword).status, "%s: %q", name, spelling)
			}
		}
	}
}

// addressHeaders are the fields in which proxies send the client's address.
var addressHeaders = []string{
	"X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP",
	"X-Cluster-Client-IP", "Fastly-Client-IP", "X-Original-Forwarded-For",
}

func TestAForgedAddressDoesNotEvadeTheThrottle(t *testing.T) {
	t.Parallel()
	a := guessable(t, nil, 2)
	require.Equal(t, http.StatusCreated, a.register(ada))
	tried := a.triesOf(func(i int) reply {
		var header []string
		for _, name := range addressHeaders {
			value := fmt.Sprintf("203.0.113.%d", i)
			if name == "Forwarded" {
				value = "for=" + value
			}
			header = append(header, name, value)
		}
		return a.guess("/login", ada, wrongPassword, header...)
	})
	require.Equal(t, 2, tried)
}

// TestAddressBehindATrustedProxyCounts sends X-Forwarded-For as a proxy does: the text of the client, and then the address
// that the proxy saw.
func TestAddressBehindATrustedProxyCounts(t *testing.T) {
	t.Parallel()
	a := guessable(t, nil, 2, "POSTERN_TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.0/8")
	require.Equal(t, http.StatusCreated, a.register(ada))
	wrong := func(header ...string) reply { return a.guess("/login", ada, wrongPassword, header...) }
	for name, guess := range map[string]func(i int) reply{
		"a forged address comes first": func(i int) reply {
			return wrong("X-Forwarded-For", fmt.Sprintf("203.0.113.%d, 198.51.100.1", i))
		},
		"in a field of its own": func(i int) reply {
			return wrong("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i), "X-Forwarded-For", "198.51.100.2")
		},
		"behind two proxies": func(i int) reply {
			return wrong("X-Forwarded-For", fmt.Sprintf("203.0.113.%d, 198.51.100.3, 10.0.0.%d", i, i))
		},
		"in other fields": func(i int) reply {
			return wrong("X-Real-IP", fmt.Sprintf("203.0.113.%d", i), "Forwarded", fmt.Sprintf("for=203.0.113.%d", i),
				"X-Forwarded-For", "198.51.100.4")
		},
		"another address of the same IPv6 network": func(i int) reply {
			return wrong("X-Forwarded-For", fmt.Sprintf("2001:db8:0:1::%d", i))
		},
		"IPv4 in IPv6": func(i int) reply {
			return wrong("X-Forwarded-For", []string{"198.51.100.6", "::ffff:198.51.100.6", "::FFFF:c633:6406"}[i])
		},
	} {
		require.Equal(t, 2, a.triesOf(guess), name)
	}
	other := a.guess("/login", ada, goodPassword, "X-Forwarded-For", "198.51.100.200")
	require.Equal(t, http.StatusOK, other.status)
}

// TestConcurrentGuessesAreCounted sends more guesses at once than are allowed, to all instances of a store. A busy machine may
// answer some of them with 503. They are not counted.
func TestConcurrentGuessesAreCounted(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		one := guessable(t, env, 5)
		instances := []*instance{one.s}
		if env["POSTERN_DATABASE_URL"] != "" {
			instances = append(instances, guessable(t, env, 5).s)
		}
		require.Equal(t, http.StatusCreated, one.register(ada))
		statuses, _ := atOnce(t, 50, func(client *http.Client, i int) (*http.Response, error) {
			return client.PostForm(instances[i%len(instances)].url+"/login", loginForm(wrongPassword))
		})
		tried := statuses[http.StatusForbidden]
		refused := statuses[http.StatusTooManyRequests] + statuses[http.StatusServiceUnavailable]
		require.Equal(t, 50, tried+refused, "%v", statuses)
		require.Positive(t, tried)
		left := one.triesOf(func(int) reply { return one.guess("/login", ada, wrongPassword) })
		require.Equal(t, 5, tried+left, "%v", statuses)
	})
}

// TestConcurrentLoginsSucceed sends more logins at once than guesses are allowed. A busy machine may delay some logins by a
// second, with Retry-After, but none for longer.
func TestConcurrentLoginsSucceed(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		a := guessable(t, env, 5)
		require.Equal(t, http.StatusCreated, a.register(ada))
		var delayed atomic.Int64
		statuses, _ := atOnce(t, 20, func(client *http.Client, _ int) (*http.Response, error) {
			for {
				answer, err := client.PostForm(a.s.url+"/login", loginForm(goodPassword))
				if err != nil || answer.StatusCode == http.StatusOK || len(answer.Header.Get("Retry-After")) > 1 {
					return answer, err
				}
				delayed.Add(1)
				if err := answer.Body.Close(); err != nil {
					return nil, err
				}
			}
		})
		require.Equal(t, map[int]int{http.StatusOK: 20}, statuses)
		t.Logf("delayed %d times", delayed.Load())
	})
}

// TestOwnerCanLogInDuringAnAttack uses up all guesses for an account from many addresses.
func TestOwnerCanLogInDuringAnAttack(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		a := guessable(t, env, 2, "POSTERN_TRUSTED_PROXIES", "127.0.0.1", "POSTERN_LOGIN_TRIES_PER_ACCOUNT", "2")
		from := func(address, password string) reply {
			return a.guess("/login", ada, password, "X-Forwarded-For", address)
		}
		login := a.signUp(ada)
		require.Equal(t, http.StatusOK, from("192.0.2.1", goodPassword).status, "from now on a known address")
		attack := func(i int) reply { return from(fmt.Sprintf("198.51.100.%d", i), wrongPassword) }
		require.Equal(t, 2, a.triesOf(attack))
		require.Equal(t, http.StatusTooManyRequests, from("203.0.113.9", goodPassword).status, "an unknown address")
		require.Equal(t, http.StatusOK, from("192.0.2.1", goodPassword).status)
		require.Equal(t, http.StatusOK, a.s.me(t, login.AccessToken), "sessions go on")
		_, status := a.s.refresh(t, login.RefreshToken)
		require.Equal(t, http.StatusOK, status)
		guess := func(int) reply { return from("192.0.2.1", wrongPassword) }
		require.Equal(t, 2, a.triesOf(guess), "guesses from a known address are limited too")
	})
}
