package domain

import (
	"fmt"
	"log/slog"
)

// Secret is a text that must not be shown. However it is printed, logged or encoded, it appears as [redacted]. The zero value
// is an empty secret.
type Secret struct {
	// fmt does not call Format on the unexported fields of other structs. It prints this pointer as an address.
	text *string
}

// NewSecret returns a secret that holds text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// IsSet reports whether the secret is not empty.
func (s Secret) IsSet() bool { return s.text != nil }

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

const redacted = "[redacted]"

// Format implements [fmt.Formatter] for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue implements [slog.LogValuer].
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements [encoding.TextMarshaler], and so JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
