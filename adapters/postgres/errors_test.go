package postgres

import (
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestLockTimeoutIsNotRetriedButALostRaceIs(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]decision{lockNotAvailable: done, statementOutcomeUnknown: unknownOutcome, serializationFailure: retryLater} {
		got, err := new(Store).classify(t.Context(), nil, &pgconn.PgError{Code: state})
		require.Equal(t, want, got, state)
		require.ErrorIs(t, err, domain.ErrStoreUnavailable)
	}
}

func TestTransientStates(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]bool{
		"08006": true, "08P01": true, "53300": true, "53100": true, "57P01": true, "57P02": true, "57P03": true, "58030": true,
		"25P03": true,
		"23505": false, "22021": false, "42P01": false, "57014": false, "40001": false, "XX000": false, "": false,
	} {
		require.Equal(t, want, isTransient(state), state)
	}
}
