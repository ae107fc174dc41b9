package postgres

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestConstraintsAreToldByName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state, name string
		want        bool
	}{
		{"23505", "users_email_key", true},
		{"23505", "users_email_key_102008", true}, // of a shard
		{"23505", "users_email_key_x", false},
		{"23505", "users_email_key2", false},
		{"23505", "users_pkey", false},
		{"42P01", "users_email_key", false},
		{"", "", false},
	} {
		err := fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: c.state, ConstraintName: c.name})
		require.Equal(t, c.want, violates(err, "users_email_key"), c)
	}
	require.False(t, violates(nil, "users_email_key"))
}

func TestWhatALockAndAnUnknownOutcomeMakeOfAnAttempt(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]outcome{lockNotAvailable: final, statementOutcomeUnknown: unknown, serializationFailure: undone} {
		got, err := new(Store).judge(t.Context(), nil, &pgconn.PgError{Code: state})
		require.Equal(t, want, got, state)
		require.ErrorIs(t, err, domain.ErrStoreUnavailable)
	}
}

func TestTransientStatesAreTold(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]bool{
		"08006": true, "08P01": true, "53300": true, "53100": true, "57P01": true, "57P02": true, "57P03": true, "58030": true,
		"25P03": true,
		"23505": false, "22021": false, "42P01": false, "57014": false, "40001": false, "XX000": false, "": false,
	} {
		require.Equal(t, want, isTransient(state), state)
	}
}
