package token

import (
	"encoding/binary"
	"errors"
	"fmt"

	"example.com/postern/domain"
)

// ErrBadRefresh matches the error of [Ring.ParseRefresh] for every token that it does not accept.
var ErrBadRefresh = errors.New("token: invalid refresh token")

// The payload of a refresh token is session ‖ n ‖ epoch. All fields have a fixed width. Version 1 has no epoch. Tokens of a
// store's first epoch use version 1, so that instances of an older release can read them.
const (
	refreshSession = sealedHead                 // where the session begins
	refreshCounter = refreshSession + sidLength // where n begins, in 8 bytes, the most significant first
	refreshEpoch   = refreshCounter + 8         // where the epoch begins: its length in one byte, then its text, padded with zeros
	epochWidth     = 33
)

// refreshMACs maps a version to the offset of its MAC.
var refreshMACs = map[byte]int{1: refreshEpoch, 2: refreshEpoch + epochWidth}

// Session identifiers come from crypto/rand.Text: 26 characters of base32 (RFC 4648, section 6).
const (
	sidLength   = 26
	sidAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

var refreshLabel = []byte("postern refresh v1")

var _ domain.RefreshTokens = (*Ring)(nil)

// RefreshKeyID returns the kid of the refresh key that new sessions use.
func (r *Ring) RefreshKeyID() string { return r.current(useRefresh).id }

// MintRefresh returns the text of a refresh token. The same token always has the same text, so the text need not be stored,
// and it cannot be guessed without the key. MintRefresh returns an error if the ring has no refresh key with the token's
// KeyID, the session identifier has another form than [domain.NewSessionID] returns, N is negative, or the epoch is longer
// than 32 bytes.
func (r *Ring) MintRefresh(t domain.RefreshToken) (string, error) {
	k, known := r.keys.Load().find(useRefresh, tagOf(t.KeyID))
	switch {
	case !known:
		return "", errors.New("mint a refresh token: the ring no longer has the key of the session")
	case !isRandomID(string(t.SessionID)):
		return "", errors.New("mint a refresh token: the session identifier is malformed")
	case t.N < 0:
		return "", errors.New("mint a refresh token: the counter is negative")
	case len(t.Epoch) >= epochWidth:
		return "", errors.New("mint a refresh token: the epoch is too long")
	}
	version := byte(1)
	if t.Epoch != "" {
		version = 2
	}
	payload := make([]byte, refreshMACs[version]-sealedHead)
	copy(payload, t.SessionID)
	binary.BigEndian.PutUint64(payload[sidLength:], uint64(t.N))
	if t.Epoch != "" {
		epoch := payload[refreshEpoch-sealedHead:]
		epoch[0] = byte(len(t.Epoch))
		copy(epoch[1:], t.Epoch)
	}
	return k.seal(version, payload, refreshLabel, macWidth), nil
}

// ParseRefresh returns the refresh token from which [Ring.MintRefresh] made text. For any other text it returns an error
// that matches [ErrBadRefresh], states the reason and contains no part of text. It does not check whether the session
// exists. If the key is unknown, the ring reads its key file again, at most once a second.
func (r *Ring) ParseRefresh(text string) (domain.RefreshToken, error) {
	k, signed, err := r.verifyRefresh(text)
	if err != nil {
		return domain.RefreshToken{}, fmt.Errorf("%w: %w", ErrBadRefresh, err)
	}
	t := domain.RefreshToken{
		KeyID: k.id, SessionID: domain.SessionID(signed[refreshSession:refreshCounter]),
		N: int64(binary.BigEndian.Uint64(signed[refreshCounter:])),
	}
	if epoch := signed[refreshEpoch:]; len(epoch) > 0 {
		t.Epoch = string(epoch[1 : 1+epoch[0]])
	}
	return t, nil
}

// verifyRefresh returns the key of a token and the bytes that the key signed. Each token has exactly one spelling.
func (r *Ring) verifyRefresh(text string) (key, []byte, error) {
	if !isRefreshLength(len(text)) {
		return key{}, nil, errors.New("it has the wrong length")
	}
	data, err := decodeBase64URL(text)
	if err != nil {
		return key{}, nil, errors.New("it is not strict base64url")
	}
	mac, known := refreshMACs[data[0]]
	if !known || len(data) != mac+macWidth {
		return key{}, nil, errors.New("it has an unknown version")
	}
	k, err := r.verifyMAC(useRefresh, data[:mac], data[mac:], refreshLabel)
	return k, data[:mac], err
}

// isRefreshLength reports whether n is the length of a refresh token of some version, in characters.
func isRefreshLength(n int) bool {
	for _, mac := range refreshMACs {
		if n == (mac+macWidth)/3*4 { // each is a multiple of 3
			return true
		}
	}
	return false
}
