package domain_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestRename(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.register(t, ada)
	for _, name := range []string{"A", "Ada Lovelace", strings.Repeat("é", domain.MaxName)} {
		renamed, err := w.users.Rename(t.Context(), user.ID, &name)
		require.NoError(t, err)
		want := user
		want.Name = &name
		require.Equal(t, want, renamed)
		found, err := w.users.Get(t.Context(), user.ID)
		require.NoError(t, err)
		require.Equal(t, want, found)
	}
	cleared, err := w.users.Rename(t.Context(), user.ID, nil)
	require.NoError(t, err)
	require.Equal(t, user, cleared)
	bad := map[string]string{"": "min_length", strings.Repeat("é", domain.MaxName+1): "max_length", "a\x00": "format", "\xff": "format"}
	for name, code := range bad {
		_, err = w.users.Rename(t.Context(), user.ID, &name)
		requireFields(t, err, "name "+code)
	}
	_, err = w.users.Rename(t.Context(), user.ID+1, nil)
	require.ErrorIs(t, err, domain.ErrUserNotFound)
}
