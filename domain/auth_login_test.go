package domain_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
)

// TestBadCredentialsAreIndistinguishable checks that neither the answer nor the work reveals whether an address has an account.
func TestBadCredentialsAreIndistinguishable(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ email, password string }{
		"wrong password":             {ada, "battery horse correct"},
		"right password, upper case": {ada, strings.ToUpper(password)},
		"right password and a space": {ada, password + " "},
		"unknown address":            {"eve@example.com", password},
		"not an address":             {"ada", password},
		"no address":                 {"", password},
		"an address too long":        {strings.Repeat("a", 5000) + "@example.com", password},
		"NUL in the password":        {ada, password + "\x00"},
		"invalid UTF-8":              {ada, password + "\xff"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(t, ada)
			hashes := w.hasher.Hashes()
			got, err := w.login(t.Context(), c.email, c.password)
			require.Equal(t, error(domain.ErrInvalidCredentials), err, "not wrapped")
			require.Zero(t, got)
			require.Equal(t, 1, w.hasher.Verifies())
			require.Equal(t, hashes, w.hasher.Hashes())
			require.Empty(t, w.store.sessions)
		})
	}
}

// credulous is a hasher that accepts every password.
type credulous struct{ domaintest.Hasher }

func (*credulous) Verify(context.Context, domain.Network, string, domain.Password) (ok, stale bool, err error) {
	return true, false, nil
}

func TestNobodyLogsInWithoutAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	options := w.options()
	options.Hasher = &credulous{}
	auth, err := domain.NewAuth(options)
	require.NoError(t, err)
	_, err = auth.Login(t.Context(), domain.Credentials{Email: ada, Password: domain.NewPassword("any password")})
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	require.Empty(t, w.store.sessions)
}

func TestALoginPasswordIsBoundedBeforeHashing(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ password, code string }{
		"empty":                 {"", "required"},
		"1025 bytes":            {strings.Repeat("x", domain.MaxLoginPassword+1), "max_length"},
		"513 characters of two": {strings.Repeat("é", 513), "max_length"},
		"10 MB":                 {strings.Repeat("x", 10<<20), "max_length"},
	}
	w := newWorld(t)
	w.register(t, ada)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := w.login(t.Context(), ada, c.password)
			requireFields(t, err, "password "+c.code)
			require.Zero(t, w.hasher.Verifies())
		})
	}
}

func TestALoginAcceptsPasswordsOfOlderRules(t *testing.T) {
	t.Parallel()
	for _, odd := range []string{"x", "password", strings.Repeat("x", domain.MaxLoginPassword), "nul\x00nul"} {
		w := newWorld(t)
		w.insert(t, odd)
		_, err := w.login(t.Context(), ada, odd)
		require.NoError(t, err)
	}
}

func TestLoginReturnsErrorsOfItsPorts(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		prepare func(w *world)
		want    error
	}{
		"the hasher is busy":               {func(w *world) { w.hasher.OnVerify(func() error { return domain.ErrHasherBusy }) }, domain.ErrHasherBusy},
		"the client has disconnected":      {func(w *world) { w.hasher.OnVerify(func() error { return context.Canceled }) }, context.Canceled},
		"the store is unavailable":         {func(w *world) { w.store.failCredential = domain.ErrStoreUnavailable }, domain.ErrStoreUnavailable},
		"the store fails at the session":   {func(w *world) { w.store.failSession = domain.ErrStoreUnavailable }, domain.ErrStoreUnavailable},
		"the client leaves at the upgrade": {outdated(context.Canceled), context.Canceled},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(t, ada)
			c.prepare(w)
			got, err := w.login(t.Context(), ada, password)
			require.ErrorIs(t, err, c.want)
			require.NotErrorIs(t, err, domain.ErrInvalidCredentials)
			require.Zero(t, got)
		})
	}
}

// outdated is a hasher that reports every hash as stale and is too busy to make new ones.
func outdated(hash error) func(w *world) {
	return func(w *world) {
		w.hasher.Outdate()
		w.hasher.OnHash(func() error { return hash })
	}
}

func TestAStaleHashIsUpgraded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t, ada)
	stale := w.credential(t)
	w.hasher.Outdate()

	_, err := w.login(t.Context(), ada, "wrong "+password)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	require.Equal(t, stale, w.credential(t), "a wrong password does not upgrade the hash")

	_, err = w.login(t.Context(), ada, password)
	require.NoError(t, err)
	fresh := w.credential(t)
	require.NotEqual(t, stale, fresh)

	hashes := w.hasher.Hashes()
	_, err = w.login(t.Context(), ada, password)
	require.NoError(t, err)
	require.Equal(t, fresh, w.credential(t))
	require.Equal(t, hashes, w.hasher.Hashes(), "one upgrade is enough")
}

func TestAnUpgradeIsPostponedWhileTheQueueIsFull(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t, ada)
	stale := w.credential(t)
	outdated(domain.ErrHasherBusy)(w)
	_, err := w.login(t.Context(), ada, password)
	require.NoError(t, err)
	require.Equal(t, stale, w.credential(t))
}

// TestAPasswordChangeWinsOverALogin changes the password during a login with the old one.
func TestAPasswordChangeWinsOverALogin(t *testing.T) {
	t.Parallel()
	change := func(t *testing.T, w *world) func() error {
		return func() error {
			known := w.credential(t)
			_, err := w.store.Users().UpdatePasswordHash(t.Context(), known.UserID, known.PasswordHash, "fake$0$0$another password")
			return err
		}
	}
	cases := map[string]func(t *testing.T, w *world){
		"while it is verified": func(t *testing.T, w *world) { w.hasher.OnVerify(change(t, w)) },
		"while a stale hash is upgraded": func(t *testing.T, w *world) {
			w.hasher.Outdate()
			w.hasher.OnHash(change(t, w))
		},
	}
	for name, prepare := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(t, ada)
			prepare(t, w)
			_, err := w.login(t.Context(), ada, password)
			require.Equal(t, error(domain.ErrInvalidCredentials), err)
			require.Equal(t, "fake$0$0$another password", w.credential(t).PasswordHash, "the login does not undo the change")
		})
	}
}

// TestParallelLoginsWithAStaleHashAllPass runs logins that all verify the same stale hash. The first upgrade replaces it.
func TestParallelLoginsWithAStaleHashAllPass(t *testing.T) {
	t.Parallel()
	cases := map[string]error{"each has a fresh hash": nil, "all but one find the queue full": domain.ErrHasherBusy}
	for name, others := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(t, ada)
			w.hasher.Outdate()
			known := w.credential(t)
			var once sync.Once
			w.hasher.OnHash(func() (err error) {
				once.Do(func() {
					swapped, _ := w.store.Users().UpdatePasswordHash(t.Context(), known.UserID, known.PasswordHash, "fake$1$0$"+password)
					require.True(t, swapped)
				})
				return others
			})
			_, err := w.login(t.Context(), ada, password)
			require.NoError(t, err)
			require.Equal(t, "fake$1$0$"+password, w.store.sessions[len(w.store.sessions)-1].PasswordHash)
		})
	}
}

// insert adds an account with any password, as an import does.
func (w *world) insert(t *testing.T, password string) {
	t.Helper()
	hash, err := w.hasher.Hash(t.Context(), "", domain.NewPassword(password))
	require.NoError(t, err)
	_, err = w.store.Users().Insert(t.Context(), domain.NewUser{Email: ada, PasswordHash: hash, CreatedAt: w.clock.Now()})
	require.NoError(t, err)
}

func (w *world) credential(t *testing.T) domain.Credential {
	t.Helper()
	known, err := w.store.Users().Credential(t.Context(), ada)
	require.NoError(t, err)
	return known
}
