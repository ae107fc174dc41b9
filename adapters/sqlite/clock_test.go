package sqlite

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNowIsTheMachinesTime(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), t.TempDir()+"/postern.db", Options{})
	require.NoError(t, err)
	before := time.Now().UTC().Truncate(time.Microsecond)
	now, err := s.Now(t.Context())
	require.NoError(t, err)
	require.Equal(t, now.UTC().Truncate(time.Microsecond), now)
	require.WithinRange(t, now, before, time.Now())
	require.NoError(t, s.Close())
	_, err = s.Now(t.Context())
	require.ErrorIs(t, err, errClosed)
}
