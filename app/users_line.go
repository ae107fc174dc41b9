package main

import (
	"cmp"
	"errors"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/postern/domain"
)

// importedLine is a line of an import. A missing or null member is nil.
type importedLine struct {
	Email     *string `json:"email"`
	Hash      *string `json:"hash"`
	CreatedAt *string `json:"created_at"`

	EmailVerifiedAt *string `json:"email_verified_at"`
}

// parseImportedUser parses a line strictly. Its errors are of kind [domain.ErrInvalid] and contain no part of the line except
// the names of known members.
func parseImportedUser(line []byte) (domain.ImportedUser, error) {
	var in importedLine
	if err := json.Unmarshal(line, &in, json.RejectUnknownMembers(true)); err != nil {
		return domain.ImportedUser{}, unreadableLine(err)
	}
	var wrong []domain.FieldError
	for _, member := range []struct {
		name  string
		value *string
	}{{"email", in.Email}, {"hash", in.Hash}} {
		if member.value == nil {
			wrong = append(wrong, domain.FieldError{Field: member.name, Code: "required", Message: "is required"})
		}
	}
	if wrong != nil {
		return domain.ImportedUser{}, domain.Invalid(wrong...)
	}
	user := domain.ImportedUser{Email: *in.Email, PasswordHash: *in.Hash}
	var createdErr, verifiedErr error
	user.CreatedAt, createdErr = parseTime("created_at", in.CreatedAt)
	user.EmailVerifiedAt, verifiedErr = parseTime("email_verified_at", in.EmailVerifiedAt)
	if err := cmp.Or(createdErr, verifiedErr); err != nil {
		return domain.ImportedUser{}, err
	}
	return user, nil
}

// parseTime returns the time of a member, or nil if it is missing.
func parseTime(member string, text *string) (*time.Time, error) {
	if text == nil {
		return nil, nil
	}
	t := new(time.Time)
	if err := t.UnmarshalText([]byte(*text)); err != nil {
		return nil, wrongMember(member, "must be a date and time of RFC 3339, such as 2024-05-01T12:00:00Z")
	}
	return t, nil
}

func wrongMember(name, message string) error {
	return domain.Invalid(domain.FieldError{Field: name, Code: "invalid", Message: message})
}

// unreadableLine translates an error of the decoder, whose text may repeat the line.
func unreadableLine(err error) error {
	var syntax *jsontext.SyntacticError
	var semantic *json.SemanticError
	switch {
	case errors.Is(err, json.ErrUnknownName):
		return wrongMember("the line", "has a member other than email, hash, created_at and email_verified_at")
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		return wrongMember(knownMember(syntax.JSONPointer), "occurs twice")
	case errors.As(err, &semantic) && semantic.JSONPointer != "":
		return wrongMember(knownMember(semantic.JSONPointer), "must be text")
	}
	return wrongMember("the line", "is not one JSON object")
}

func knownMember(at jsontext.Pointer) string {
	switch name := at.LastToken(); name {
	case "email", "hash", "created_at", "email_verified_at":
		return name
	}
	return "a member"
}
