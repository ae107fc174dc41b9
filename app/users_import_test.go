package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestImportedLine(t *testing.T) {
	t.Parallel()
	user, err := parseImportedUser([]byte(`{"created_at": "2024-05-01T14:00:00.1234567+02:00", "email": "Ada@example.com", "hash": "$2b$é"}` + "\r\n"))
	require.NoError(t, err)
	require.True(t, user.CreatedAt.Equal(time.Date(2024, 5, 1, 12, 0, 0, 123456700, time.UTC)))
	user.CreatedAt = nil
	require.Equal(t, domain.ImportedUser{Email: "Ada@example.com", PasswordHash: "$2b$é"}, user)

	user, err = parseImportedUser([]byte(`{"email": "a", "hash": "h", "email_verified_at": "2024-05-01T12:00:00Z"}`))
	require.NoError(t, err)
	verified := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	require.Equal(t, domain.ImportedUser{Email: "a", PasswordHash: "h", EmailVerifiedAt: &verified}, user)

	for _, line := range []string{`{"email": "a", "hash": "h"}`, `{"email": "a", "hash": "h", "created_at": null}`} {
		user, err = parseImportedUser([]byte(line))
		require.NoError(t, err)
		require.Equal(t, domain.ImportedUser{Email: "a", PasswordHash: "h"}, user)
	}
}

func TestImportedLinesThatAreRefused(t *testing.T) {
	t.Parallel()
	const email, hash, created = `"email":"` + canary + `"`, `"hash":"` + canary + `"`, `"created_at":"2024-05-01T12:00:00Z"`
	for name, c := range map[string]struct{ line, says string }{
		"no JSON":             {canary, "the line is not one JSON object"},
		"cut off":             {`{"email":"` + canary, "the line is not one JSON object"},
		"two objects":         {`{` + email + `,` + hash + `,` + created + `}{}`, "the line is not one JSON object"},
		"an array":            {`["` + canary + `"]`, "the line is not one JSON object"},
		"null":                {`null`, "email is required; hash is required"},
		"empty":               {`{}`, "email is required; hash is required"},
		"a member missing":    {`{` + email + `,` + created + `}`, "hash is required"},
		"a member null":       {`{` + email + `,"hash":null,` + created + `}`, "hash is required"},
		"an unknown member":   {`{` + email + `,` + hash + `,` + created + `,"` + canary + `":1}`, "the line has a member other than email, hash, created_at and email_verified_at"},
		"another spelling":    {`{"Email":"` + canary + `",` + hash + `,` + created + `}`, "the line has a member other than email, hash, created_at and email_verified_at"},
		"a duplicate":         {`{` + email + `,` + hash + `,` + email + `,` + created + `}`, "email occurs twice"},
		"unknown duplicates":  {`{"` + canary + `":1,"` + canary + `":1}`, "the line has a member other than email, hash, created_at and email_verified_at"},
		"another type":        {`{` + email + `,"hash":{"a":"` + canary + `"},` + created + `}`, "hash must be text"},
		"a number":            {`{"email":7,` + hash + `,` + created + `}`, "email must be text"},
		"invalid UTF-8":       {`{"email":"` + canary + "\xff" + `",` + hash + `,` + created + `}`, "the line is not one JSON object"},
		"a time in words":     {`{` + email + `,` + hash + `,"created_at":"` + canary + `"}`, "created_at must be a date and time of RFC 3339, such as 2024-05-01T12:00:00Z"},
		"another time":        {`{` + email + `,` + hash + `,"email_verified_at":"` + canary + `"}`, "email_verified_at must be a date and time of RFC 3339, such as 2024-05-01T12:00:00Z"},
		"a time twice":        {`{` + email + `,` + hash + `,"email_verified_at":null,"email_verified_at":null}`, "email_verified_at occurs twice"},
		"a time without zone": {`{` + email + `,` + hash + `,"created_at":"2024-05-01T12:00:00"}`, "created_at must be a date and time of RFC 3339, such as 2024-05-01T12:00:00Z"},
		"a date":              {`{` + email + `,` + hash + `,"created_at":"2024-05-01"}`, "created_at must be a date and time of RFC 3339, such as 2024-05-01T12:00:00Z"},
		"a short hour":        {`{` + email + `,` + hash + `,"created_at":"2024-05-01T1:00:00Z"}`, "created_at must be a date and time of RFC 3339, such as 2024-05-01T12:00:00Z"},
		"a comma":             {`{` + email + `,` + hash + `,"created_at":"2024-05-01T12:00:00,5Z"}`, "created_at must be a date and time of RFC 3339, such as 2024-05-01T12:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parseImportedUser([]byte(c.line))
			require.ErrorIs(t, err, domain.ErrInvalid)
			require.EqualError(t, withFields(err), c.says)
		})
	}
}
