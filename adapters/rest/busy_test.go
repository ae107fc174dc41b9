package rest

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRejectedRequestsAreCountedInTheLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		busy := newBusyHandler("", slog.New(slog.NewJSONHandler(&log, nil)))
		refuse := func(n int) {
			for range n {
				busy.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/posts", nil))
			}
			time.Sleep(refusalReportInterval)
			synctest.Wait()
		}
		refuse(3)
		require.Contains(t, log.String(), `"requests":3}`)
		refuse(1)
		require.Contains(t, log.String(), `"requests":1}`)
		refuse(0)
		require.Equal(t, 2, strings.Count(log.String(), "\n"))
	})
}
