package token

import (
	"bytes"
	"crypto/hmac"
	"errors"
)

// ErrBadCursor is what [Ring.OpenCursor] returns for every cursor it does not accept.
var ErrBadCursor = errors.New("not a cursor of ours")

// MaxCursor is the length of the longest cursor, in characters.
const MaxCursor = 512

// MaxCursorPayload is the length of the longest payload of a cursor, in octets.
const MaxCursorPayload = MaxCursor*3/4 - cursorHead - cursorMAC

// A cursor is base64url(version ‖ tag of the key ‖ payload ‖ first 16 bytes of HMAC-SHA256(label ‖ all before)).
const (
	cursorVersion = 1
	cursorHead    = 1 + len(tag{})
	cursorMAC     = 16
)

// cursorLabel keeps what is signed here apart from anything else that the same key might ever sign.
var cursorLabel = []byte("postern cursor v1\x00")

// SealCursor returns the payload, at most [MaxCursorPayload] octets, in a form that goes through a URL as it is and that
// nobody else can make or change; its holder can read it. A longer payload is a mistake of the caller, and panics.
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

// OpenCursor returns the payload of a cursor that [Ring.SealCursor] made with one of the ring's keys, or [ErrBadCursor].
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
