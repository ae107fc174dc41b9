package token

import (
	"errors"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/postern/domain"
)

// maxSkew is the greatest tolerated difference between the clocks of two instances.
const maxSkew = 30 * time.Second

// maxIdentifier is the maximum length of jti, sid and epo, in bytes.
const maxIdentifier = 64

// claims is the payload of an access token (RFC 9068, section 2.2). All members except epo are required, so a zero value
// means that the member is missing.
type claims struct {
	Issuer    string                    `json:"iss"`
	Audience  string                    `json:"aud"`
	Subject   string                    `json:"sub"` // UserID in decimal
	IssuedAt  int64                     `json:"iat"` // seconds since 1970, as are the next two
	NotBefore int64                     `json:"nbf"`
	ExpiresAt int64                     `json:"exp"`
	TokenID   string                    `json:"jti"`
	SessionID string                    `json:"sid"`
	UserID    int64                     `json:"user_id"`
	Epoch     jsontext.Value            `json:"epo,omitzero"` // a string; absent from tokens that were issued before stores had epochs
	Others    map[string]jsontext.Value `json:",embed"`
}

var (
	requiredClaims = []string{"iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sid", "user_id"}
	claimNames     = append([]string{"epo"}, requiredClaims...)
)

// parseClaims decodes a payload. It accepts integers only without a fraction or an exponent, and not as strings. Its errors
// contain no part of the payload.
func parseClaims(payload []byte) (claims, error) {
	var c claims
	// The decoder's own error quotes the token.
	if json.Unmarshal(payload, &c) != nil {
		return claims{}, errors.New("the payload is not one JSON object with the expected claims, each once")
	}
	if hasVariant(c.Others, claimNames) {
		return claims{}, errors.New("a claim is in the wrong case")
	}
	return c, nil
}

// check returns why the claims are not valid at now, or nil (RFC 9068, section 4; RFC 8725, sections 3.8 to 3.10).
func (c claims) check(o Options, now time.Time) error {
	switch {
	case c.Issuer == "" || c.Issuer != o.Issuer:
		return errors.New("the iss is missing or not ours")
	case c.Audience == "" || c.Audience != o.Audience:
		return errors.New("the aud is missing or not exactly ours")
	case c.UserID < 1 || c.UserID > domain.MaxID:
		return errors.New("the user_id is missing or out of range")
	case c.Subject != strconv.FormatInt(c.UserID, 10):
		return errors.New("the sub is missing or not the user_id")
	case !isIdentifier(c.TokenID):
		return errors.New("the jti is missing or too long")
	case !isIdentifier(c.SessionID):
		return errors.New("the sid is missing or too long")
	case c.Epoch != nil && !isIdentifier(c.epoch()):
		return errors.New("the epo is not a string, empty or too long")
	}
	return c.checkTimes(now)
}

func (c claims) checkTimes(now time.Time) error {
	if !isDate(c.IssuedAt) || !isDate(c.NotBefore) || !isDate(c.ExpiresAt) {
		return errors.New("the iat, nbf or exp is missing or out of range")
	}
	iat, nbf, exp := time.Unix(c.IssuedAt, 0), time.Unix(c.NotBefore, 0), time.Unix(c.ExpiresAt, 0)
	switch {
	case exp.Sub(iat) <= 0 || exp.Sub(iat) > domain.MaxTokenLife:
		return errors.New("the time from iat to exp is not a valid lifetime")
	case !now.Before(exp):
		return errors.New("the token has expired")
	case iat.After(now.Add(maxSkew)):
		return errors.New("the iat is in the future")
	case nbf.After(now.Add(maxSkew)):
		return errors.New("the nbf is in the future")
	}
	return nil
}

// epoch returns the epo, or an empty string if it is absent or not a string.
func (c claims) epoch() (id string) {
	if c.Epoch.Kind() != '"' || json.Unmarshal(c.Epoch, &id) != nil {
		return ""
	}
	return id
}

func isIdentifier(s string) bool { return 0 < len(s) && len(s) <= maxIdentifier }

func isDate(seconds int64) bool { return 0 < seconds && seconds <= maxDate }
