package rest

import (
	"net/http"
	"net/url"

	"example.com/postern/api"
	"example.com/postern/api/contract"
	"example.com/postern/domain"
)

// formats returns the checks that openapi.yaml names with `format`. They run together with the checks of the schema, so
// one answer reports everything that is wrong with a request.
func formats(auth domain.AuthService, cursors CursorSealer) map[string]contract.Format {
	return map[string]contract.Format{
		"cursor":       {Check: checkCursor(cursors)},
		"search-query": {Check: checkSearch},
		"entity-tags":  {List: true, Check: checkEntityTags},
		"any-tags":     {List: true}, // for reads, which ignore a malformed list
		"email":        {Check: checkRegistration(auth, "email")},
		"new-password": {Check: checkRegistration(auth, "password")},
	}
}

func checkCursor(cursors CursorSealer) func(*http.Request, url.Values, string) contract.Fault {
	return func(r *http.Request, query url.Values, value string) contract.Fault {
		owner := domain.UserID(0)
		if r.URL.Path == ownPosts {
			owner = stateOf(r.Context()).caller.UserID
		}
		if _, err := newPostList(r.URL.Path, query, owner).openCursor(cursors, value); err != nil {
			return formatFault(err.Error())
		}
		return contract.Fault{}
	}
}

func checkSearch(_ *http.Request, _ url.Values, value string) contract.Fault {
	if _, wrong := domain.ParseSearch(value); wrong != nil {
		return contract.Fault{Code: api.FieldProblemCode(wrong.Code), Detail: wrong.Message}
	}
	return contract.Fault{}
}

func checkEntityTags(_ *http.Request, _ url.Values, value string) contract.Fault {
	if _, err := parseEntityTags(value); err != nil {
		return formatFault(err.Error())
	}
	return contract.Fault{}
}

// checkRegistration returns a check of one member of a registration by the rules of the domain.
func checkRegistration(auth domain.AuthService, member string) func(*http.Request, url.Values, string) contract.Fault {
	return func(_ *http.Request, _ url.Values, value string) contract.Fault {
		in := domain.Registration{Email: value}
		if member == "password" {
			in = domain.Registration{Password: domain.NewPassword(value)}
		}
		for _, f := range auth.CheckRegistration(in) {
			if f.Field == member {
				return contract.Fault{Code: api.FieldProblemCode(f.Code), Detail: f.Message}
			}
		}
		return contract.Fault{}
	}
}

func formatFault(detail string) contract.Fault {
	return contract.Fault{Code: api.FieldProblemCodeFormat, Detail: detail}
}
