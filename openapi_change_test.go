package postern_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	postern "example.com/postern"
)

// mayNotBeRepeated lists the operations that need no Idempotency-Key although they are a POST, with the reason.
var mayNotBeRepeated = map[string]string{
	"Login":       "a lost answer costs a session that nobody uses and that ends by itself; kept answers would be kept tokens",
	"CreateToken": "the refresh token is the key: for 30 seconds the one before gets the same answer (RFC 9700, section 4.14)",
	"Logout":      "ends a session, which has no second time (RFC 7009, section 2.2)",
	"CreateUser":  "the address is the key: a repeat is 409, which says that there is an account",
}

// A client whose answer was lost may send the request again: PUT and DELETE by nature (RFC 9110, section 9.2.2), PATCH because
// a merge patch says what is to be (RFC 7396), POST with a key.
func TestUnsafeOperationsCanBeRepeated(t *testing.T) {
	t.Parallel()
	exempt := map[string]bool{}
	operations(t, func(t *testing.T, method, _ string, op *openapi3.Operation) {
		key := op.Parameters.GetByInAndName("header", "Idempotency-Key")
		switch method {
		case http.MethodGet, http.MethodPut, http.MethodDelete:
			require.Nil(t, key, "is idempotent as it is")
		case http.MethodPatch:
			require.NotNil(t, op.RequestBody.Value.Content["application/merge-patch+json"], "is no merge patch")
		case http.MethodPost:
			exempt[op.OperationID] = mayNotBeRepeated[op.OperationID] != ""
			require.NotEqual(t, exempt[op.OperationID], key != nil, "takes an Idempotency-Key, or has a reason not to")
		default:
			t.Errorf("what a repeated %s does is not known", method)
		}
	})
	for id := range mayNotBeRepeated {
		require.True(t, exempt[id], "%s is no such operation", id)
	}
}

// What is read with an ETag can be changed with If-Match, so that no edit is lost unseen (RFC 9110, section 13.1.1).
func TestWhatHasAnETagIsChangedConditionally(t *testing.T) {
	t.Parallel()
	conditional := 0
	for path, item := range load(t).Paths.Map() {
		if item.Get == nil || item.Get.Responses.Value("200").Value.Headers["ETag"] == nil {
			continue
		}
		require.NotNil(t, item.Get.Parameters.GetByInAndName("header", "If-None-Match"), path)
		for method, op := range item.Operations() {
			if method != http.MethodGet {
				conditional++
				require.NotNil(t, op.Parameters.GetByInAndName("header", "If-Match"), "%s %s", method, path)
				require.NotNil(t, op.Responses.Value("412"), "%s %s", method, path)
			}
		}
	}
	require.Equal(t, 3, conditional)
}

// What is deprecated says since when, and until when it is served: at least half a year longer.
func TestDeprecatedOperationsHaveDates(t *testing.T) {
	t.Parallel()
	operations(t, func(t *testing.T, _, _ string, op *openapi3.Operation) { require.Empty(t, deprecationFault(op)) })

	for name, c := range map[string]struct {
		op    openapi3.Operation
		fault string
	}{
		"neither":   {openapi3.Operation{Deprecated: true}, "x-deprecated-at is no date"},
		"no sunset": {openapi3.Operation{Deprecated: true, Extensions: map[string]any{"x-deprecated-at": "2026-11-24"}}, "x-sunset is no date"},
		"too soon":  {openapi3.Operation{Deprecated: true, Extensions: map[string]any{"x-deprecated-at": "2026-11-24", "x-sunset": "2027-05-22"}}, "less than 180 days"},
		"good":      {openapi3.Operation{Deprecated: true, Extensions: map[string]any{"x-deprecated-at": "2026-11-24", "x-sunset": "2027-05-23"}}, ""},
		"current":   {openapi3.Operation{Extensions: map[string]any{"x-sunset": "2027-05-23"}}, "x-sunset without deprecated"},
	} {
		require.Equal(t, c.fault, deprecationFault(&c.op), name)
	}
}

func deprecationFault(op *openapi3.Operation) string {
	var dates []time.Time
	for _, name := range []string{"x-deprecated-at", "x-sunset"} {
		text, _ := op.Extensions[name].(string)
		date, err := time.Parse(time.DateOnly, text)
		switch {
		case !op.Deprecated && op.Extensions[name] != nil:
			return name + " without deprecated"
		case op.Deprecated && err != nil:
			return name + " is no date"
		}
		dates = append(dates, date)
	}
	if op.Deprecated && dates[1].Sub(dates[0]) < 180*24*time.Hour {
		return "less than 180 days"
	}
	return ""
}

// A release is kept as it was: what openapi.yaml says under the same version is the same. make compat compares it with the last.
func TestReleasedContractsAreKept(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("api/released/v*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		released, err := openapi3.NewLoader().LoadFromData(text)
		require.NoError(t, err)
		require.Equal(t, "v"+released.Info.Version, strings.TrimSuffix(filepath.Base(file), ".yaml"))
		if released.Info.Version == load(t).Info.Version {
			require.Equal(t, string(postern.OpenAPI), string(text), "%s is released: raise info.version", released.Info.Version)
		}
	}
}
