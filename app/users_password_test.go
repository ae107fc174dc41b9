package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/term"
)

// terminal returns both ends of a new pseudo-terminal, for the person and for the program.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = person.Close() })
	var number, unlocked int32
	control(t, person, syscall.TIOCGPTN, &number)
	control(t, person, syscall.TIOCSPTLCK, &unlocked)
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = program.Close() })
	return person, program
}

func control(t *testing.T, f *os.File, request uintptr, argument *int32) {
	t.Helper()
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(unsafe.Pointer(argument)))
	require.Zero(t, errno)
}

// awaitSilence waits until the terminal does not echo, so that a password can be typed.
func awaitSilence(t *testing.T, program *os.File) {
	t.Helper()
	require.Eventually(t, func() bool {
		var settings syscall.Termios
		_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, program.Fd(), syscall.TCGETS, uintptr(unsafe.Pointer(&settings)))
		return errno == 0 && settings.Lflag&syscall.ECHO == 0
	}, 5*time.Second, time.Millisecond)
}

func TestPasswordIsAskedForTwiceWithoutEcho(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ first, second, want, err string }{
		"the same": {canary, canary, canary, ""},
		"differ":   {canary, canary + "x", "", errPasswordsDiffer.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			person, program := terminal(t)
			type result struct {
				text string
				err  error
			}
			done := make(chan result, 1)
			go func() {
				text, err := readPassword(t.Context(), program, program)
				done <- result{text, err}
				_, _ = io.WriteString(program, "end\n")
			}()
			screen := bufio.NewReader(person)
			var shown strings.Builder
			for _, typed := range []string{c.first, c.second} {
				prompt, err := screen.ReadString(':')
				require.NoError(t, err)
				shown.WriteString(prompt)
				awaitSilence(t, program)
				_, err = io.WriteString(person, typed+"\n")
				require.NoError(t, err)
			}
			got := <-done
			require.Equal(t, c.want, got.text)
			if c.err != "" {
				require.EqualError(t, got.err, c.err)
			}
			rest, err := screen.ReadString('d')
			require.NoError(t, err)
			shown.WriteString(rest)
			require.NotContains(t, shown.String(), canary)
			require.Contains(t, shown.String(), "New password: ")
		})
	}
}

func TestReadPasswordEndsWithItsContext(t *testing.T) {
	t.Parallel()
	person, program := terminal(t)
	before, err := term.GetState(int(program.Fd()))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := readPassword(ctx, program, program)
		done <- err
	}()
	_, err = bufio.NewReader(person).ReadString(':')
	require.NoError(t, err)
	awaitSilence(t, program)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	after, err := term.GetState(int(program.Fd()))
	require.NoError(t, err)
	require.Equal(t, before, after, "the terminal echoes again")
	_, _ = io.WriteString(person, "\n") // ends the read that is still waiting
}
