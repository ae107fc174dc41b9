package token

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const tutorialSecret = "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"

func TestCheckSecretRefuses(t *testing.T) {
	t.Parallel()
	counting := make([]byte, 64)
	for i := range counting {
		counting[i] = byte(i)
	}
	tutorialBytes, err := hex.DecodeString(tutorialSecret)
	require.NoError(t, err)
	tests := map[string]struct {
		secret string
		want   error
	}{
		"empty":                      {"", errShortSecret},
		"31 bytes":                   {goodSecret[:31], errShortSecret},
		"one character":              {strings.Repeat("x", 64), errRepetitiveSecret},
		"zeros":                      {strings.Repeat("\x00", 32), errRepetitiveSecret},
		"zeros in hexadecimal":       {strings.Repeat("0", 64), errRepetitiveSecret},
		"spaces":                     {strings.Repeat(" ", 32), errRepetitiveSecret},
		"one character and newline":  {strings.Repeat("x", 64) + "\n", errRepetitiveSecret},
		"a short unit":               {strings.Repeat("changeme", 4), errRepetitiveSecret},
		"a short unit and newline":   {strings.Repeat("changeme-12", 4) + "\n", errRepetitiveSecret},
		"a short unit, cut":          {strings.Repeat("changeme-12", 4)[:40], errRepetitiveSecret},
		"a unit of half its length":  {goodSecret + goodSecret, errRepetitiveSecret},
		"seven different bytes":      {"aebdgcfagedcbgfaedgbcfeagdfbecagd", errRepetitiveSecret},
		"padded to length":           {"kX9$mQ2!vLpR" + strings.Repeat("=", 20), errRepetitiveSecret},
		"counting up":                {string(counting[:32]), errRepetitiveSecret},
		"counting in hexadecimal":    {hex.EncodeToString(counting[:32]), errRepetitiveSecret},
		"counting in base64":         {base64.StdEncoding.EncodeToString(counting), errRepetitiveSecret},
		"the alphabet":               {"abcdefghijklmnopqrstuvwxyz0123456789", errRepetitiveSecret},
		"digits":                     {"1234567890123456789012345678901234", errRepetitiveSecret},
		"the tutorial's":             {tutorialSecret, errKnownSecret},
		"the tutorial's, newline":    {tutorialSecret + "\r\n", errKnownSecret},
		"the tutorial's, quoted":     {`"` + tutorialSecret + `"`, errKnownSecret},
		"the tutorial's, upper case": {strings.ToUpper(tutorialSecret), errKnownSecret},
		"the tutorial's, as bytes":   {string(tutorialBytes), errKnownSecret},
		"the tutorial's, in base64":  {base64.StdEncoding.EncodeToString([]byte(tutorialSecret)), errKnownSecret},
		"its bytes in base64url":     {base64.RawURLEncoding.EncodeToString(tutorialBytes), errKnownSecret},
		"another published one":      {"reallyreallyreallyreallyverysafe", errKnownSecret},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := CheckSecret([]byte(test.secret))
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, "openssl rand -base64 48", "the error says what to do")
			requireNoTrace(t, err.Error(), test.secret)
		})
	}
}

func TestCheckSecretRefusesEveryKnownOne(t *testing.T) {
	t.Parallel()
	n := 0
	for line := range strings.Lines(knownSecretLines) {
		secret := strings.TrimSuffix(line, "\n")
		require.NotContains(t, secret, "\r")
		require.Error(t, CheckSecret([]byte(secret)))
		n++
	}
	require.Equal(t, 1919, n)
}

func TestCheckSecretAcceptsRandomOnes(t *testing.T) {
	t.Parallel()
	require.NoError(t, CheckSecret([]byte(goodSecret)))
	require.NoError(t, CheckSecret([]byte("correct horse battery staple, and then some")))
	for range 2000 {
		random := make([]byte, 48)
		_, _ = rand.Read(random)
		require.NoError(t, CheckSecret(random[:32]))
		require.NoError(t, CheckSecret([]byte(hex.EncodeToString(random[:16]))))
		require.NoError(t, CheckSecret([]byte(hex.EncodeToString(random[:32]))))
		require.NoError(t, CheckSecret([]byte(base64.StdEncoding.EncodeToString(random)+"\n")))
		require.NoError(t, CheckSecret([]byte(rand.Text()+rand.Text())))
	}
}
