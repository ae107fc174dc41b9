package rest

import (
	"fmt"
	"slices"

	"example.com/postern/domain"
)

// addRules lets what the domain or an adapter finds wrong with a request be told together with what the contract does.
func addRules(operations map[string]*operation, auth domain.AuthService, cursors CursorSealer) error {
	signUp, list := operations["POST /users"], operations["GET /posts"]
	if signUp == nil || signUp.body == nil || list == nil {
		return fmt.Errorf("rest: the contract lacks an operation that has rules")
	}
	signUp.body.rules = registrationRules(auth)
	cursor := slices.IndexFunc(list.parameters, func(p parameter) bool { return p.name == "cursor" })
	if cursor < 0 {
		return fmt.Errorf("rest: the contract lacks a parameter that has rules")
	}
	list.parameters[cursor].rule = func(value string) error {
		_, err := openCursor(cursors, value)
		return err
	}
	return nil
}

func registrationRules(auth domain.AuthService) rules {
	return func(object map[string]any) []domain.FieldError {
		email, _ := object["email"].(string)
		password, _ := object["password"].(string)
		return auth.CheckRegistration(domain.Registration{Email: email, Password: domain.NewPassword(password)})
	}
}
