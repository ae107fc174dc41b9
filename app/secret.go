package main

import (
	"errors"
	"io"
	"os"
	"strings"
	"syscall"

	"example.com/postern/adapters/token"
	"example.com/postern/domain"
)

// maxSecretFile is the largest accepted size of a secret's file in bytes.
const maxSecretFile = 64 << 10

// readSecret returns the secret in a variable, or in the file whose path is in the variable with the suffix _FILE.
func readSecret(getenv func(string) string, variable string) (domain.Secret, error) {
	text, path := getenv(variable), getenv(variable+"_FILE")
	switch {
	case text != "" && path != "":
		return domain.Secret{}, refuse(variable, "and "+variable+"_FILE are both set: keep one")
	case path == "":
		return domain.NewSecret(text), checkSecretText(variable, text)
	}
	if err := checkPath(path); err != nil {
		return domain.Secret{}, refuse(variable+"_FILE", err.Error())
	}
	data, err := token.ReadPrivate(path, maxSecretFile)
	if err == nil && len(data) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return domain.Secret{}, refuse(variable+"_FILE", "names a file that cannot be used: "+err.Error())
	}
	return domain.NewSecret(string(data)), checkSecretText(variable+"_FILE", string(data))
}

// maxSettingFile is the largest accepted size of the file of a setting that is no secret, in bytes.
const maxSettingFile = 4 << 10

// readSetting returns the text in a file, without the newline at its end. Unlike the file of a secret, it may be readable by
// everybody.
func readSetting(variable, path string) (string, error) {
	if err := checkPath(path); err != nil {
		return "", refuse(variable, err.Error())
	}
	file, err := os.Open(path)
	if err != nil {
		return "", refuse(variable, "names a file that cannot be used: "+cause(err))
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSettingFile+1))
	switch {
	case err != nil:
		return "", refuse(variable, "names a file that cannot be used: "+cause(err))
	case len(text) > maxSettingFile:
		return "", refuse(variable, "names a file that cannot be used: it is too large")
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// checkSecretText refuses characters that an editor, echo or an environment file may have added to a secret. It does not
// remove them: another program that reads the same secret might keep them, and would then have a different secret.
func checkSecretText(variable, text string) error {
	quoted := len(text) > 1 && text[0] == text[len(text)-1] && strings.ContainsAny(text[:1], `"'`)
	switch {
	case strings.HasSuffix(variable, "_FILE") && hasOuterSpace(text):
		return refuse(variable, "names a file that begins or ends with a newline, other white space, a byte order mark or an invisible "+
			`character: write the secret alone, as printf %s "$SECRET" >FILE does (echo adds a newline)`)
	case hasOuterSpace(text):
		return refuse(variable, "begins or ends with a newline, other white space, a byte order mark or an invisible character: remove it")
	case quoted:
		return refuse(variable, "is in quotation marks, which only a shell removes: remove them")
	}
	return nil
}

// cause returns the reason of a failed system call, without its arguments.
func cause(err error) string {
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		return errno.Error()
	}
	return "it has an unexpected form"
}
