package domain_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

func TestAuthOptionsHaveBounds(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(o *domain.AuthOptions)
		sound  bool
	}{
		"defaults":                     {func(*domain.AuthOptions) {}, true},
		"token lifetime of 1 s":        {func(o *domain.AuthOptions) { o.TokenLife = time.Second }, true},
		"longest token lifetime":       {func(o *domain.AuthOptions) { o.TokenLife = domain.MaxTokenLife }, true},
		"token lifetime of 0":          {func(o *domain.AuthOptions) { o.TokenLife = 0 }, false},
		"negative token lifetime":      {func(o *domain.AuthOptions) { o.TokenLife = -time.Minute }, false},
		"token lifetime below 1 s":     {func(o *domain.AuthOptions) { o.TokenLife = time.Second - 1 }, false},
		"token lifetime of 1.5 s":      {func(o *domain.AuthOptions) { o.TokenLife = 1500 * time.Millisecond }, false},
		"token lifetime too long":      {func(o *domain.AuthOptions) { o.TokenLife = domain.MaxTokenLife + time.Second }, false},
		"idle equals token lifetime":   {func(o *domain.AuthOptions) { o.SessionIdle = life }, true},
		"idle below token lifetime":    {func(o *domain.AuthOptions) { o.SessionIdle = life - 1 }, false},
		"idle equals session lifetime": {func(o *domain.AuthOptions) { o.SessionIdle = sessionLife }, true},
		"idle above session lifetime":  {func(o *domain.AuthOptions) { o.SessionIdle = sessionLife + 1 }, false},
		"minimum password of 8":        {func(o *domain.AuthOptions) { o.MinPassword = 8 }, true},
		"minimum password of 7":        {func(o *domain.AuthOptions) { o.MinPassword = 7 }, false},
		"minimum password of 64":       {func(o *domain.AuthOptions) { o.MinPassword = 64 }, true},
		"minimum password of 65":       {func(o *domain.AuthOptions) { o.MinPassword = 65 }, false},
		"no free tries":                {func(o *domain.AuthOptions) { o.Limits.FreeTries = 0 }, false},
		"no failures per address":      {func(o *domain.AuthOptions) { o.Limits.PerAddress = 0 }, false},
		"no failures per account":      {func(o *domain.AuthOptions) { o.Limits.PerAccount = 0 }, false},
		"no sign-ups":                  {func(o *domain.AuthOptions) { o.Limits.SignUps = 0 }, false},
		"no first wait":                {func(o *domain.AuthOptions) { o.Limits.FirstWait = 0 }, false},
		"longest wait below the first": {func(o *domain.AuthOptions) { o.Limits.MaxWait = o.Limits.FirstWait - 1 }, false},
		"no window per address":        {func(o *domain.AuthOptions) { o.Limits.AddressWindow = 0 }, false},
		"no window per account":        {func(o *domain.AuthOptions) { o.Limits.AccountWindow = 0 }, false},
		"no window for sign-ups":       {func(o *domain.AuthOptions) { o.Limits.SignUpWindow = 0 }, false},
	}
	w := newWorld(t)
	for name, c := range cases {
		options := w.options()
		c.change(&options)
		_, err := domain.NewAuth(options)
		require.Equal(t, c.sound, err == nil, "%s: %v", name, err)
	}
}

func TestTheAuthServiceHashesNothingAtStart(t *testing.T) {
	t.Parallel()
	require.Zero(t, newWorld(t).hasher.Hashes(), "a hash takes tens of milliseconds and 19 MiB")
}

func TestRegister(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.register(t, "Ada@Example.com")
	require.Positive(t, user.ID)
	require.Equal(t, domain.User{ID: user.ID, Email: "Ada@Example.com", CreatedAt: w.clock.Now()}, user)

	found, err := w.users.Get(t.Context(), user.ID)
	require.NoError(t, err)
	require.Equal(t, user, found)
	_, err = w.users.Get(t.Context(), user.ID+1)
	require.ErrorIs(t, err, domain.ErrUserNotFound)
}

func TestRegisterNamesEveryBadField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.auth.Register(t.Context(), domain.Registration{Email: "not an address", Password: domain.NewPassword("short")})
	requireFields(t, err, "email format", "password min_length")
	_, err = w.auth.Register(t.Context(), domain.Registration{})
	requireFields(t, err, "email format", "password min_length")
	require.Zero(t, w.hasher.Hashes())
}

func TestAnAddressHasOneAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t, "ada@münchen.example")
	hashes := w.hasher.Hashes()
	for _, taken := range []string{"ada@münchen.example", "ADA@MÜNCHEN.EXAMPLE", "ada@xn--mnchen-3ya.example", "ada@mu\u0308nchen.example"} {
		_, err := w.auth.Register(t.Context(), domain.Registration{Email: taken, Password: domain.NewPassword(password)})
		require.ErrorIs(t, err, domain.ErrEmailTaken, taken)
	}
	require.Equal(t, hashes, w.hasher.Hashes(), "nothing is hashed for an address that is taken")
}

// TestParallelSignUpsMakeOneAccount runs sign-ups that all find the address free. The store's unique key decides.
func TestParallelSignUpsMakeOneAccount(t *testing.T) {
	t.Parallel()
	const n = 8
	w := newWorld(t)
	var asked sync.WaitGroup
	asked.Add(n)
	w.hasher.OnHash(func() error { asked.Done(); asked.Wait(); return nil })
	results := make(chan error, n)
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() {
			_, err := w.auth.Register(t.Context(), domain.Registration{Email: ada, Password: domain.NewPassword(fmt.Sprint(password, i))})
			results <- err
		})
	}
	calls.Wait()
	made := 0
	for range n {
		if err := <-results; err == nil {
			made++
		} else {
			require.ErrorIs(t, err, domain.ErrEmailTaken)
		}
	}
	require.Equal(t, 1, made)

	good := 0
	for i := range n {
		w.clock.Advance(throttle.DefaultLimits().MaxWait)
		if _, err := w.login(t.Context(), ada, fmt.Sprint(password, i)); err == nil {
			good++
		}
	}
	require.Equal(t, 1, good, "only the winner's password works")
}

func TestRegisterReturnsErrorsOfItsPorts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	registration := domain.Registration{Email: ada, Password: domain.NewPassword(password)}
	w.hasher.OnHash(func() error { return domain.ErrHasherBusy })
	_, err := w.auth.Register(t.Context(), registration)
	require.ErrorIs(t, err, domain.ErrHasherBusy)
	w.hasher.OnHash(nil)
	w.store.failCredential = domain.ErrStoreUnavailable
	_, err = w.auth.Register(t.Context(), registration)
	require.ErrorIs(t, err, domain.ErrStoreUnavailable)
	w.store.failCredential = nil
	w.register(t, ada) // the failed calls left nothing
}

func TestLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.register(t, "Ada@Example.com")
	client := domain.Client{IP: "192.0.2.1", UserAgent: "curl/8"}
	got, err := w.auth.Login(t.Context(), domain.Credentials{Email: "aDA@eXAMPLE.COM", Password: domain.NewPassword(password), Client: client})
	require.NoError(t, err)
	require.Equal(t, life, got.ExpiresIn)

	require.Len(t, w.store.sessions, 1)
	session := w.store.sessions[0]
	require.Equal(t, user.ID, session.UserID)
	require.Equal(t, client, session.Client)
	require.Equal(t, w.clock.Now(), session.CreatedAt)
	require.Equal(t, w.clock.Now().Add(idle), session.ExpiresAt)
	require.Equal(t, w.refresh.RefreshKeyID(), session.RefreshKeyID)
	require.Regexp(t, "^[A-Z2-7]{26}$", session.ID)

	claims, err := w.tokens.Verify(t.Context(), got.Access, w.clock.Now())
	require.NoError(t, err)
	issued := w.clock.Now().Truncate(time.Second)
	require.Equal(t, domain.Claims{UserID: user.ID, SessionID: session.ID, Epoch: w.epoch(t).ID, IssuedAt: issued, ExpiresAt: issued.Add(life)}, claims)

	token, err := w.refresh.ParseRefresh(got.Refresh)
	require.NoError(t, err)
	require.Equal(t, domain.RefreshToken{KeyID: session.RefreshKeyID, Epoch: w.epoch(t).ID, SessionID: session.ID}, token)
	succeeded := domain.SecurityEvent{Name: domain.EventLoginSucceeded, UserID: user.ID, SessionID: session.ID}
	require.Equal(t, []domain.SecurityEvent{succeeded}, w.events.Take())

	again, err := w.login(t.Context(), ada, password)
	require.NoError(t, err)
	require.NotEqual(t, got.Access, again.Access)
	require.NotEqual(t, session.ID, w.store.sessions[1].ID)
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.register(t, ada)
	tokens, err := w.login(t.Context(), ada, password)
	require.NoError(t, err)
	caller, err := w.auth.Authenticate(t.Context(), tokens.Access)
	require.NoError(t, err)
	require.Equal(t, domain.Caller{UserID: user.ID, SessionID: w.store.sessions[0].ID}, caller)

	for _, bad := range []string{"", "x", tokens.Access + "x", strings.ToLower(tokens.Access)} {
		_, err = w.auth.Authenticate(t.Context(), bad)
		require.ErrorIs(t, err, domain.ErrBadToken)
	}
	w.clock.Advance(life)
	_, err = w.auth.Authenticate(t.Context(), tokens.Access)
	require.ErrorIs(t, err, domain.ErrBadToken, "it has expired")
}
