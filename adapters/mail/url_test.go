package mail

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Server{
		"smtp://mail.example":                      {host: "mail.example", port: 587},
		"smtp://mail.example:25/":                  {host: "mail.example", port: 25},
		"smtps://mail.example":                     {host: "mail.example", port: 465, security: implicitTLS},
		"smtp+plain://[::1]:1025":                  {host: "::1", port: 1025, security: plain},
		"smtps://a%40b.example:s%3Ae@mail.example": {host: "mail.example", port: 465, security: implicitTLS, user: "a@b.example", password: domain.NewSecret("s:e")},
	} {
		server, err := ParseURL(domain.NewSecret(text))
		require.NoError(t, err, text)
		require.Equal(t, want, server, text)
	}
	for _, text := range []string{"", "mail.example:25", "http://mail.example", "smtp://", "smtp://mail.example:0", "smtp://mail.example:99999",
		"smtp://user@mail.example", "smtp://user:@mail.example", "smtp://:secret@mail.example", "smtp+plain://u:secret@mail.example",
		"smtp://mail.example?tls=off", "smtp://mail.example/secret", "smtp://mail.example#secret", "smtp://u:secret%zz@mail.example"} {
		_, err := ParseURL(domain.NewSecret(text))
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), "secret", text)
		require.NotContains(t, err.Error(), "mail.example", text)
	}
}

func TestParseFrom(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"postern@example.com", "Postern <postern@example.com>", `"A, B" <postern@bücher.example>`} {
		_, err := ParseFrom(text)
		require.NoError(t, err, text)
	}
	for _, text := range []string{"", "postern", "a@example.com, b@example.com", "Postern <postern@example.com>\r\nBcc: eve@evil.example", "é@example.com", `"a b"@example.com`} {
		_, err := ParseFrom(text)
		require.Error(t, err, text)
	}
}
