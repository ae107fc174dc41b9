package token

import (
	"context"
	"crypto/hmac"
	"errors"
)

// Refresh tokens, e-mail tokens and cursors are sealed texts: base64url(version ‖ tag of the key ‖ payload ‖ MAC). The MAC
// is HMAC-SHA256(label ‖ everything before the MAC), or its beginning. The label separates the MACs from any other use of
// the same key.
const (
	sealedHead = 1 + len(tag{}) // where the payload begins
	macWidth   = 32
)

// seal returns a sealed text with a MAC of the given size.
func (k key) seal(version byte, payload, label []byte, macSize int) string {
	text := make([]byte, 0, sealedHead+len(payload)+macWidth)
	text = append(text, version)
	text = append(text, k.tag[:]...)
	text = append(text, payload...)
	return encodeBase64URL(append(text, k.mac(label, text)[:macSize]...))
}

// verifyMAC returns the key for the given use that sealed a text. signed is the part of the text before the MAC.
func (r *Ring) verifyMAC(use string, signed, mac, label []byte) (key, error) {
	// The wait is bounded: reading the key file is short.
	k, known := r.find(context.Background(), use, tag(signed[1:sealedHead]))
	if !known {
		return key{}, errors.New("its key is unknown")
	}
	if !hmac.Equal(mac, k.mac(label, signed)[:len(mac)]) {
		return key{}, errors.New("its MAC is wrong")
	}
	return k, nil
}
