package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestSecretIsNeverPrinted(t *testing.T) {
	t.Parallel()
	secret := domain.NewSecret(canary)
	type holder struct {
		Exported domain.Secret
		hidden   domain.Secret
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

	encoded, err := json.Marshal(map[string]any{"secret": secret, "held": held, canary[:2]: map[domain.Secret]int{secret: 1}})
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
		"inner space":       {map[string]string{"S_FILE": write(t, "a b\nc")}, "a b\nc", ""},
		"both":              {map[string]string{"S": canary, "S_FILE": write(t, canary)}, "", "S and S_FILE are both set: keep one"},
		"no such file":      {map[string]string{"S_FILE": "/" + canary}, "", "S_FILE names a file that cannot be used: no such file or directory"},
		"a folder":          {map[string]string{"S_FILE": t.TempDir()}, "", "S_FILE names a file that cannot be used: it is not a regular file"},
		"an empty file":     {map[string]string{"S_FILE": write(t, "")}, "", "S_FILE names a file that cannot be used: it is empty"},
		"an enormous file":  {map[string]string{"S_FILE": write(t, strings.Repeat(canary, 10_000))}, "", "S_FILE names a file that cannot be used: it is too large: more than 65536 bytes"},
		"a path with a NUL": {map[string]string{"S_FILE": canary + "\x00"}, "", "S_FILE must be a path"},
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

// aroundSecrets are secrets with characters around them that an editor or a shell may have added.
func aroundSecrets() map[string]string {
	const good = "postgres://" + testSecret
	return map[string]string{
		"newline": good + "\n", "line end of Windows": good + "\r\n", "carriage return": good + "\r", "space": good + " ",
		"space before": " " + good, "tab": good + "\t", "no-break space": good + "\u00a0", "byte order mark": "\uFEFF" + good,
		"UTF-16": "\xff\xfe" + good, "quotes": `"` + good + `"`, "single quotes": `'` + good + `'`, "nothing else": "\n",
		"zero width space": good + "\u200b", "zero width space before": "\u200b" + good, "Hangul filler": good + "\u3164",
	}
}

func TestReadSecretRefusesSurroundingText(t *testing.T) {
	t.Parallel()
	for name, text := range aroundSecrets() {
		for variable, value := range map[string]string{"S": text, "S_FILE": write(t, text)} {
			_, err := readSecret(lookUp([]string{variable + "=" + value}), "S")
			require.ErrorContains(t, err, variable+" ", name)
			require.NotContains(t, err.Error(), testSecret)
		}
	}
}

// TestSecretsWithSurroundingTextAreRefused tries two texts for each secret, in a variable and in a file.
// TestReadSecretRefusesSurroundingText tries all texts.
func TestSecretsWithSurroundingTextAreRefused(t *testing.T) {
	t.Parallel()
	commands := map[string][]string{"POSTERN_COPY_FROM": {"copy"}, "POSTERN_COPY_TO": {"copy"}, "POSTERN_CONFORMANCE_PASSWORD": {"conformance"}}
	for _, name := range []string{"newline", "quotes"} {
		text := aroundSecrets()[name]
		for _, variable := range append(secretVariables(), "DATABASE_URL") {
			code, stdout, stderr := postern(t, []string{variable + "=" + text}, commands[variable]...)
			require.Equal(t, exitUsage, code, "%s with %s: %s", variable, name, stderr)
			require.Contains(t, stderr, variable+" ", name)
			require.NotContains(t, stdout+stderr, testSecret)
			if variable == "DATABASE_URL" {
				continue // has no file
			}
			code, stdout, stderr = postern(t, []string{variable + "_FILE=" + write(t, text)}, commands[variable]...)
			require.Equal(t, exitUsage, code, "%s_FILE with %s: %s", variable, name, stderr)
			require.Contains(t, stderr, variable+"_FILE ", name)
			require.NotContains(t, stdout+stderr, testSecret)
		}
	}
}

func secretVariables() (names []string) {
	for _, s := range secretSettings {
		names = append(names, s.variable)
	}
	return names
}

func TestSecretFilesThatOthersCanReadAreRefused(t *testing.T) {
	t.Parallel()
	path := write(t, testSecret)
	for _, mode := range []os.FileMode{0o644, 0o604, 0o660, 0o666} {
		require.NoError(t, os.Chmod(path, mode))
		for _, s := range secretSettings {
			_, err := readSecret(lookUp([]string{s.variable + "_FILE=" + path}), s.variable)
			require.ErrorContains(t, err, fmt.Sprintf("%s_FILE names a file that cannot be used: it has mode %04o", s.variable, mode))
		}
	}
}

// TestSecretFileInAVolumeOfKubernetes reads a symbolic link. Kubernetes uses links to change all files of a volume at once.
func TestSecretFileInAVolumeOfKubernetes(t *testing.T) {
	t.Parallel()
	volume := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(volume, "..2026_11_28"), 0o700))
	file := filepath.Join(volume, "..2026_11_28", "jwt-secret")
	require.NoError(t, os.WriteFile(file, []byte(testSecret), 0o440))
	require.NoError(t, os.Chmod(file, 0o440))
	require.NoError(t, os.Chown(file, -1, os.Getegid()))
	require.NoError(t, os.Symlink("..2026_11_28", filepath.Join(volume, "..data")))
	require.NoError(t, os.Symlink("..data/jwt-secret", filepath.Join(volume, "jwt-secret")))
	secret, err := readSecret(lookUp([]string{"S_FILE=" + filepath.Join(volume, "jwt-secret")}), "S")
	require.NoError(t, err)
	require.Equal(t, testSecret, secret.Reveal())
}
