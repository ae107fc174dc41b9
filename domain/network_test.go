package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestNetwork(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]domain.Network{
		"192.0.2.1":              "192.0.2.1",
		"::ffff:192.0.2.1":       "192.0.2.1",
		"2001:db8:1:2:3:4:5:6":   "2001:db8:1:2::/64",
		"2001:db8:1:2::%eth0":    "2001:db8:1:2::/64",
		"":                       "",
		"192.0.2.1:80":           "",
		"not an address at all ": "",
	} {
		require.Equal(t, want, domain.Client{IP: ip}.Network(), ip)
	}
}

// TestTheHasherLearnsWhereACallComesFrom matters because the hasher queues calls by network.
func TestTheHasherLearnsWhereACallComesFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := func(ip string) domain.Client { return domain.Client{IP: ip} }
	fresh := domain.NewPassword("another " + password)

	_, err := w.auth.Register(t.Context(), domain.Registration{
		Email: ada, Password: domain.NewPassword(password), Client: client("2001:db8::1"),
	})
	require.NoError(t, err)
	require.Equal(t, domain.Network("2001:db8::/64"), w.hasher.Network())

	require.NoError(t, w.loginFrom(t.Context(), "192.0.2.2", ada, password))
	require.Equal(t, domain.Network("192.0.2.2"), w.hasher.Network())

	w.hasher.Outdate()
	require.NoError(t, w.loginFrom(t.Context(), "192.0.2.3", ada, password))
	require.Equal(t, domain.Network("192.0.2.3"), w.hasher.Network(), "the upgrade")

	caller := domain.Caller{UserID: 1, SessionID: w.store.sessions[1].ID}
	change := domain.PasswordChange{Current: domain.NewPassword("wrong"), New: fresh, Client: client("192.0.2.4")}
	require.ErrorIs(t, w.auth.ChangePassword(t.Context(), caller, change), domain.ErrInvalidCredentials)
	require.Equal(t, domain.Network("192.0.2.4"), w.hasher.Network(), "the check")

	change = domain.PasswordChange{Current: domain.NewPassword(password), New: fresh, Client: client("192.0.2.5")}
	require.NoError(t, w.auth.ChangePassword(t.Context(), caller, change))
	require.Equal(t, domain.Network("192.0.2.5"), w.hasher.Network(), "the new hash")
}
