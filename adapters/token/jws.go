package token

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxToken is the maximum length of a token, in bytes.
const maxToken = 8 << 10

// header holds the members of a JOSE header (RFC 7515, section 4) that are checked. Keys inside a token (jwk, jku, x5u, x5c)
// are never used.
type header struct {
	Algorithm string                    `json:"alg"`
	KeyID     string                    `json:"kid"`
	Type      string                    `json:"typ"`
	Critical  jsontext.Value            `json:"crit,omitzero"`
	Base64    jsontext.Value            `json:"b64,omitzero"`
	Others    map[string]jsontext.Value `json:",embed"`
}

var headerNames = []string{"alg", "kid", "typ", "crit", "b64"}

// signJWS returns a JWS in compact form (RFC 7515, section 7.1) with a payload of JSON.
func (k key) signJWS(typ string, payload any) (string, error) {
	encodedHeader, headerErr := json.Marshal(header{Algorithm: k.method.Alg(), KeyID: k.id, Type: typ})
	encodedPayload, payloadErr := json.Marshal(payload)
	if err := errors.Join(headerErr, payloadErr); err != nil {
		return "", err
	}
	text := encodeBase64URL(encodedHeader) + "." + encodeBase64URL(encodedPayload)
	signature, err := k.method.Sign(text, k.secret.signer)
	if err != nil {
		return "", err
	}
	return text + "." + encodeBase64URL(signature), nil
}

// verifySignature returns the header and the payload of a JWS in compact form (RFC 7515, section 7.1). The key that the
// header names must have signed it, by that key's own algorithm. The errors contain no part of the token.
func (r *Ring) verifySignature(ctx context.Context, token string) (header, []byte, error) {
	if len(token) > maxToken {
		return header{}, nil, errors.New("the token is longer than 8 KiB")
	}
	if strings.Count(token, ".") != 2 {
		return header{}, nil, errors.New("the token does not have exactly three parts")
	}
	end := strings.LastIndexByte(token, '.')
	text, encodedSignature := token[:end], token[end+1:]
	encodedHeader, encodedPayload, _ := strings.Cut(text, ".")
	h, err := parseHeader(encodedHeader)
	if err != nil {
		return header{}, nil, err
	}
	payload, err := decodeBase64URL(encodedPayload)
	if err != nil {
		return header{}, nil, errors.New("the payload is not strict base64url")
	}
	signature, err := decodeBase64URL(encodedSignature)
	if err != nil {
		return header{}, nil, errors.New("the signature is not strict base64url")
	}
	k, known := r.find(ctx, useSignature, tagOf(h.KeyID))
	switch {
	case !known || k.id != h.KeyID:
		return header{}, nil, errors.New("the kid is missing or unknown")
	case h.Algorithm != k.method.Alg():
		return header{}, nil, errors.New("the alg is not that of the key")
	case !k.verify(text, signature):
		return header{}, nil, errors.New("the signature is wrong")
	}
	return h, payload, nil
}

func parseHeader(encoded string) (header, error) {
	data, err := decodeBase64URL(encoded)
	if err != nil {
		return header{}, errors.New("the header is not strict base64url")
	}
	var h header
	// The decoder's own error quotes the token.
	if json.Unmarshal(data, &h) != nil {
		return header{}, errors.New("the header is not one JSON object with the expected members, each once")
	}
	if hasVariant(h.Others, headerNames) {
		return header{}, errors.New("the header has a member in the wrong case")
	}
	// No critical extension (RFC 7515, section 4.1.11) is supported, and no unencoded payload (RFC 7797).
	if h.Critical != nil || h.Base64 != nil {
		return header{}, errors.New("the header has crit or b64")
	}
	return h, nil
}

// hasVariant reports whether a member differs from one of names in case only. Decoders that ignore case, such as
// encoding/json, would confuse the two.
func hasVariant(members map[string]jsontext.Value, names []string) bool {
	for member := range members {
		if slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(member, name) }) {
			return true
		}
	}
	return false
}
