package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"strings"
	"testing"

	gojwt "github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/token"
)

const (
	algReason       = "the alg is not that of the key"
	kidReason       = "the kid is missing or unknown"
	signatureReason = "the signature is wrong"
	headerReason    = "the header is not one JSON object"
	partsReason     = "the token does not have exactly three parts"
)

func TestForgedTokensOfASymmetricKey(t *testing.T) {
	t.Parallel()
	f, all := newForger(t, token.HS256), attacks{}
	f.addAlgorithms(t, all)
	f.addForeignKeys(t, all)
	f.addKeyIdentifiers(all)
	f.addHeaders(all)
	f.addParts(all)
	f.addEncodings(all)
	f.addSerialisations(all)
	f.addClaims(all)
	f.requireAllRefused(t, all)
}

// addAlgorithms adds tokens with an algorithm other than that of the key (RFC 8725, section 3.1).
func (f *forger) addAlgorithms(t *testing.T, all attacks) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	tokens := map[string]string{
		"missing":                      f.withHeader(members{"alg": nil}),
		"none, as golang-jwt signs it": f.signWith("none", gojwt.UnsafeAllowNoneSignatureType, f.header.with(members{"alg": "none"})),
		"HS384":                        f.signWith("HS384", f.key, f.header.with(members{"alg": "HS384"})),
		"HS512":                        f.signWith("HS512", f.key, f.header.with(members{"alg": "HS512"})),
		"RS256":                        f.signWith("RS256", private, f.header.with(members{"alg": "RS256"})),
		"PS256":                        f.signWith("PS256", private, f.header.with(members{"alg": "PS256"})),
		"ES256":                        f.signWith("ES256", curve, f.header.with(members{"alg": "ES256"})),
		"EdDSA":                        f.signWith("EdDSA", edwards, f.header.with(members{"alg": "EdDSA"})),
	}
	for _, alg := range []string{"", "none", "None", "NONE", "nOnE", "hs256", "HS256 ", "HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA", "A256GCMKW"} {
		signed := f.withHeader(members{"alg": alg})
		tokens["said to be "+alg] = signed
		tokens["said to be "+alg+", unsigned"] = signed[:strings.LastIndexByte(signed, '.')+1]
	}
	all.add(algReason, tokens)
	all.add(headerReason, map[string]string{
		"alg is an array":  f.withHeader(members{"alg": []string{"HS256"}}),
		"alg is a number":  f.withHeader(members{"alg": 256}),
		"alg is an object": f.withHeader(members{"alg": members{"HS256": true}}),
		"alg is true":      f.withHeader(members{"alg": true}),
		"alg occurs twice": f.raw(`{"alg":"none",`+f.header.json()[1:], f.payload.json()),
	})
}

// addForeignKeys adds tokens signed with keys that a service might confuse with the signing key, or that come with the token (RFC
// 8725, section 3.10).
func (f *forger) addForeignKeys(t *testing.T, all attacks) {
	own := []byte("canary-of-the-attackers-own-secret")
	jwk := members{"kty": "oct", "k": base64URL(string(own)), "alg": "HS256", "kid": f.header["kid"]}
	tokens := map[string]string{
		"an empty key":       f.signWith("HS256", []byte{}, f.header),
		"zeros":              f.signWith("HS256", make([]byte, 32), f.header),
		"the k, not decoded": f.signWith("HS256", []byte(f.keys["sig"]["k"].(string)), f.header),
		"the kid":            f.signWith("HS256", []byte(f.header["kid"].(string)), f.header),
		"the lesson's key":   f.signWith("HS256", []byte("09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"), f.header),
		"the refresh key":    f.signWith("HS256", signer(t, f.keys["refresh"]), f.header),
		"the cursor key":     f.signWith("HS256", signer(t, f.keys["cursor"]), f.header),
		"jwk":                f.signWith("HS256", own, f.header.with(members{"jwk": jwk})),
		"jku":                f.signWith("HS256", own, f.header.with(members{"jku": f.s.url + "/canary"})),
		"x5u":                f.signWith("HS256", own, f.header.with(members{"x5u": f.s.url + "/canary"})),
		"x5c":                f.signWith("HS256", own, f.header.with(members{"x5c": []string{base64.StdEncoding.EncodeToString(own)}})),
		"x5t":                f.signWith("HS256", own, f.header.with(members{"x5t": base64URL(string(own)), "x5t#S256": base64URL(string(own))})),
	}
	all.add(signatureReason, tokens)
	// A jwk in the header does not make the kid known.
	all.add(kidReason, map[string]string{
		"jwk with its own kid": f.signWith("HS256", own, f.header.with(members{"jwk": jwk, "kid": "canary"})),
	})
}

func (f *forger) addKeyIdentifiers(all attacks) {
	kid := f.header["kid"].(string)
	tokens := map[string]string{"absent": f.withHeader(members{"kid": nil})}
	for _, other := range []string{
		"", "canary", "../../../../../../dev/null", "/dev/null", "keys.json", "file:///etc/passwd",
		"http://127.0.0.1/canary", "' OR '1'='1",
		"x' UNION SELECT 'canary'; --", "$(touch canary)", "{{7*7}}", kid + "\x00", kid + " ", strings.ToLower(kid),
		kid[1:], strings.Repeat("a", 2000), "0",
		f.keys["refresh"]["kid"].(string), f.keys["cursor"]["kid"].(string),
	} {
		tokens["kid "+other] = f.withHeader(members{"kid": other})
	}
	all.add(kidReason, tokens)
	all.add(headerReason, map[string]string{
		"kid is an array":  f.withHeader(members{"kid": []string{kid}}),
		"kid is an object": f.withHeader(members{"kid": members{"kid": kid}}),
		"kid is a number":  f.withHeader(members{"kid": 0}),
		"kid occurs twice": f.raw(`{"kid":"`+kid+`",`+f.header.json()[1:], f.payload.json()),
	})
}

func (f *forger) addHeaders(all attacks) {
	all.add("the typ is not at+jwt", map[string]string{
		"typ absent":        f.withHeader(members{"typ": nil}),
		"typ JWT":           f.withHeader(members{"typ": "JWT"}),
		"typ in upper case": f.withHeader(members{"typ": "AT+JWT"}),
		"typ with its tree": f.withHeader(members{"typ": "application/at+jwt"}),
		"typ of a logout":   f.withHeader(members{"typ": "logout+jwt"}),
	})
	all.add("crit or b64", map[string]string{
		"crit":        f.withHeader(members{"crit": []string{"exp"}, "exp": 1}),
		"crit, empty": f.withHeader(members{"crit": []string{}}),
		"b64 false":   f.withHeader(members{"b64": false, "crit": []string{"b64"}}),
	})
	all.add("member in the wrong case", map[string]string{
		"Alg beside alg": f.withHeader(members{"Alg": "none"}),
		"KID instead":    f.withHeader(members{"kid": nil, "KID": f.header["kid"]}),
		"a Kelvin sign":  f.withHeader(members{"\u212aid": "canary"}),
	})
	all.add(headerReason, map[string]string{
		"null":            f.raw("null canary", f.payload.json()),
		"an array":        f.raw("["+f.header.json()+"]", f.payload.json()),
		"a string":        f.raw(`"canary"`, f.payload.json()),
		"empty":           f.raw("", f.payload.json()),
		"trailing text":   f.raw(f.header.json()+"{}", f.payload.json()),
		"not UTF-8":       f.raw(`{"x":"`+"\xff"+`",`+f.header.json()[1:], f.payload.json()),
		"a BOM before it": f.raw("\ufeff"+f.header.json(), f.payload.json()),
		"deeply nested":   f.raw(`{"x":`+strings.Repeat("[", 3000)+"}", f.payload.json()),
	})
}

// addParts adds tokens with a missing part, an extra part, or a part of another token.
func (f *forger) addParts(all attacks) {
	parts := strings.Split(f.token, ".")
	other := strings.Split(f.withClaims(members{"jti": "other"}), ".")
	signed := parts[0] + "." + parts[1]
	all.add(partsReason, map[string]string{
		"none": "", "one": parts[0], "two": signed, "four": f.token + "." + parts[2], "a trailing dot": f.token + ".",
		"five":            f.token + "..",
		"a refresh token": f.refresh, "twice": f.token + "." + f.token, "twice, by a comma": f.token + ", " + f.token,
		"twice, by a space": f.token + " " + f.token,
		"JWE":               strings.Join([]string{base64URL(`{"alg":"dir","enc":"A256GCM"}`), "", "a", "b", "c"}, "."),
	})
	all.add(signatureReason, map[string]string{
		"no signature":         signed + ".",
		"half a signature":     f.token[:len(f.token)-23],
		"a longer signature":   f.token + base64URL("xxx"),
		"signature twice":      f.token + parts[2] + "A",
		"payload of another":   parts[0] + "." + other[1] + "." + parts[2],
		"signature of another": signed + "." + other[2],
		"another payload":      parts[0] + "." + base64URL(f.payload.with(members{"sub": "2", "user_id": 2}).json()) + "." + parts[2],
	})
	all.add(headerReason, map[string]string{
		"no header": "." + parts[1] + "." + parts[2],
		"only dots": "..",
	})
	all.add(kidReason, map[string]string{"header and payload swapped": parts[1] + "." + parts[0] + "." + parts[2]})
	all.add("longer than 8 KiB", map[string]string{
		"8 KiB of claims":    f.withClaims(members{"x": strings.Repeat("x", 8<<10)}),
		"8 KiB of dots":      strings.Repeat(".", 8<<10+1),
		"8 KiB of signature": signed + "." + strings.Repeat("A", 8<<10),
	})
	all["more than one Authorization field"] = map[string][]string{
		"two fields":        {"Bearer " + f.token, "Bearer " + f.token},
		"a bad one behind":  {"Bearer " + f.token, "Bearer x"},
		"a good one behind": {"Basic Y2FuYXJ5Og==", "Bearer " + f.token},
	}
}

// addEncodings adds tokens whose parts are not strict base64url (RFC 7515, section 2). The signature covers the parts as
// they are.
func (f *forger) addEncodings(all attacks) {
	header, payload := base64URL(f.header.json()), base64URL(f.payload.json())
	standard := base64.RawStdEncoding.EncodeToString([]byte(f.payload.with(members{"x": strings.Repeat("\u07ff", 12)}).json()))
	signed := func(header, payload string) string { return signEncoded(f.alg, f.key, header, payload) }
	padded := func(m members) string { // adds a member if the length would need no padding
		for len(m.json())%3 == 0 {
			m = m.with(members{"x": strings.Repeat("x", len(m.json())%2+1)})
		}
		return base64.URLEncoding.EncodeToString([]byte(m.json()))
	}
	all.add("the header is not strict base64url", map[string]string{
		"header padded":         signed(padded(f.header), payload),
		"header with a tab":     signed(header[:4]+"\t"+header[4:], payload),
		"header not encoded":    signed(f.header.with(members{"x": nil}).json(), payload),
		"header percent-coded":  signed("%65"+header[1:], payload),
		"header of odd length":  signed("eyJhb", payload),
		"header behind a space": "\t" + f.token,
	})
	all.add("the payload is not strict base64url", map[string]string{
		"payload padded":             signed(header, padded(f.payload)),
		"payload in standard base64": signed(header, standard),
		"payload with a space":       signed(header, payload[:8]+" "+payload[8:]),
		"payload with a stray bit":   signed(header, strayBit(padded(f.payload))),
		"payload not encoded":        signed(header, f.payload.json()),
	})
	good := f.token[:strings.LastIndexByte(f.token, '.')+1]
	signature := f.token[len(good):]
	all.add("the signature is not strict base64url", map[string]string{
		"signature padded":           f.token + "=",
		"signature with a stray bit": good + strayBit(signature),
		"signature in hexadecimal":   good + "0x" + strings.Repeat("ab", 32) + "!",
		"signature with a space":     good + signature[:8] + " " + signature[8:],
		"signature in a quote":       good + `"` + signature + `"`,
	})
}

// strayBit sets the last bit, which is unused in base64url.
func strayBit(text string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	text = strings.TrimRight(text, "=")
	last := strings.IndexByte(alphabet, text[len(text)-1])
	return text[:len(text)-1] + string(alphabet[last|1])
}

// addSerialisations adds valid tokens in forms other than the compact one.
func (f *forger) addSerialisations(all attacks) {
	parts := strings.Split(f.token, ".")
	flat := members{"protected": parts[0], "payload": parts[1], "signature": parts[2]}
	general := members{"payload": parts[1], "signatures": []members{{"protected": parts[0], "signature": parts[2]}}}
	all.add(partsReason, map[string]string{
		"flattened JSON": flat.json(), "general JSON": general.json(), "in base64": base64URL(f.token),
		"in a quote": `"` + strings.ReplaceAll(f.token, ".", "|") + `"`,
	})
	all.add("the header is not strict base64url", map[string]string{
		"in quotes": `"` + f.token + `"`, "a scheme too many": "Bearer " + f.token,
	})
	all.add("the payload is not one JSON object", map[string]string{
		"nested":         f.raw(f.header.with(members{"cty": "JWT"}).json(), f.token),
		"nested, quoted": f.raw(f.header.with(members{"cty": "JWT"}).json(), `"`+f.token+`"`),
	})
}
