package jwt

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

// A refresh token is base64url(version ‖ tag of the key ‖ session ‖ n ‖ HMAC-SHA256(label ‖ all before)): 75 bytes, 100
// characters.
const (
	refreshVersion = 1
	refreshSession = 1 + len(tag{})             // where the session begins
	refreshCounter = refreshSession + sidLength // where n begins, in 8 bytes, the most significant first
	refreshMAC     = refreshCounter + 8         // where the MAC begins
	refreshSize    = refreshMAC + 32
)

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

// MintRefresh returns the nth refresh token of a session, always the same for the same arguments. It cannot be guessed
// without the key, so it need not be kept. A kid that names no refresh key of the ring, a session that is not what
// [domain.NewSessionID] makes and an n below 0 are errors.
func (r *Ring) MintRefresh(kid string, sid domain.SessionID, n int64) (string, error) {
	k, known := r.keys.Load().refresh[tagOf(kid)]
	switch {
	case !known:
		return "", errors.New("mint a refresh token: the key that the session began under is not there any more")
	case len(sid) != sidLength || strings.Trim(string(sid), sidAlphabet) != "":
		return "", errors.New("mint a refresh token: the session has no identifier of ours")
	case n < 0:
		return "", errors.New("mint a refresh token: the counter is below 0")
	}
	token := append(make([]byte, 0, refreshSize), refreshVersion)
	token = append(token, k.tag[:]...)
	token = append(token, sid...)
	token = binary.BigEndian.AppendUint64(token, uint64(n))
	return encodeBase64URL(append(token, k.mac(refreshLabel, token)...)), nil
}

// ParseRefresh returns what [Ring.MintRefresh] was given for a token, or an error that matches [ErrBadRefresh] and tells
// the reason, but nothing of the token. That a token is good says nothing of its session. Like an access token's, a key the
// ring does not know makes it read its file, at most once a second.
func (r *Ring) ParseRefresh(token string) (kid string, sid domain.SessionID, n int64, err error) {
	k, signed, err := r.verifyRefresh(token)
	if err != nil {
		return "", "", 0, fmt.Errorf("%w: %w", ErrBadRefresh, err)
	}
	sid = domain.SessionID(signed[refreshSession:refreshCounter])
	return k.id, sid, int64(binary.BigEndian.Uint64(signed[refreshCounter:])), nil
}

// verifyRefresh returns the key of a token and what it signed. There is one spelling of each token.
func (r *Ring) verifyRefresh(token string) (key, []byte, error) {
	if len(token) != refreshSize/3*4 {
		return key{}, nil, errors.New("it has another length")
	}
	data, err := decodeBase64URL(token)
	if err != nil {
		return key{}, nil, errors.New("it is not strict base64url")
	}
	if data[0] != refreshVersion {
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
	if signed := data[:refreshMAC]; hmac.Equal(data[refreshMAC:], k.mac(refreshLabel, signed)) {
		return k, signed, nil
	}
	return key{}, nil, errors.New("it was not made with the key it names")
}
