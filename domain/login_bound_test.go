package domain_test

import (
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestLoginsAtOnceAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.register(t, ada)
		o := w.options()
		o.MaxLogins = 4
		w.open(t, o)
		end := make(chan struct{})
		w.hasher.OnVerify(func() error { <-end; return nil })
		var working sync.WaitGroup
		login := func(ip string) {
			working.Go(func() { _ = w.loginFrom(t.Context(), ip, ada, password) })
			synctest.Wait()
		}
		login(home)
		login(home)
		require.ErrorIs(t, w.loginFrom(t.Context(), home, ada, password), domain.ErrHasherBusy, "half of the places are for other networks")
		login("198.51.100.1")
		require.ErrorIs(t, w.loginFrom(t.Context(), "198.51.100.1", ada, password), domain.ErrHasherBusy)
		login("198.51.100.2")
		require.ErrorIs(t, w.loginFrom(t.Context(), "198.51.100.3", ada, password), domain.ErrHasherBusy)
		require.Equal(t, 4, w.hasher.Verifies())
		close(end)
		working.Wait()
		require.NoError(t, w.loginFrom(t.Context(), home, ada, password), "places are free again, and refused logins were not counted")
	})
}
