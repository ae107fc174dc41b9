package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"example.com/postern/domain"
)

// readPassword asks twice for a new password, without echo, if stdin is a terminal. Otherwise it reads the first line of
// stdin. It returns when ctx ends.
func readPassword(ctx context.Context, stdin io.Reader, stderr io.Writer) (string, error) {
	if !isTerminal(stdin) {
		return untilDone(ctx, func() (string, error) { return readLine(stdin) })
	}
	terminal := int(stdin.(*os.File).Fd())
	state, err := term.GetState(terminal)
	if err != nil {
		return "", errors.New("the terminal cannot be used to ask for a password")
	}
	// This also turns the echo on again if ctx ends while a read waits.
	defer func() { _ = term.Restore(terminal, state) }()
	return untilDone(ctx, func() (string, error) { return askTwice(terminal, stderr) })
}

var (
	errPasswordsDiffer = errors.New("the two passwords differ: nothing was changed")
	errNoPassword      = errors.New("no password was given: nothing was changed")
	errLongPassword    = fmt.Errorf("the password is longer than %d bytes: nothing was changed", domain.MaxLoginPassword)
)

func askTwice(terminal int, stderr io.Writer) (string, error) {
	var given [2]string
	for i, prompt := range []string{"New password: ", "Once more: "} {
		_, _ = io.WriteString(stderr, prompt)
		text, err := term.ReadPassword(terminal)
		_, _ = io.WriteString(stderr, "\n") // the typed line end was not echoed
		if err != nil {
			return "", errNoPassword
		}
		given[i] = string(text)
	}
	if given[0] != given[1] {
		return "", errPasswordsDiffer
	}
	return given[0], nil
}

// readLine returns the first line without its line end.
func readLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, domain.MaxLoginPassword+3)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", errors.New("the input cannot be read: " + cause(err))
	}
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	switch {
	case line == "":
		return "", errNoPassword
	case len(line) > domain.MaxLoginPassword:
		return "", errLongPassword
	}
	return line, nil
}

// untilDone returns the result of read, or the error of ctx when that ends first. The read then goes on in its goroutine,
// because a read of a terminal or a pipe cannot be interrupted.
func untilDone(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read()
		done <- result{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-done:
		return r.text, r.err
	}
}
