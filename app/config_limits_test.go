package main

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

func parsed(t *testing.T, environ ...string) config {
	t.Helper()
	command, err := parseCommand(nil, lookUp(environ), io.Discard)
	require.NoError(t, err)
	return command.Model.Target.Interface().(cli).Serve.config
}

func TestDefaultsAreThoseOfTheDomain(t *testing.T) {
	t.Parallel()
	c := parsed(t)
	require.Equal(t, throttle.DefaultLimits(), throttle.Limits(c.Guessing))
	require.Equal(t, domain.MinPassword, c.PasswordMin)
	require.Equal(t, 14*24*time.Hour, c.SessionIdle)
	require.Equal(t, 90*24*time.Hour, c.SessionLifetime)
}

func TestEveryLimitHasItsOwnSetting(t *testing.T) {
	t.Parallel()
	c := parsed(t, "POSTERN_LOGIN_FREE_TRIES=2", "POSTERN_LOGIN_FIRST_WAIT=3s", "POSTERN_LOGIN_MAX_WAIT=4s",
		"POSTERN_LOGIN_TRIES_PER_ADDRESS=5", "POSTERN_LOGIN_ADDRESS_WINDOW=6m", "POSTERN_LOGIN_TRIES_PER_ACCOUNT=7",
		"POSTERN_LOGIN_ACCOUNT_WINDOW=8m", "POSTERN_SIGNUPS_PER_ADDRESS=9", "POSTERN_SIGNUP_WINDOW=10m",
		"POSTERN_MAILS_PER_ACCOUNT=11", "POSTERN_MAILS_PER_ADDRESS=12", "POSTERN_MAIL_WINDOW=13m")
	require.Equal(t, throttle.Limits{
		FreeTries: 2, FirstWait: 3 * time.Second, MaxWait: 4 * time.Second,
		PerAddress: 5, AddressWindow: 6 * time.Minute, PerAccount: 7, AccountWindow: 8 * time.Minute,
		SignUps: 9, SignUpWindow: 10 * time.Minute, MailsPerAccount: 11, MailsPerClient: 12, MailWindow: 13 * time.Minute,
	}, throttle.Limits(c.Guessing))
}

func TestSettingsThatContradictEachOther(t *testing.T) {
	t.Parallel()
	code, _, stderr := postern(t, []string{"POSTERN_LOGIN_FIRST_WAIT=2s", "POSTERN_LOGIN_MAX_WAIT=1s", "POSTERN_SESSION_IDLE=2161h"})
	require.Equal(t, exitUsage, code)
	require.Equal(t, "postern: POSTERN_SESSION_LIFETIME must not be shorter than POSTERN_SESSION_IDLE; "+
		"POSTERN_LOGIN_MAX_WAIT must not be shorter than POSTERN_LOGIN_FIRST_WAIT\n", stderr)
}

func TestOptionsHaveNoVariables(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"POSTERN_ALGORITHM", "POSTERN_ALL"} {
		code, _, stderr := postern(t, []string{name + "=" + canary}, "version")
		require.Equal(t, exitUsage, code)
		require.Contains(t, stderr, name+" is not a setting")
	}
}
