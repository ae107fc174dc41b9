package token

import (
	"bytes"
	"crypto/hmac"
	"errors"
)

// ErrBadCursor is the error of [Ring.OpenCursor] for every cursor that it does not accept.
var ErrBadCursor = errors.New("token: invalid cursor")

// MaxCursor is the maximum length of a cursor, in characters.
const MaxCursor = 512

// MaxCursorPayload is the maximum length of a cursor's payload, in bytes.
const MaxCursorPayload = MaxCursor*3/4 - cursorHead - cursorMAC

// A cursor is base64url(version ‖ tag of the key ‖ payload ‖ first 16 bytes of HMAC-SHA256(label ‖ all before)).
const (
	cursorVersion = 1
	cursorHead    = 1 + len(tag{})
	cursorMAC     = 16
)

// cursorLabel separates the MACs of cursors from any other use of the same key.
var cursorLabel = []byte("postern cursor v1\x00")

// SealCursor returns the payload as a signed, URL-safe cursor. The payload is authenticated but not encrypted. SealCursor
// panics if it is longer than [MaxCursorPayload] bytes.
func (r *Ring) SealCursor(payload []byte) string {
	if len(payload) > MaxCursorPayload {
		panic("token: the payload of a cursor is too long")
	}
	k := r.current(useCursor)
	sealed := append([]byte{cursorVersion}, k.tag[:]...)
	sealed = append(sealed, payload...)
	sealed = append(sealed, k.mac(cursorLabel, sealed)[:cursorMAC]...)
	return encodeBase64URL(sealed)
}

// OpenCursor returns the payload of a cursor that [Ring.SealCursor] made with a key of the ring, or [ErrBadCursor].
func (r *Ring) OpenCursor(cursor string) ([]byte, error) {
	if len(cursor) > MaxCursor {
		return nil, ErrBadCursor
	}
	sealed, err := decodeBase64URL(cursor)
	if err != nil || len(sealed) < cursorHead+cursorMAC || sealed[0] != cursorVersion {
		return nil, ErrBadCursor
	}
	k, known := r.keys.Load().cursors[tag(sealed[1:cursorHead])]
	if !known {
		return nil, ErrBadCursor
	}
	signed, mac := sealed[:len(sealed)-cursorMAC], sealed[len(sealed)-cursorMAC:]
	if !hmac.Equal(mac, k.mac(cursorLabel, signed)[:cursorMAC]) {
		return nil, ErrBadCursor
	}
	return bytes.Clone(signed[cursorHead:]), nil
}
