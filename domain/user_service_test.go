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
	caller := domain.Caller{UserID: user.ID}
	for _, name := range []string{"A", "Ada Lovelace", strings.Repeat("é", domain.MaxName)} {
		renamed, err := w.users.Rename(t.Context(), caller, &name)
		require.NoError(t, err)
		want := user
		want.Name = &name
		require.Equal(t, want, renamed)
		found, err := w.users.Get(t.Context(), user.ID)
		require.NoError(t, err)
		require.Equal(t, want, found)
	}
	cleared, err := w.users.Rename(t.Context(), caller, nil)
	require.NoError(t, err)
	require.Equal(t, user, cleared)
	bad := map[string]string{"": "min_length", strings.Repeat("é", domain.MaxName+1): "max_length", "a\x00": "format", "\xff": "format"}
	for name, code := range bad {
		_, err = w.users.Rename(t.Context(), caller, &name)
		requireFields(t, err, "name "+code)
	}
	found, err := w.users.GetOwn(t.Context(), caller)
	require.NoError(t, err)
	require.Equal(t, user, found)
	nobody := domain.Caller{UserID: user.ID + 1}
	_, err = w.users.Rename(t.Context(), nobody, nil)
	require.ErrorIs(t, err, domain.ErrBadToken, "the account is gone")
	_, err = w.users.GetOwn(t.Context(), nobody)
	require.ErrorIs(t, err, domain.ErrBadToken)
	_, err = w.users.Get(t.Context(), nobody.UserID)
	require.ErrorIs(t, err, domain.ErrUserNotFound)
}
