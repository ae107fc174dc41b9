package token

import (
	"encoding/hex"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestKeyedHashIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	hash := secretRing(t).KeyedHash("ada@example.com")
	require.Equal(t, hash, secretRing(t).KeyedHash("ada@example.com"))
	require.NotEqual(t, hash, secretRing(t).KeyedHash("ADA@example.com"))
	// This value is computed with Python's hmac module. If it changed, all throttles would be reset.
	require.Equal(t, "4c66d863feecdc41724d80b3d5cd8de4125de6eb6c2ce30a8d9f0341d8e70276", hex.EncodeToString(hash[:]))
}

func TestKeyedHashOutlivesRotations(t *testing.T) {
	t.Parallel()
	const data = "ada@example.com"
	before, err := FromSecret([]byte(otherSecret), nil)
	require.NoError(t, err)
	during, err := FromSecret([]byte(goodSecret), []byte(otherSecret))
	require.NoError(t, err)
	require.Equal(t, before.KeyedHash(data), during.KeyedHash(data))
	require.NotEqual(t, secretRing(t).KeyedHash(data), during.KeyedHash(data), "until the previous secret is removed")

	path := newKeyFile(t)
	now := newTestClock().Now
	hash := openRing(t, path, now, io.Discard).KeyedHash(data)
	_, err = RotateAllFile(path, now(), "")
	require.NoError(t, err)
	later := func() time.Time { return now().Add(time.Hour) }
	require.Equal(t, hash, openRing(t, path, later, io.Discard).KeyedHash(data))
}
