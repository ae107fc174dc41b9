package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"syscall"
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

// readSecret returns the secret that a variable holds, or the file that the variable with _FILE behind its name leads to.
func readSecret(getenv func(string) string, variable string) (Secret, error) {
	text, path := getenv(variable), getenv(variable+"_FILE")
	switch {
	case text != "" && path != "":
		return Secret{}, refuse(variable, "and "+variable+"_FILE are both set: keep one")
	case path == "":
		return NewSecret(text), nil
	}
	text, err := readSecretFile(path)
	if err != nil {
		return Secret{}, refuse(variable+"_FILE", "names a file that cannot be used: "+err.Error())
	}
	return NewSecret(text), nil
}

// readSecretFile returns what the file holds, less the newline that editors leave. Its errors hold no path.
func readSecretFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", errors.New(cause(err))
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return "", errors.New(cause(err))
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if text == "" || len(data) > maxSecretFile {
		return "", fmt.Errorf("it must hold 1 to %d bytes", maxSecretFile)
	}
	return text, nil
}

// cause returns why the system refused, without what was asked of it.
func cause(err error) string {
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		return errno.Error()
	}
	return "it is not what it should be"
}
