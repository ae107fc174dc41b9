package rest

import (
	"errors"
	"fmt"
	"net/url"
	"slices"

	"example.com/postern/domain"
)

// addRules lets what the domain or an adapter finds wrong with a request be told together with what the contract does.
func addRules(operations map[string]*operation, auth domain.AuthService, cursors CursorSealer) error {
	signUp := operations["POST /users"]
	if signUp == nil || signUp.body == nil {
		return errors.New("rest: the contract lacks an operation that has rules")
	}
	signUp.body.rules = registrationRules(auth)
	publicCursor := func(value string, query url.Values, _ domain.UserID) error {
		_, err := newPostList("/posts", query, 0).openCursor(cursors, value)
		return err
	}
	ownCursor := func(value string, query url.Values, caller domain.UserID) error {
		_, err := newPostList(ownPosts, query, caller).openCursor(cursors, value)
		return err
	}
	for _, r := range []struct {
		pattern, parameter string
		rule               rule
	}{
		{"GET /posts", "cursor", publicCursor},
		{"GET /posts", "search", searchRule},
		{"GET " + ownPosts, "cursor", ownCursor},
		{"PUT /posts/{id}", "If-Match", entityTagsRule},
		{"PATCH /posts/{id}", "If-Match", entityTagsRule},
		{"DELETE /posts/{id}", "If-Match", entityTagsRule},
		{"PUT /posts/{id}", "If-None-Match", entityTagsRule},
		{"PATCH /posts/{id}", "If-None-Match", entityTagsRule},
		{"DELETE /posts/{id}", "If-None-Match", entityTagsRule},
	} {
		if err := operations[r.pattern].addRule(r.parameter, r.rule); err != nil {
			return fmt.Errorf("rest: %s: %w", r.pattern, err)
		}
	}
	return nil
}

func (op *operation) addRule(parameterName string, r rule) error {
	if op == nil {
		return errors.New("the contract lacks this operation, which has rules")
	}
	i := slices.IndexFunc(op.parameters, func(p parameter) bool { return p.name == parameterName })
	if i < 0 {
		return fmt.Errorf("the contract lacks the parameter %s, which has rules", parameterName)
	}
	op.parameters[i].rule = r
	return nil
}

func registrationRules(auth domain.AuthService) rules {
	return func(object map[string]any) []domain.FieldError {
		email, _ := object["email"].(string)
		password, _ := object["password"].(string)
		return auth.CheckRegistration(domain.Registration{Email: email, Password: domain.NewPassword(password)})
	}
}

func searchRule(value string, _ url.Values, _ domain.UserID) error {
	search, _ := domain.ParseSearch(value)
	if wrong := search.Check(); wrong != nil {
		return domain.Invalid(*wrong)
	}
	return nil
}
