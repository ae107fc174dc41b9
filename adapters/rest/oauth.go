package rest

import (
	"errors"
	"net/http"
	"slices"

	"example.com/postern/api"
	"example.com/postern/api/contract"
	"example.com/postern/domain"
)

// tokenOperation is the token endpoint of OAuth 2.0, which has its own format of errors.
const tokenOperation = "CreateToken"

// oauthErrorCode returns the error code of the token endpoint for a failure (RFC 6749, section 5.2), and reports whether
// there is one. There is none for a body that is not a form, an exceeded quota or a server error: these are ordinary
// problems.
func oauthErrorCode(err error, status int) (api.OAuthErrorCode, bool) {
	var found *contract.Invalid
	switch {
	case errors.As(err, &found):
		if slices.ContainsFunc(found.Fields, isUnsupportedGrant) {
			return api.OAuthErrorCodeUnsupportedGrantType, found.Form
		}
		return api.OAuthErrorCodeInvalidRequest, found.Form
	case status == http.StatusBadRequest, errors.Is(err, domain.ErrInvalid):
		return api.OAuthErrorCodeInvalidRequest, true
	case errors.Is(err, domain.ErrForbidden):
		return api.OAuthErrorCodeInvalidGrant, true
	}
	return "", false
}

func isUnsupportedGrant(f api.FieldProblem) bool {
	return f.Code == api.FieldProblemCodeEnum && f.Pointer != nil && *f.Pointer == "/grant_type"
}

func writeOAuthError(w http.ResponseWriter, code api.OAuthErrorCode, p api.Problem) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write(problemBody(api.OAuthError{
		Type: p.Type, Title: p.Title, Status: p.Status, Detail: p.Detail, Code: p.Code, RequestID: p.RequestID, TraceID: p.TraceID,
		Errors: p.Errors, Error: code, ErrorDescription: p.Detail,
	}))
}
