package token

import (
	"errors"
	"slices"
	"strings"

	"example.com/postern/domain"
)

// The payload of an e-mail token is kind ‖ ID. Both fields have a fixed width. The key is a refresh key.
const (
	emailVersion = 1
	emailKind    = sealedHead          // where the kind begins, in one byte
	emailID      = emailKind + 1       // where the ID begins, which has the form of a session's
	emailMAC     = emailID + sidLength // where the MAC begins
	emailSize    = emailMAC + macWidth
)

var emailLabel = []byte("postern email v1\x00")

// emailKinds lists the kinds of e-mail tokens. A token contains the position of its kind.
var emailKinds = []domain.MailKind{"", domain.MailReset, domain.MailConfirm, domain.MailSignUp, domain.MailChange}

var _ domain.EmailTokens = (*Ring)(nil)

// MintEmailToken returns the text of an e-mail token. The same kind and ID always have the same text, so the text need not
// be stored. It cannot be guessed without the key. MintEmailToken returns an error for a kind without tokens, and for an ID
// without the form of [domain.NewSessionID].
func (r *Ring) MintEmailToken(kind domain.MailKind, id string) (string, error) {
	position := slices.Index(emailKinds, kind)
	switch {
	case position <= 0:
		return "", errors.New("mint an e-mail token: its kind has no tokens")
	case !isRandomID(id):
		return "", errors.New("mint an e-mail token: the ID is malformed")
	}
	payload := append([]byte{byte(position)}, id...)
	return r.current(useRefresh).seal(emailVersion, payload, emailLabel, macWidth), nil
}

// ParseEmailToken returns the kind and the ID that [Ring.MintEmailToken] was given, or [domain.ErrBadEmailToken] for any other
// text. Each token has exactly one spelling. If the key is unknown, the ring reads its key file again, at most once a second.
func (r *Ring) ParseEmailToken(text string) (domain.MailKind, string, error) {
	if len(text) != strictBase64URL.EncodedLen(emailSize) {
		return "", "", domain.ErrBadEmailToken
	}
	data, err := decodeBase64URL(text)
	if err != nil || len(data) != emailSize || data[0] != emailVersion {
		return "", "", domain.ErrBadEmailToken
	}
	if _, err := r.verifyMAC(useRefresh, data[:emailMAC], data[emailMAC:], emailLabel); err != nil {
		return "", "", domain.ErrBadEmailToken
	}
	kind, id := int(data[emailKind]), string(data[emailID:emailMAC])
	if kind == 0 || kind >= len(emailKinds) || !isRandomID(id) { // a later version of this service made it
		return "", "", domain.ErrBadEmailToken
	}
	return emailKinds[kind], id, nil
}

// isRandomID reports whether an ID has the form that crypto/rand.Text returns.
func isRandomID(id string) bool { return len(id) == sidLength && strings.Trim(id, sidAlphabet) == "" }
