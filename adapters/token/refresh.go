package token

import (
	"context"
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"example.com/postern/domain"
)

// ErrBadRefresh is what the error of [Ring.ParseRefresh] matches for every token it does not accept.
var ErrBadRefresh = errors.New("not a refresh token of ours")

// A refresh token is base64url(version ‖ tag of the key ‖ session ‖ n ‖ epoch ‖ HMAC-SHA256(label ‖ all before)). All fields have a
// fixed width. Version 1 has no epoch; tokens of a store's first epoch have it, so that instances of an older release can read them.
const (
	refreshSession = 1 + len(tag{})             // where the session begins
	refreshCounter = refreshSession + sidLength // where n begins, in 8 bytes, the most significant first
	refreshEpoch   = refreshCounter + 8         // where the epoch begins: its length in a byte, and its text, filled up with zeros
	epochWidth     = 33
	macWidth       = 32
)

// refreshMACs is where the MAC of each version begins.
var refreshMACs = map[byte]int{1: refreshEpoch, 2: refreshEpoch + epochWidth}

// What crypto/rand.Text makes is 26 characters of base32 (RFC 4648, section 6).
const (
	sidLength   = 26
	sidAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

// refreshLabel keeps what is signed here apart from anything else that the same key might ever sign.
var refreshLabel = []byte("postern refresh v1")

var _ domain.RefreshTokens = (*Ring)(nil)

// RefreshKeyID returns the kid of the refresh key in force: the one for the tokens of a new session.
func (r *Ring) RefreshKeyID() string { return r.current(useRefresh).id }

// MintRefresh returns the text of a refresh token, always the same for the same token. It cannot be guessed without the key, so it
// need not be kept. A kid that names no refresh key of the ring, a session that is not what [domain.NewSessionID] makes, an N below 0
// and an epoch of more than 32 bytes are errors.
func (r *Ring) MintRefresh(t domain.RefreshToken) (string, error) {
	k, known := r.keys.Load().refresh[tagOf(t.KeyID)]
	switch {
	case !known:
		return "", errors.New("mint a refresh token: the key that the session began under is not there any more")
	case len(t.SessionID) != sidLength || strings.Trim(string(t.SessionID), sidAlphabet) != "":
		return "", errors.New("mint a refresh token: the session has no identifier of ours")
	case t.N < 0:
		return "", errors.New("mint a refresh token: the counter is below 0")
	case len(t.Epoch) >= epochWidth:
		return "", errors.New("mint a refresh token: the epoch is too long")
	}
	version := byte(1)
	if t.Epoch != "" {
		version = 2
	}
	text := append(make([]byte, 0, refreshMACs[version]+macWidth), version)
	text = append(text, k.tag[:]...)
	text = append(text, t.SessionID...)
	text = binary.BigEndian.AppendUint64(text, uint64(t.N))
	if t.Epoch != "" {
		text = append(text, byte(len(t.Epoch)))
		text = append(text, t.Epoch...)
		text = append(text, make([]byte, refreshMACs[version]-len(text))...)
	}
	return encodeBase64URL(append(text, k.mac(refreshLabel, text)...)), nil
}

// ParseRefresh returns what [Ring.MintRefresh] was given for a text, or an error that matches [ErrBadRefresh] and tells the reason, but
// nothing of the text. A good token says nothing of its session. Like an access token's, a key the ring does not know makes it read its
// file, at most once a second.
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

// verifyRefresh returns the key of a token and what it signed. There is one spelling of each token.
func (r *Ring) verifyRefresh(text string) (key, []byte, error) {
	if !isRefreshLength(len(text)) {
		return key{}, nil, errors.New("it has another length")
	}
	data, err := decodeBase64URL(text)
	if err != nil {
		return key{}, nil, errors.New("it is not strict base64url")
	}
	mac, known := refreshMACs[data[0]]
	if !known || len(data) != mac+macWidth {
		return key{}, nil, errors.New("it has another version")
	}
	// Nobody waits here for longer than a small file takes to be read.
	k, known := r.find(context.Background(), func(s *keySet) (key, bool) {
		k, known := s.refresh[tag(data[1:refreshSession])]
		return k, known
	})
	if !known {
		return key{}, nil, errors.New("it names no key of ours")
	}
	if signed := data[:mac]; hmac.Equal(data[mac:], k.mac(refreshLabel, signed)) {
		return k, signed, nil
	}
	return key{}, nil, errors.New("it was not made with the key it names")
}

// isRefreshLength reports whether a refresh token of some version has so many characters.
func isRefreshLength(n int) bool {
	for _, mac := range refreshMACs {
		if n == (mac+macWidth)/3*4 { // all of them are a multiple of 3
			return true
		}
	}
	return false
}
