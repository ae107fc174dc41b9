package rest

import (
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest/resttest"
	"example.com/postern/api/contract"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// bound returns a limit of the contract by a name such as "PostInput.title maxLength".
func bound(t *testing.T, spec *openapi3.T, name string) int64 {
	t.Helper()
	where, what, _ := strings.Cut(name, " ")
	s := schemaAt(t, spec, where)
	switch what {
	case "minLength":
		return int64(s.MinLength)
	case "maxLength":
		require.NotNil(t, s.MaxLength, name)
		return int64(*s.MaxLength)
	case "maxItems":
		require.NotNil(t, s.MaxItems, name)
		return int64(*s.MaxItems)
	case "minimum":
		require.NotNil(t, s.Min, name)
		return int64(*s.Min)
	case "maximum":
		require.NotNil(t, s.Max, name)
		return int64(*s.Max)
	case "default":
		require.NotNil(t, s.Default, name)
		return int64(s.Default.(float64))
	}
	t.Fatalf("%s: no such bound", name)
	return 0
}

// schemaAt returns the schema of "Schema", "Schema.member", "?parameter" or "#header".
func schemaAt(t *testing.T, spec *openapi3.T, where string) *openapi3.Schema {
	t.Helper()
	switch name := where[1:]; where[0] {
	case '?':
		require.Contains(t, spec.Components.Parameters, name)
		return spec.Components.Parameters[name].Value.Schema.Value
	case '#':
		require.Contains(t, spec.Components.Headers, name)
		return spec.Components.Headers[name].Value.Schema.Value
	}
	name, member, inside := strings.Cut(where, ".")
	require.Contains(t, spec.Components.Schemas, name)
	s := spec.Components.Schemas[name].Value
	if inside {
		require.Contains(t, s.Properties, member, where)
		s = s.Properties[member].Value
	}
	return s
}

// bounds are the limits that both the contract and the code define.
var bounds = map[string]int64{
	"ID minimum": 1, "ID maximum": domain.MaxID,
	"Post.votes maximum": domain.MaxID, "Post.version maximum": domain.MaxID,

	"Registration.email maxLength": domain.MaxEmail, "Account.email maxLength": domain.MaxEmail,
	"LoginForm.username maxLength": domain.MaxEmail, "TokenForm.username maxLength": domain.MaxEmail,
	"Registration.password minLength": domain.MinPassword, "Registration.password maxLength": domain.MaxPassword,
	"PasswordChange.new_password minLength": domain.MinPassword, "PasswordChange.new_password maxLength": domain.MaxPassword,
	"PasswordChange.current_password minLength": 1, "PasswordChange.current_password maxLength": domain.MaxLoginPassword,
	"PasswordReset.new_password minLength": domain.MinPassword, "PasswordReset.new_password maxLength": domain.MaxPassword,
	"PasswordResetRequest.email maxLength": domain.MaxEmail, "EmailChange.email maxLength": domain.MaxEmail,
	"EmailChange.current_password minLength": 1, "EmailChange.current_password maxLength": domain.MaxLoginPassword,
	"LoginForm.password minLength": 1, "LoginForm.password maxLength": domain.MaxLoginPassword,
	"TokenForm.password minLength": 1, "TokenForm.password maxLength": domain.MaxLoginPassword,
	"AccountPatch.name minLength": 1, "AccountPatch.name maxLength": domain.MaxName,
	"Name minLength": 1, "Name maxLength": domain.MaxName,

	"PostInput.title minLength": 1, "PostInput.title maxLength": domain.MaxTitle,
	"PostUpdate.title minLength": 1, "PostUpdate.title maxLength": domain.MaxTitle,
	"PostUpdate.content minLength": 1, "PostUpdate.content maxLength": domain.MaxContent,
	"PostPatch.title minLength": 1, "PostPatch.title maxLength": domain.MaxTitle,
	"Post.title minLength": 1, "Post.title maxLength": domain.MaxTitle,
	"PostInput.content minLength": 1, "PostInput.content maxLength": domain.MaxContent,
	"PostPatch.content minLength": 1, "PostPatch.content maxLength": domain.MaxContent,
	"Post.content minLength": 1, "Post.content maxLength": domain.MaxContent,
	"PostPage maxItems": domain.MaxPageLimit, "?Limit minimum": 1, "?Limit maximum": domain.MaxPageLimit,
	"?Limit default": domain.DefaultPageLimit, "?Search minLength": 1, "?Search maxLength": search.MaxLength,
	"?IdempotencyKey minLength": 1, "?IdempotencyKey maxLength": domain.MaxIdempotencyKey,

	"SessionList maxItems": domain.MaxSessions, "Session.user_agent maxLength": domain.MaxUserAgent,
	"Token.expires_in minimum": 1, "Token.expires_in maximum": int64(domain.MaxTokenLife / time.Second),

	"Problem.errors maxItems": maxFieldProblems, "FieldProblem.pointer maxLength": 4 * contract.MaxPointer,
	"Problem.request_id maxLength": maxRequestID, "#RequestID maxLength": maxRequestID,
}

// TestBoundsMatchTheDomain keeps the limits of the contract and of the code equal.
func TestBoundsMatchTheDomain(t *testing.T) {
	t.Parallel()
	spec := resttest.Document(t)
	for name, want := range bounds {
		require.Equal(t, want, bound(t, spec, name), name)
	}
	require.GreaterOrEqual(t, bound(t, spec, "FieldProblem.name maxLength"), int64(contract.MaxName+1), "with an ellipsis")
	require.Len(t, domain.NewSessionID(), int(bound(t, spec, "SessionID maxLength")))
}

// withoutDomainBound lists members that the domain has no limit for.
var withoutDomainBound = map[string]bool{
	"LoginForm.grant_type": true, "LoginForm.scope": true, "LoginForm.client_id": true, "LoginForm.client_secret": true,
	"TokenForm.grant_type": true, "TokenForm.scope": true, "TokenForm.client_id": true, "TokenForm.client_secret": true,
	"PostUpdate.etag": true, "PostPatch.etag": true, // as If-Match
	"TokenForm.refresh_token": true, "LogoutForm.refresh_token": true, // the token adapter defines them
	"PasswordReset.token": true, "EmailVerification.token": true, // as well
}

// TestEveryInputHasABound: each text member of a body is listed in bounds.
func TestEveryInputHasABound(t *testing.T) {
	t.Parallel()
	spec := resttest.Document(t)
	for _, item := range spec.Paths.Map() {
		for _, op := range item.Operations() {
			if op.RequestBody == nil {
				continue
			}
			for _, content := range op.RequestBody.Value.Content {
				schema := strings.TrimPrefix(content.Schema.Ref, "#/components/schemas/")
				for member, property := range content.Schema.Value.Properties {
					name := schema + "." + member
					if property.Value.Type.Is(openapi3.TypeString) && !property.Value.ReadOnly && !withoutDomainBound[name] {
						require.Contains(t, bounds, name+" maxLength")
					}
				}
			}
		}
	}
}
