package token

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCursorRoundTrip(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	for _, payload := range [][]byte{{}, {0}, []byte("postern"), bytes.Repeat([]byte{0xff}, MaxCursorPayload)} {
		cursor := r.SealCursor(payload)
		require.LessOrEqual(t, len(cursor), MaxCursor)
		require.Regexp(t, `^[A-Za-z0-9_-]+$`, cursor)
		opened, err := r.OpenCursor(cursor)
		require.NoError(t, err)
		require.Equal(t, payload, opened)
	}
	require.Panics(t, func() { r.SealCursor(make([]byte, MaxCursorPayload+1)) })
}

func TestEveryBitOfACursorCounts(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	for _, payload := range []string{"", "1", "12", "a longer payload"} {
		cursor := r.SealCursor([]byte(payload))
		sealed, err := decodeBase64URL(cursor)
		require.NoError(t, err)
		for i := range 8 * len(sealed) {
			sealed[i/8] ^= 1 << (i % 8)
			_, err := r.OpenCursor(b64(string(sealed)))
			require.ErrorIs(t, err, ErrBadCursor, "bit %d", i)
			sealed[i/8] ^= 1 << (i % 8)
		}
		for i := range 8 * len(cursor) {
			mangled := []byte(cursor)
			mangled[i/8] ^= 1 << (i % 8)
			_, err := r.OpenCursor(string(mangled))
			require.ErrorIs(t, err, ErrBadCursor, "bit %d of the text", i)
		}
	}
}

func TestMangledCursors(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useCursor)
	cursor := r.SealCursor([]byte("payload"))
	sealed, err := decodeBase64URL(cursor)
	require.NoError(t, err)
	body := sealed[:len(sealed)-cursorMAC]
	other, err := FromSecret([]byte(otherSecret), nil)
	require.NoError(t, err)
	newer := append([]byte{cursorVersion + 1}, body[1:]...)
	stranger := hmacKey("stranger", useCursor, start, []byte(goodSecret))
	refresh := r.current(useRefresh)
	foreign := slices.Concat([]byte{cursorVersion}, refresh.tag[:], []byte("payload"))
	tests := map[string]string{
		"said to be by the refresh's": b64(string(foreign) + string(refresh.mac(cursorLabel, foreign)[:cursorMAC])),
		"empty":                       "",
		"a post's number":             "42",
		"padded":                      cursor + "=",
		"with a newline":              cursor + "\n",
		"twice":                       cursor + cursor,
		"cut by a character":          cursor[:len(cursor)-1],
		"cut by a byte":               b64(string(sealed[:len(sealed)-1])),
		"a byte more":                 b64(string(sealed) + "x"),
		"head and MAC only, zero":     b64(string(make([]byte, cursorHead+cursorMAC))),
		"of another secret":           other.SealCursor([]byte("payload")),
		"of a key unknown":            b64(string(append(bytes.Clone(body), stranger.mac(cursorLabel, body)[:cursorMAC]...))),
		"of another version":          b64(string(append(newer, k.mac(cursorLabel, newer)[:cursorMAC]...))),
		"without its label":           b64(string(append(bytes.Clone(body), k.mac(body)[:cursorMAC]...))),
		"by the signing key":          b64(string(append(bytes.Clone(body), r.current(useSignature).mac(cursorLabel, body)[:cursorMAC]...))),
		"too long":                    strings.Repeat("A", MaxCursor+4),
		"an access token":             sign(r.current(useSignature), goodHeader(k).json(t), goodClaims().json(t)),
	}
	for name, mangled := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			payload, err := r.OpenCursor(mangled)
			require.ErrorIs(t, err, ErrBadCursor)
			require.Nil(t, payload)
		})
	}
}

func TestLongSealedCursorIsTooLong(t *testing.T) {
	t.Parallel()
	k := secretRing(t).current(useCursor)
	signed := append([]byte{cursorVersion}, k.tag[:]...)
	signed = append(signed, make([]byte, MaxCursorPayload+1)...)
	_, err := secretRing(t).OpenCursor(b64(string(append(signed, k.mac(cursorLabel, signed)[:cursorMAC]...))))
	require.ErrorIs(t, err, ErrBadCursor)
}

func TestCursorIsBoundToItsKey(t *testing.T) {
	t.Parallel()
	path, clock := newKeyFile(t), newTestClock()
	keys, err := parseKeySet(mustRead(t, path), start)
	require.NoError(t, err)
	next := randomKey(useCursor, HS256, start.Add(time.Minute).Unix())
	require.NoError(t, replaceFile(path, append(keys, next)))
	r := openRing(t, path, clock.Now, io.Discard)

	before := r.SealCursor([]byte("x"))
	clock.Add(time.Minute)
	after := r.SealCursor([]byte("x"))
	require.NotEqual(t, before, after, "the next key is used from its nbf on")
	for _, cursor := range []string{before, after} {
		_, err := r.OpenCursor(cursor)
		require.NoError(t, err)
	}
	// The tag of one key with the content that the other key sealed.
	swapped, err := decodeBase64URL(before)
	require.NoError(t, err)
	copy(swapped[1:], next.tag[:])
	_, err = r.OpenCursor(b64(string(swapped)))
	require.ErrorIs(t, err, ErrBadCursor)
}
