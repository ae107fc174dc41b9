package main

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"syscall"

	"example.com/postern/adapters/token"
)

const redacted = "[redacted]"

// Secret is a setting that nobody may see. However it is printed, logged or encoded, it comes out as [redacted]. The zero
// value is a secret that was not given.
type Secret struct {
	// A pointer, because fmt reads unexported fields of others without asking Format.
	text *string
}

// NewSecret wraps text; an empty one is a secret that was not given.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// IsSet tells whether the secret was given.
func (s Secret) IsSet() bool { return s.text != nil }

// Reveal returns the secret in the clear.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Format implements [fmt.Formatter] for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue implements [slog.LogValuer].
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements [encoding.TextMarshaler], and so JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// maxSecretFile bounds a secret's file, in bytes.
const maxSecretFile = 64 << 10

// readSecret returns the secret in a variable, or in the file that the variable with _FILE behind its name leads to.
func readSecret(getenv func(string) string, variable string) (Secret, error) {
	text, path := getenv(variable), getenv(variable+"_FILE")
	switch {
	case text != "" && path != "":
		return Secret{}, refuse(variable, "and "+variable+"_FILE are both set: keep one")
	case path == "":
		return NewSecret(text), checkSecretText(variable, text)
	}
	if err := checkPath(path); err != nil {
		return Secret{}, refuse(variable+"_FILE", err.Error())
	}
	data, err := token.ReadPrivate(path, maxSecretFile)
	if err == nil && len(data) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return Secret{}, refuse(variable+"_FILE", "names a file that cannot be used: "+err.Error())
	}
	return NewSecret(string(data)), checkSecretText(variable+"_FILE", string(data))
}

// checkSecretText refuses what an editor, echo or a file of settings may have added to a secret. Nothing is removed, because
// then the same secret would be another one wherever it arrives by another way.
func checkSecretText(variable, text string) error {
	quoted := len(text) > 1 && text[0] == text[len(text)-1] && strings.ContainsAny(text[:1], `"'`)
	switch {
	case strings.HasSuffix(variable, "_FILE") && hasOuterSpace(text):
		return refuse(variable, "names a file whose text begins or ends with a newline, other white space, a byte order mark or a character that "+
			"does not show: "+
			`write the secret alone, as printf %s "$SECRET" >FILE does (echo adds a newline)`)
	case hasOuterSpace(text):
		return refuse(variable, "begins or ends with a newline, other white space, a byte order mark or a character that does not show: remove it")
	case quoted:
		return refuse(variable, "is in quotation marks, which only a shell takes away: remove them")
	}
	return nil
}

// cause returns why the system refused, without what was asked of it.
func cause(err error) string {
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		return errno.Error()
	}
	return "it is not what it should be"
}
