package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSecretIsNeverPrinted(t *testing.T) {
	t.Parallel()
	secret := NewSecret(canary)
	type holder struct {
		Exported Secret
		hidden   Secret
	}
	held := holder{secret, secret}
	for _, verb := range "vsqdxXUcobOtTpeEfFgGw" {
		for _, flags := range []string{"", "+", "#", "-40", "040", ".99"} {
			format := "%" + flags + string(verb)
			require.NotContains(t, fmt.Sprintf(format, secret), canary, format)
			require.NotContains(t, fmt.Sprintf(format, held), canary, format)
			require.NotContains(t, fmt.Sprintf(format, &held), canary, format)
			require.NotContains(t, fmt.Sprintf(format, []any{secret, &secret}), canary, format)
		}
	}
	require.Equal(t, "[redacted]", fmt.Sprint(secret))
	require.NotContains(t, fmt.Sprintf("%x", held), fmt.Sprintf("%x", canary))
	require.NotContains(t, fmt.Errorf("refused %v, %+v", secret, held).Error(), canary)

	encoded, err := json.Marshal(map[string]any{"secret": secret, "held": held, canary[:2]: map[Secret]int{secret: 1}})
	require.NoError(t, err)
	require.NotContains(t, string(encoded), canary)

	var log bytes.Buffer
	for _, format := range []string{"text", "json"} {
		newLogger(&log, format, "info").Info("m", "secret", secret, "held", held, slog.Any("pointer", &held))
	}
	require.Contains(t, log.String(), "[redacted]")
	require.NotContains(t, log.String(), canary)
	require.Equal(t, canary, secret.Reveal())
}

func TestReadSecret(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env  map[string]string
		want string
		err  string
	}{
		"unset":             {nil, "", ""},
		"variable":          {map[string]string{"S": canary}, canary, ""},
		"file":              {map[string]string{"S_FILE": write(t, canary)}, canary, ""},
		"file with newline": {map[string]string{"S_FILE": write(t, canary+"\n")}, canary, ""},
		"file from Windows": {map[string]string{"S_FILE": write(t, canary+"\r\n")}, canary, ""},
		"only one newline":  {map[string]string{"S_FILE": write(t, canary+" \n\n")}, canary + " \n", ""},
		"both":              {map[string]string{"S": canary, "S_FILE": write(t, canary)}, "", "S and S_FILE are both set: keep one"},
		"no such file":      {map[string]string{"S_FILE": "/" + canary}, "", "S_FILE names a file that cannot be used: no such file or directory"},
		"a folder":          {map[string]string{"S_FILE": t.TempDir()}, "", "S_FILE names a file that cannot be used: is a directory"},
		"an empty file":     {map[string]string{"S_FILE": write(t, "\n")}, "", "S_FILE names a file that cannot be used: it must hold 1 to 65536 bytes"},
		"an enormous file":  {map[string]string{"S_FILE": write(t, strings.Repeat(canary, 10_000))}, "", "S_FILE names a file that cannot be used: it must hold 1 to 65536 bytes"},
		"a path with a NUL": {map[string]string{"S_FILE": canary + "\x00"}, "", "S_FILE names a file that cannot be used: invalid argument"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secret, err := readSecret(func(name string) string { return c.env[name] }, "S")
			if c.err != "" {
				require.EqualError(t, err, c.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, secret.Reveal())
			require.Equal(t, c.want != "", secret.IsSet())
		})
	}
}
