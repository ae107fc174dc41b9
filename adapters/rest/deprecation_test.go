package rest

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest/resttest"
	"example.com/postern/api"
	"example.com/postern/api/contract"
)

// serveChanged serves a changed contract with operations that do nothing.
func serveChanged(t *testing.T, change func(*openapi3.Operation)) (http.Handler, error) {
	t.Helper()
	document := resttest.DocumentCopy(t)
	change(document.Paths.Value("/posts").Get)
	text, err := document.MarshalJSON()
	require.NoError(t, err)
	compiled, err := contract.New(text, formats(nil, nil))
	require.NoError(t, err)
	operations, err := newOperations(compiled, &server{}, nil)
	mux := http.NewServeMux()
	for pattern, operation := range operations {
		operation.handle = func(w http.ResponseWriter, _ *http.Request, _ *requestState, _ api.Input) error {
			w.WriteHeader(http.StatusOK)
			return nil
		}
		mux.Handle(pattern, operation)
	}
	return withRequestState(mux, &admission{clients: newClientResolver(nil, nil)}, unobserved{}, slog.New(slog.DiscardHandler)), err
}

func deprecated(op *openapi3.Operation, at, sunset any) {
	op.Deprecated, op.Extensions = true, map[string]any{"x-deprecated-at": at, "x-sunset": sunset}
}

// TestDeprecationHeaders: every answer of a deprecated operation has the headers, errors included. No other answer has
// them.
func TestDeprecationHeaders(t *testing.T) {
	t.Parallel()
	handler, err := serveChanged(t, func(op *openapi3.Operation) { deprecated(op, "2026-11-24", "2027-06-01") })
	require.NoError(t, err)
	for target, c := range map[string]struct {
		status             int
		deprecated, sunset string
	}{
		"/posts":         {http.StatusOK, "@1795478400", "Tue, 01 Jun 2027 00:00:00 GMT"},
		"/posts?limit=0": {http.StatusUnprocessableEntity, "@1795478400", "Tue, 01 Jun 2027 00:00:00 GMT"},
		"/users/1":       {status: http.StatusOK},
	} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, target, nil))
		require.Equal(t, c.status, answer.Code, target)
		require.Equal(t, c.deprecated, answer.Header().Get("Deprecation"), target)
		require.Equal(t, c.sunset, answer.Header().Get("Sunset"), target)
	}
}

func TestDeprecationNeedsBothDates(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*openapi3.Operation){
		"no dates":          func(op *openapi3.Operation) { op.Deprecated = true },
		"no sunset":         func(op *openapi3.Operation) { deprecated(op, "2026-11-24", nil) },
		"no beginning":      func(op *openapi3.Operation) { deprecated(op, nil, "2027-06-01") },
		"not a date":        func(op *openapi3.Operation) { deprecated(op, "2026-11-24", "soon") },
		"no such day":       func(op *openapi3.Operation) { deprecated(op, "2026-02-30", "2027-06-01") },
		"ends at beginning": func(op *openapi3.Operation) { deprecated(op, "2026-11-24", "2026-11-24") },
		"dates alone": func(op *openapi3.Operation) {
			deprecated(op, "2026-11-24", "2027-06-01")
			op.Deprecated = false
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := serveChanged(t, change)
			require.ErrorContains(t, err, "GET /posts")
		})
	}
}
