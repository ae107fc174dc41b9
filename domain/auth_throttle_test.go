package domain_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

const home = "192.0.2.1"

func (w *world) loginFrom(ctx context.Context, ip, email, password string) error {
	client := domain.Client{IP: ip}
	_, err := w.auth.Login(ctx, domain.Credentials{Email: email, Password: domain.NewPassword(password), Client: client})
	return err
}

// guess tries n wrong passwords. None of them may be throttled.
func (w *world) guess(t testing.TB, n int, ip, email string) {
	t.Helper()
	for range n {
		require.ErrorIs(t, w.loginFrom(t.Context(), ip, email, "wrong "+password), domain.ErrInvalidCredentials)
	}
}

// requireThrottled checks that err is a refusal with the given wait.
func requireThrottled(t testing.TB, err error, policy string, wait time.Duration) {
	t.Helper()
	require.ErrorIs(t, err, domain.ErrTooMany)
	var refused *domain.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "quota_exceeded", refused.Code)
	require.Equal(t, wait, refused.RetryAfter)
	require.Equal(t, policy, refused.Quota.Policy)
	require.Positive(t, refused.Quota.Limit)
	require.Positive(t, refused.Quota.Window)
}

// TestGuessingAtOneAccountWaits checks that an unknown account and an invalid address are counted as a known account is.
func TestGuessingAtOneAccountWaits(t *testing.T) {
	t.Parallel()
	for name, email := range map[string]string{"known": ada, "unknown": "eve@example.com", "no address": "eve", "none": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(t, ada)
			w.guess(t, 5, home, email)
			for wait := time.Second; wait < 15*time.Minute; wait *= 2 {
				verifies := w.hasher.Verifies()
				for range 3 {
					requireThrottled(t, w.loginFrom(t.Context(), home, email, password), "login", wait)
				}
				w.clock.Advance(wait - time.Microsecond)
				requireThrottled(t, w.loginFrom(t.Context(), home, email, password), "login", time.Microsecond)
				require.Equal(t, verifies, w.hasher.Verifies(), "nothing is hashed")
				w.clock.Advance(time.Microsecond)
				w.guess(t, 1, home, email)
			}
			requireThrottled(t, w.loginFrom(t.Context(), home, email, password), "login", 15*time.Minute)
		})
	}
}

func TestTheRightPasswordResetsTheCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t, ada)
	for range 3 {
		w.guess(t, 4, home, ada)
		require.NoError(t, w.loginFrom(t.Context(), home, ada, password))
	}
	w.guess(t, 5, home, ada)
	requireThrottled(t, w.loginFrom(t.Context(), home, ada, password), "login", time.Second)
}

func TestSpellingsOfAnAddressAreCountedTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, spelling := range []string{
		"ada@münchen.example", "ADA@MÜNCHEN.EXAMPLE", "Ada@xn--mnchen-3ya.example", "ada@mu\u0308nchen.example", "aDa@münchen.example",
	} {
		w.guess(t, 1, home, spelling)
	}
	requireThrottled(t, w.loginFrom(t.Context(), home, "ada@MÜNCHEN.example", password), "login", time.Second)
	requireThrottled(t, w.loginFrom(t.Context(), "::ffff:"+home, "ada@münchen.example", password), "login", time.Second)
	w.guess(t, 5, "nonsense", "NOT an address")
	requireThrottled(t, w.loginFrom(t.Context(), "", "not an ADDRESS", password), "login", time.Second)
}

func TestOneAddressGuessingAtManyAccountsIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t, ada)
	require.NoError(t, w.loginFrom(t.Context(), "2001:db8::1", ada, password))
	for i := range 50 {
		w.guess(t, 1, fmt.Sprintf("2001:db8::%x", i+1), fmt.Sprintf("user%d@example.com", i))
		w.clock.Advance(time.Second)
	}
	refused := w.loginFrom(t.Context(), "2001:db8::ffff", "another@example.com", password)
	requireThrottled(t, refused, "login", 15*time.Minute-50*time.Second)
	require.NoError(t, w.loginFrom(t.Context(), "2001:db8::abcd", ada, password), "an account that knows the network is not affected")
	w.guess(t, 1, "2001:db8:0:1::1", "another@example.com") // the next /64
	w.clock.Advance(15*time.Minute - 50*time.Second)
	w.guess(t, 1, "2001:db8::1", "another@example.com")
}

// TestManyAddressesGuessingAtOneAccountDoNotLockItsOwnerOut checks that the owner can log in from a known address at any time.
func TestManyAddressesGuessingAtOneAccountDoNotLockItsOwnerOut(t *testing.T) {
	t.Parallel()
	for name, email := range map[string]string{"known": ada, "unknown": "eve@example.com"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(t, ada)
			require.NoError(t, w.loginFrom(t.Context(), home, ada, password))
			for i := range 100 {
				w.guess(t, 1, fmt.Sprintf("198.51.100.%d", i), email)
			}
			for _, stranger := range []string{"198.51.100.1", "203.0.113.1"} {
				requireThrottled(t, w.loginFrom(t.Context(), stranger, email, password), "login", time.Hour)
			}
			require.NoError(t, w.loginFrom(t.Context(), home, ada, password))
			w.guess(t, 4, home, ada)
			require.NoError(t, w.loginFrom(t.Context(), home, ada, password), "after failures of the owner")
			w.clock.Advance(time.Hour)
			w.guess(t, 1, "203.0.113.1", email)
		})
	}
}

func TestFailuresAtAKnownAddressCountOnlyThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t, ada)
	require.NoError(t, w.loginFrom(t.Context(), home, ada, password))
	for range 120 {
		w.clock.Advance(15 * time.Minute / 100) // so that the window of the address does not end
		w.guess(t, 1, home, ada)
		require.NoError(t, w.loginFrom(t.Context(), home, ada, password))
	}
	w.guess(t, 1, home, "bob@example.com")
	w.guess(t, 1, "203.0.113.1", ada)
}

func TestAnAddressIsKnownForTwoYears(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t, ada)
	require.NoError(t, w.loginFrom(t.Context(), home, ada, password))
	w.clock.Advance(730*24*time.Hour - time.Minute)
	attack := func() {
		for i := range 100 {
			w.guess(t, 1, fmt.Sprintf("198.51.100.%d", i), ada)
		}
	}
	attack()
	w.guess(t, 1, home, ada)
	w.clock.Advance(time.Minute)
	requireThrottled(t, w.loginFrom(t.Context(), home, ada, password), "login", 59*time.Minute)
}

// TestOutcomesThatCountAsFailures checks that a try counts as a failure if the client may have learned that the password is wrong.
func TestOutcomesThatCountAsFailures(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		prepare func(w *world, leave func())
		counts  bool
	}{
		"a busy hasher":        {func(w *world, _ func()) { w.hasher.OnVerify(func() error { return domain.ErrHasherBusy }) }, false},
		"an unavailable store": {func(w *world, _ func()) { w.store.failCredential = domain.ErrStoreUnavailable }, false},
		"a client that leaves before the password is checked": {func(w *world, leave func()) { w.store.throttled = leave }, false},
		"a client that leaves": {func(w *world, leave func()) {
			w.hasher.OnVerify(func() error { leave(); return context.Canceled })
		}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(t, ada)
			for range 8 {
				ctx, leave := context.WithCancel(t.Context())
				c.prepare(w, leave)
				require.Error(t, w.loginFrom(ctx, home, ada, password))
				leave()
			}
			w.hasher.OnVerify(nil)
			w.store.failCredential, w.store.throttled = nil, nil
			err := w.loginFrom(t.Context(), home, ada, password)
			if c.counts {
				requireThrottled(t, err, "login", time.Second)
				w.clock.Advance(time.Second) // the wait after a failure; no try is still reserved
				err = w.loginFrom(t.Context(), home, ada, password)
			}
			require.NoError(t, err)
		})
	}
}

func TestThrottlingIsRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.register(t, ada)
	for email, id := range map[string]domain.UserID{strings.ToUpper(ada): user.ID, "eve@example.com": 0, "eve": 0} {
		w.guess(t, 5, home, email)
		require.Error(t, w.loginFrom(t.Context(), home, email, password))
		failed := domain.SecurityEvent{Name: domain.EventLoginFailed, UserID: id}
		throttled := domain.SecurityEvent{Name: domain.EventLoginThrottled, UserID: id}
		require.Equal(t, []domain.SecurityEvent{failed, failed, failed, failed, failed, throttled}, w.events.Take())
	}
}

func TestALoginNeedsTheThrottles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t, ada)
	w.store.failNow = domain.ErrStoreUnavailable
	verifies := w.hasher.Verifies()
	require.ErrorIs(t, w.loginFrom(t.Context(), home, ada, password), domain.ErrStoreUnavailable)
	require.Equal(t, verifies, w.hasher.Verifies())
}

func TestSignUpsHaveAQuota(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	options := w.options()
	options.Limits.SignUps = 3
	w.open(t, options)
	register := func(email, ip, password string) error {
		in := domain.Registration{Email: email, Password: domain.NewPassword(password), Client: domain.Client{IP: ip}}
		_, err := w.auth.Register(t.Context(), in)
		return err
	}
	require.NoError(t, register(ada, home, password))
	requireFields(t, register("bob@example.com", home, "short"), "password min_length")
	require.ErrorIs(t, register(ada, home, password), domain.ErrEmailTaken)
	w.clock.Advance(time.Minute)
	require.ErrorIs(t, register(ada, home, password), domain.ErrEmailTaken)
	hashes := w.hasher.Hashes()
	for range 3 {
		requireThrottled(t, register("bob@example.com", home, password), "signup", 59*time.Minute)
		requireThrottled(t, register(ada, home, password), "signup", 59*time.Minute)
	}
	require.Equal(t, hashes, w.hasher.Hashes())
	require.NoError(t, register("bob@example.com", "192.0.2.2", password))
	require.NoError(t, w.loginFrom(t.Context(), home, ada, password), "logins are counted separately")
	w.clock.Advance(59 * time.Minute)
	require.NoError(t, register("eve@example.com", home, password))
}
