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

// withoutIdempotencyKey lists the POST operations that need no Idempotency-Key, with the reason.
var withoutIdempotencyKey = map[string]string{
	"Login":       "a lost answer leaves an unused session that expires; a stored answer would contain tokens",
	"CreateToken": "the refresh token acts as the key: a repeat within 30 seconds gets the same answer (RFC 9700, section 4.14)",
	"Logout":      "logging out twice succeeds (RFC 7009, section 2.2)",
	"CreateUser":  "the address acts as the key: a repeat is a 409, which shows that the account exists",

	"RequestPasswordReset":      "a repeat sends another mail, whose link replaces the one before",
	"RequestEmailVerification":  "a repeat sends another mail, whose link replaces the one before",
	"CompletePasswordReset":     "the token acts as the key: a repeat is a 403, and logging in shows that the password was changed",
	"CompleteEmailVerification": "the token acts as the key: a repeat is a 403, and the account shows that the address is confirmed",
}

// TestUnsafeOperationsCanBeRepeated: a client that lost an answer can repeat its request. PUT and DELETE are idempotent
// (RFC 9110, section 9.2.2), a merge patch states the new values (RFC 7396), and POST takes a key.
func TestUnsafeOperationsCanBeRepeated(t *testing.T) {
	t.Parallel()
	exempt := map[string]bool{}
	operations(t, func(t *testing.T, method, _ string, op *openapi3.Operation) {
		key := op.Parameters.GetByInAndName("header", "Idempotency-Key")
		switch method {
		case http.MethodGet, http.MethodPut, http.MethodDelete:
			require.Nil(t, key, "needs no key: the method is idempotent")
		case http.MethodPatch:
			require.NotNil(t, op.RequestBody.Value.Content["application/merge-patch+json"], "must accept a merge patch")
		case http.MethodPost:
			exempt[op.OperationID] = withoutIdempotencyKey[op.OperationID] != ""
			require.NotEqual(t, exempt[op.OperationID], key != nil, "must take an Idempotency-Key or be listed in withoutIdempotencyKey")
		default:
			t.Errorf("no rule for the method %s", method)
		}
	})
	for id := range withoutIdempotencyKey {
		require.True(t, exempt[id], "%s is not a POST operation", id)
	}
}

// TestResourcesWithETagTakeIfMatch: conditional writes prevent lost updates (RFC 9110, section 13.1.1).
func TestResourcesWithETagTakeIfMatch(t *testing.T) {
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

// TestDeprecatedOperationsHaveDates: a deprecated operation is served for at least 180 more days.
func TestDeprecatedOperationsHaveDates(t *testing.T) {
	t.Parallel()
	operations(t, func(t *testing.T, _, _ string, op *openapi3.Operation) { require.Empty(t, deprecationFault(op)) })

	for name, c := range map[string]struct {
		op    openapi3.Operation
		fault string
	}{
		"neither":   {openapi3.Operation{Deprecated: true}, "x-deprecated-at is not a date"},
		"no sunset": {openapi3.Operation{Deprecated: true, Extensions: map[string]any{"x-deprecated-at": "2026-11-24"}}, "x-sunset is not a date"},
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
			return name + " is not a date"
		}
		dates = append(dates, date)
	}
	if op.Deprecated && dates[1].Sub(dates[0]) < 180*24*time.Hour {
		return "less than 180 days"
	}
	return ""
}

// TestReleasedContractsAreKept: a released contract never changes under the same version. make compat compares releases.
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

// TestSeveritiesAreOnlyRaised: a difference that breaks clients is accepted one by one, with a reason. No kind of difference is
// made harmless.
func TestSeveritiesAreOnlyRaised(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("api/released/severity.txt")
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		require.Regexp(t, `^[a-z-]+ err\n$`, line)
	}
}
