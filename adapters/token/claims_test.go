package token

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMissingClaims(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useSignature)
	reasons := map[string]string{
		"iss": "the iss", "aud": "the aud", "sub": "the sub", "user_id": "the user_id", "jti": "the jti", "sid": "the sid",
		"iat": "the iat, nbf or exp", "nbf": "the iat, nbf or exp", "exp": "the iat, nbf or exp",
	}
	require.Len(t, reasons, len(requiredClaims))
	for _, name := range requiredClaims {
		null := strings.Replace(goodClaims().with(fields{name: "NULL"}).json(t), `"NULL"`, "null", 1)
		require.Contains(t, null, `"`+name+`":null`)
		requireRefused(t, r, reasons[name]+" is missing", map[string]string{
			name:            sign(k, goodHeader(k).json(t), goodClaims().with(fields{name: nil}).json(t)),
			name + ": null": sign(k, goodHeader(k).json(t), null),
		})
	}
}

func TestClaimsInTheWrongCase(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useSignature)
	tokens := map[string]string{
		"sub with a long s": sign(k, goodHeader(k).json(t), goodClaims().with(fields{"\u017Fub": "1"}).json(t)),
		"uSeR_iD":           sign(k, goodHeader(k).json(t), goodClaims().with(fields{"uSeR_iD": 1}).json(t)),
	}
	for _, name := range claimNames {
		upper := strings.ToUpper(name)
		tokens[upper] = sign(k, goodHeader(k).json(t), goodClaims().with(fields{upper: goodClaims()[name]}).json(t))
		tokens[upper+" instead"] = sign(k, goodHeader(k).json(t), goodClaims().with(fields{upper: goodClaims()[name], name: nil}).json(t))
	}
	requireRefused(t, r, "a claim is in the wrong case", tokens)
}

func TestOddPayloads(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useSignature)
	raw := func(payload string) string { return sign(k, goodHeader(k).json(t), payload) }
	good := goodClaims().json(t)
	tokens := map[string]string{
		"empty":                raw(``),
		"not JSON":             raw(`CANARY-CANARY`),
		"an array":             raw(`[` + good + `]`),
		"a string":             raw(`"CANARY"`),
		"trailing text":        raw(good + ` CANARY`),
		"two objects":          raw(good + good),
		"a byte order mark":    raw("\xEF\xBB\xBF" + good),
		"invalid UTF-8":        raw(`{"x":"` + "\xc3\x28" + `",` + good[1:]),
		"a lone surrogate":     raw(`{"x":"\udfff",` + good[1:]),
		"a NUL in a name":      raw("{\"x\x00\":1," + good[1:]),
		"an unknown duplicate": raw(`{"x":1,"x":1,` + good[1:]),
		"an escaped duplicate": raw(`{"\u0065xp":1,` + good[1:]),
		"an inner duplicate":   raw(`{"x":{"y":1,"y":2},` + good[1:]),
	}
	for _, name := range claimNames {
		tokens["a duplicate "+name] = raw(strings.TrimSuffix(fields{name: goodClaims()[name]}.json(t), "}") + "," + good[1:])
	}
	requireRefused(t, r, "payload is not one JSON object", tokens)
}

func TestOddClaims(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useSignature)
	// raw replaces one claim by JSON text.
	raw := func(name, value string) string {
		payload := strings.Replace(goodClaims().with(fields{name: "RAW"}).json(t), `"RAW"`, value, 1)
		require.Contains(t, payload, `"`+name+`":`+value)
		return sign(k, goodHeader(k).json(t), payload)
	}
	requireRefused(t, r, "the iss", map[string]string{
		"iss of another":      raw("iss", `"https://evil.example"`),
		"iss with a slash":    raw("iss", `"https://postern.example/"`),
		"iss in another case": raw("iss", `"https://POSTERN.example"`),
		"iss empty":           raw("iss", `""`),
	})
	requireRefused(t, r, "the aud", map[string]string{
		"aud of another":      raw("aud", `"postern-admin"`),
		"aud in another case": raw("aud", `"Postern"`),
		"aud empty":           raw("aud", `""`),
	})
	requireRefused(t, r, "the sub", map[string]string{
		"sub of another":       raw("sub", `"43"`),
		"sub with a zero":      raw("sub", `"042"`),
		"sub with a sign":      raw("sub", `"+42"`),
		"sub with a space":     raw("sub", `"42 "`),
		"sub in Arabic digits": raw("sub", `"٤٢"`),
		"sub empty":            raw("sub", `""`),
	})
	requireRefused(t, r, "the user_id", map[string]string{
		"user_id 0":        raw("user_id", `0`),
		"user_id -1":       raw("user_id", `-1`),
		"user_id 2^53":     raw("user_id", `9007199254740992`),
		"user_id 2^63 - 1": raw("user_id", `9223372036854775807`),
		"user_id -0":       raw("user_id", `-0`),
	})
	requireRefused(t, r, "the jti", map[string]string{
		"jti empty":       raw("jti", `""`),
		"jti of 65 bytes": raw("jti", `"`+strings.Repeat("j", 65)+`"`),
	})
	requireRefused(t, r, "the sid", map[string]string{
		"sid empty":       raw("sid", `""`),
		"sid of 65 bytes": raw("sid", `"`+strings.Repeat("s", 65)+`"`),
	})
	requireRefused(t, r, "the epo", map[string]string{
		"epo empty":       raw("epo", `""`),
		"epo of 65 bytes": raw("epo", `"`+strings.Repeat("e", 65)+`"`),
		"epo null":        raw("epo", `null`),
		"epo a number":    raw("epo", `1`),
		"epo true":        raw("epo", `true`),
		"epo an object":   raw("epo", `{}`),
		"epo an array":    raw("epo", `["EPO-CANARY-4242"]`),
	})
	wrongTypes := map[string]string{}
	for _, name := range []string{"iss", "aud", "sub", "jti", "sid"} {
		for _, value := range []string{`1`, `true`, `{}`, `["postern"]`, `["postern","other"]`} {
			wrongTypes[name+" "+value] = raw(name, value)
		}
	}
	for _, name := range []string{"iat", "nbf", "exp", "user_id"} {
		for _, value := range []string{`"42"`, `"CANARY"`, `42.0`, `42.5`, `42e0`, `1e0`, `1E400`, `9223372036854775808`, `1e999`, `[42]`, `{}`, `true`} {
			wrongTypes[name+" "+value] = raw(name, value)
		}
	}
	requireRefused(t, r, "payload is not one JSON object", wrongTypes)
	for _, name := range []string{"iat", "nbf", "exp"} {
		requireRefused(t, r, "missing or out of range", map[string]string{
			name + " 0":              raw(name, `0`),
			name + " negative":       raw(name, `-1`),
			name + " beyond 9999":    raw(name, `253402300800`),
			name + " at the largest": raw(name, `9223372036854775807`),
			name + " at the least":   raw(name, `-9223372036854775808`),
		})
	}
}
