package token

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// requireRefused checks that each token is refused for the given reason, and that the error contains no part of it.
func requireRefused(t *testing.T, r *Ring, reason string, tokens map[string]string) {
	t.Helper()
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := NewService(r, options).Verify(t.Context(), token, start)
			require.ErrorIs(t, err, domain.ErrBadToken)
			require.ErrorContains(t, err, reason)
			require.Zero(t, c)
			requireNoTrace(t, err.Error(), append(strings.Split(token, "."), goodClaims()["jti"].(string), goodClaims()["sid"].(string))...)
			require.NotContains(t, strings.ToLower(err.Error()), "canary")
		})
	}
}

func TestForgedAlgorithms(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useSignature)
	payload := goodClaims().json(t)
	header := func(alg any) string { return goodHeader(k).with(fields{"alg": alg}).json(t) }
	unsigned := func(alg any) string { return b64(header(alg)) + "." + b64(payload) + "." }
	with := func(m jwt.SigningMethod, key any) string {
		text := b64(header(m.Alg())) + "." + b64(payload)
		signature, err := m.Sign(text, key)
		require.NoError(t, err)
		return text + "." + b64(string(signature))
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	requireRefused(t, r, "the alg is not that of the key", map[string]string{
		"none":             unsigned("none"),
		"None":             unsigned("None"),
		"nOnE":             unsigned("nOnE"),
		"none, signed":     sign(k, header("none"), payload),
		"empty":            sign(k, header(""), payload),
		"missing":          sign(k, header(nil), payload),
		"in lower case":    sign(k, header("hs256"), payload),
		"HS384":            with(jwt.SigningMethodHS384, k.secret.material),
		"HS512":            with(jwt.SigningMethodHS512, k.secret.material),
		"RS256":            with(jwt.SigningMethodRS256, private),
		"PS256":            with(jwt.SigningMethodPS256, private),
		"RS256 over HS256": sign(k, header("RS256"), payload),
	})
	requireRefused(t, r, "header is not one JSON object", map[string]string{
		"an array":  sign(k, header([]string{"HS256"}), payload),
		"a number":  sign(k, header(256), payload),
		"an object": sign(k, header(fields{"alg": "HS256"}), payload),
	})
}

func TestForgedSignatures(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useSignature)
	header, payload := goodHeader(k).json(t), goodClaims().json(t)
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	require.NoError(t, err)
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	by := func(material []byte) string {
		return sign(hmacKey(k.id, useSignature, start, material), header, payload)
	}
	good := sign(k, header, payload)
	dot := strings.LastIndexByte(good, '.')
	requireRefused(t, r, "the signature is wrong", map[string]string{
		"by an empty key":                   by(nil),
		"by 32 zero bytes":                  by(make([]byte, 32)),
		"by a public key (RS256 confusion)": by(public),
		"by the secret itself":              by([]byte(goodSecret)),
		"by the refresh key":                by(r.current(useRefresh).secret.material),
		"by the cursor key":                 by(r.current(useCursor).secret.material),
		"missing":                           good[:dot+1],
		"truncated":                         good[:len(good)-3],
		"of another payload":                b64(header) + "." + b64(goodClaims().with(fields{"user_id": 1, "sub": "1"}).json(t)) + good[dot:],
		"of another header":                 b64(goodHeader(k).with(fields{"x": 1}).json(t)) + good[strings.IndexByte(good, '.'):],
	})
}

func TestForgedKeyIdentifiers(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useSignature)
	with := func(kid any) string {
		return sign(k, goodHeader(k).with(fields{"kid": kid}).json(t), goodClaims().json(t))
	}
	requireRefused(t, r, "the kid is missing or unknown", map[string]string{
		"absent":             with(nil),
		"empty":              with(""),
		"unknown":            with("CANARY"),
		"a path":             with("../../../../dev/null"),
		"SQL":                with("' UNION SELECT 'CANARY"),
		"of the refresh key": with(r.current(useRefresh).id),
		"of the cursor key":  with(r.current(useCursor).id),
		"in the wrong case":  with(strings.ToUpper(k.id)),
		"with a NUL":         with(k.id + "\x00"),
		"null":               sign(k, `{"alg":"HS256","typ":"at+jwt","kid":null}`, goodClaims().json(t)),
	})
	requireRefused(t, r, "header is not one JSON object", map[string]string{
		"an array":  with([]string{k.id}),
		"a number":  with(1),
		"an object": with(fields{"kid": k.id}),
	})
}

func TestForgedHeaders(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useSignature)
	with := func(set fields) string { return sign(k, goodHeader(k).with(set).json(t), goodClaims().json(t)) }
	raw := func(header string) string { return sign(k, header, goodClaims().json(t)) }
	rest := `"alg":"HS256","typ":"at+jwt","kid":"` + k.id + `"`
	requireRefused(t, r, "the typ is not at+jwt", map[string]string{
		"typ JWT":                with(fields{"typ": "JWT"}),
		"typ absent":             with(fields{"typ": nil}),
		"typ in upper case":      with(fields{"typ": "AT+JWT"}),
		"typ with a prefix":      with(fields{"typ": "application/at+jwt"}),
		"typ of a refresh token": with(fields{"typ": "rt+jwt"}),
	})
	requireRefused(t, r, "crit or b64", map[string]string{
		"crit":       with(fields{"crit": []string{"exp"}}),
		"crit empty": with(fields{"crit": []string{}}),
		"crit null":  raw(`{"crit":null,` + rest + `}`),
		"b64 false":  with(fields{"b64": false, "crit": []string{"b64"}}),
		"b64 true":   with(fields{"b64": true}),
	})
	requireRefused(t, r, "member in the wrong case", map[string]string{
		"ALG":               with(fields{"ALG": "none"}),
		"Kid":               with(fields{"Kid": "x"}),
		"KID in Kelvin":     with(fields{"\u212Aid": "x"}),
		"Crit":              with(fields{"Crit": []string{"exp"}}),
		"TYP without a typ": with(fields{"typ": nil, "TYP": "at+jwt"}),
	})
	requireRefused(t, r, "header is not one JSON object", map[string]string{
		"a duplicate":           raw(`{"alg":"none",` + rest + `}`),
		"an escaped duplicate":  raw(`{"\u0061lg":"none",` + rest + `}`),
		"an unknown duplicate":  raw(`{"x":1,"x":2,` + rest + `}`),
		"empty":                 raw(``),
		"not JSON":              raw(`CANARY-CANARY`),
		"an array":              raw(`[{` + rest + `}]`),
		"trailing text":         raw(`{` + rest + `}{}`),
		"a byte order mark":     raw("\xEF\xBB\xBF{" + rest + `}`),
		"invalid UTF-8":         raw("{\"x\":\"\xff\"," + rest + `}`),
		"a lone surrogate":      raw(`{"x":"\ud800",` + rest + `}`),
		"in UTF-16":             raw("\xFE\xFF\x00{\x00}"),
		"deeper than the stack": raw(strings.Repeat("[", 5000)),
	})
}

func TestMangledForms(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useSignature)
	good := sign(k, goodHeader(k).json(t), goodClaims().json(t))
	parts := strings.Split(good, ".")
	padded := func(claims fields) string { return goodClaims().with(claims).json(t) }
	requireRefused(t, r, "longer than 8 KiB", map[string]string{
		"8 KiB and a byte": good + strings.Repeat("x", maxToken+1-len(good)),
		"1 MB":             strings.Repeat("a.", 1<<19),
		"signed, too long": sign(k, goodHeader(k).json(t), padded(fields{"x": strings.Repeat("x", maxToken)})),
	})
	requireRefused(t, r, "not have exactly three parts", map[string]string{
		"empty":                       "",
		"one part":                    parts[0],
		"two parts":                   parts[0] + "." + parts[1],
		"four parts":                  good + "." + parts[2],
		"a trailing dot":              good + ".",
		"a leading dot":               "." + good,
		"JWE in five parts":           strings.Join([]string{b64(`{"alg":"dir","enc":"A256GCM"}`), "", b64("iv"), b64("text"), b64("tag")}, "."),
		"dots only":                   strings.Repeat(".", 8000),
		"JSON serialisation":          `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"JSON serialisation, general": `{"payload":"` + parts[1] + `","signatures":[{"protected":"` + parts[0] + `","signature":"` + parts[2] + `"}]}`,
	})
	requireRefused(t, r, "header is not strict base64url", map[string]string{
		"header padded":         signEncoded(k, parts[0]+"=", parts[1]),
		"header after a space":  " " + good,
		"header with a newline": signEncoded(k, parts[0]+"\n", parts[1]),
		"header in std base64":  signEncoded(k, "+/"+parts[0], parts[1]),
		"JSON with two dots":    `{"payload":"a.b.c"}`,
	})
	requireRefused(t, r, "payload is not strict base64url", map[string]string{
		"payload padded":           signEncoded(k, parts[0], parts[1]+"="),
		"payload with a newline":   signEncoded(k, parts[0], parts[1][:4]+"\n"+parts[1][4:]),
		"payload with a return":    signEncoded(k, parts[0], parts[1]+"\r"),
		"payload with stray bits":  signEncoded(k, parts[0], b64(`{}{}`)[:5]+"R"),
		"payload of one character": signEncoded(k, parts[0], "A"),
	})
	requireRefused(t, r, "signature is not strict base64url", map[string]string{
		"signature padded":           good + "=",
		"signature with a newline":   good + "\n",
		"signature with a tab":       good + "\t",
		"signature with stray bits":  good[:len(good)-1] + string(nextInAlphabet(good[len(good)-1])),
		"signature in another token": good + " " + b64("CANARY"),
	})
}

// nextInAlphabet returns the character that differs only in the last bit. The text of a 32-byte signature has two unused bits.
func nextInAlphabet(c byte) byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return alphabet[strings.IndexByte(alphabet, c)^1]
}

func TestTokenOfExactly8KiB(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useSignature)
	payload := goodClaims().json(t)
	// White space fills the token up to the length.
	header := goodHeader(k).json(t)
	room := maxToken - len(sign(k, header, ""))
	if room%4 == 1 {
		header += " "
		room = maxToken - len(sign(k, header, ""))
	}
	token := sign(k, header, payload+strings.Repeat(" ", room*3/4-len(payload)))
	require.Len(t, token, maxToken)
	_, err := NewService(r, options).Verify(t.Context(), token, start)
	require.NoError(t, err)
}

func TestEveryCharacterOfATokenCounts(t *testing.T) {
	t.Parallel()
	for _, a := range algorithms {
		k := keyOf(a)
		s := NewService(ringOf(k), options)
		good := sign(k, goodHeader(k).json(t), goodClaims().json(t))
		_, err := s.Verify(t.Context(), good, start)
		require.NoError(t, err)
		for i := range good {
			for bit := range 8 {
				mangled := []byte(good)
				mangled[i] ^= 1 << bit
				_, err := s.Verify(t.Context(), string(mangled), start)
				require.ErrorIs(t, err, domain.ErrBadToken)
			}
			_, err := s.Verify(t.Context(), good[:i], start)
			require.ErrorIs(t, err, domain.ErrBadToken)
		}
	}
}
