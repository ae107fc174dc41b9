package sqlite

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNowUsesTheClockOfTheOptions(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 3600)
	clock := func() time.Time { return moment.Add(999 * time.Nanosecond).In(zone) }
	s, err := Open(t.Context(), t.TempDir()+"/postern.db", Options{Clock: clock})
	require.NoError(t, err)
	now, err := s.Now(t.Context())
	require.NoError(t, err)
	require.Equal(t, moment, now)
	require.NoError(t, s.Close())
	_, err = s.Now(t.Context())
	require.ErrorIs(t, err, errClosed)
}
