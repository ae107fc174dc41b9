package token

import (
	"bytes"
	"errors"
)

// ErrBadCursor is the error of [Ring.OpenCursor] for every cursor that it does not accept.
var ErrBadCursor = errors.New("token: invalid cursor")

// MaxCursor is the maximum length of a cursor, in characters.
const MaxCursor = 512

// MaxCursorPayload is the maximum length of a cursor's payload, in bytes.
const MaxCursorPayload = MaxCursor*3/4 - cursorHead - cursorMAC

const (
	cursorVersion = 1
	cursorHead    = sealedHead
	cursorMAC     = 16 // the size of the MAC, which is half of the usual one
)

var cursorLabel = []byte("postern cursor v1\x00")

// SealCursor returns the payload as a signed, URL-safe cursor. The payload is authenticated but not encrypted. SealCursor
// panics if it is longer than [MaxCursorPayload] bytes.
func (r *Ring) SealCursor(payload []byte) string {
	if len(payload) > MaxCursorPayload {
		panic("token: the payload of a cursor is too long")
	}
	return r.current(useCursor).seal(cursorVersion, payload, cursorLabel, cursorMAC)
}

// OpenCursor returns the payload of a cursor that [Ring.SealCursor] made with a key of the ring, or [ErrBadCursor]. If the key
// is unknown, the ring reads its key file again, at most once a second.
func (r *Ring) OpenCursor(cursor string) ([]byte, error) {
	if len(cursor) > MaxCursor {
		return nil, ErrBadCursor
	}
	sealed, err := decodeBase64URL(cursor)
	if err != nil || len(sealed) < cursorHead+cursorMAC || sealed[0] != cursorVersion {
		return nil, ErrBadCursor
	}
	signed, mac := sealed[:len(sealed)-cursorMAC], sealed[len(sealed)-cursorMAC:]
	if _, err := r.verifyMAC(useCursor, signed, mac, cursorLabel); err != nil {
		return nil, ErrBadCursor
	}
	return bytes.Clone(signed[cursorHead:]), nil
}
