package token

import (
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// TestNothingSecretIsPrinted prints a ring and a service in every way, and collects the errors of Verify, OpenCursor and a
// broken file. None of these contains a key, a token or a cursor (SECURITY S-02).
func TestNothingSecretIsPrinted(t *testing.T) {
	t.Parallel()
	path := newKeyFile(t)
	keys := readSet(t, path)
	keys[0]["k"] = b64(canaryMaterial)
	writeSet(t, path, keys)
	var told testLog
	r := openRing(t, path, newTestClock().Now, &told)
	s := NewService(r, options)
	k := r.current(useSignature)
	secrets := []string{canaryMaterial}
	for _, a := range asymmetric {
		keys = append(keys, asymmetricMembers(t, keyOf(a)))
	}
	writeSet(t, path, keys)
	r.reload()
	for _, all := range r.keys.Load().byUse {
		for _, k := range all {
			material := k.secret.material
			secrets = append(secrets, b64(string(material)), string(material), fmt.Sprintf("%x", material),
				new(big.Int).SetBytes(material).String())
		}
	}
	require.Len(t, secrets, 1+6*4)

	_, _ = told.Write(r.JWKS())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		_, _ = fmt.Fprintf(&told, verb+verb+verb+verb, r, s, k, k.secret)
		_, _ = fmt.Fprintf(&told, verb+verb, r.keys.Load(), r.file)
		for _, other := range r.keys.Load().byUse[useSignature] {
			_, _ = fmt.Fprintf(&told, verb+verb, other, other.secret)
		}
	}
	slog.New(slog.NewJSONHandler(&told, nil)).Info("x", "ring", r, "service", s, "secret", k.secret, "keys", r.Keys())
	slog.New(slog.NewTextHandler(&told, nil)).Info("x", "ring", r, "service", s, "secret", k.secret, "keys", r.Keys())

	good := sign(k, goodHeader(k).json(t), goodClaims().json(t))
	unknown := goodHeader(k).with(fields{"kid": "KID-CANARY-4242"}).json(t)
	tokens := []string{
		good, good + "=", good + ".CANARY-TAIL", strings.Replace(good, ".", ".CANARY-MID", 1),
		sign(k, unknown, goodClaims().json(t)),
		sign(k, goodHeader(k).with(fields{"typ": "TYP-CANARY-4242"}).json(t), goodClaims().json(t)),
		sign(k, goodHeader(k).with(fields{"alg": "ALG-CANARY-4242"}).json(t), goodClaims().json(t)),
		sign(k, goodHeader(k).with(fields{"alg": fields{"ALG-CANARY-4242": 1}}).json(t), goodClaims().json(t)),
		sign(k, "HEADER-CANARY-4242", goodClaims().json(t)),
		sign(k, goodHeader(k).json(t), "PAYLOAD-CANARY-4242"),
	}
	refresh := mint(t, r, goodSession, 1)
	email := mintEmail(t, r, domain.MailReset, goodEmailID)
	tokens = append(tokens, email[:90], email[1:]+"A", mintEmail(t, secretRing(t), domain.MailReset, goodEmailID))
	tokens = append(tokens, good[:100], refresh[:99]+"=", refresh[1:]+"A", mint(t, secretRing(t), goodSession, 1))
	for name := range goodClaims() {
		for _, odd := range []any{"CLAIM-CANARY-4242", fields{"CLAIM-CANARY-4242": 1}, 987654321987} {
			tokens = append(tokens, sign(k, goodHeader(k).json(t), goodClaims().with(fields{name: odd}).json(t)))
		}
	}
	for _, token := range tokens {
		_, err := s.Verify(t.Context(), token, start.AddDate(1, 0, 0))
		require.Error(t, err)
		_, _ = fmt.Fprintln(&told, err)
		_, err = r.OpenCursor(token)
		require.Error(t, err)
		_, _ = fmt.Fprintln(&told, err)
		_, err = r.ParseRefresh(token)
		require.Error(t, err)
		_, _ = fmt.Fprintln(&told, err)
		_, _, err = r.ParseEmailToken(token)
		require.Error(t, err)
		_, _ = fmt.Fprintln(&told, err)
		secrets = append(secrets, strings.Split(token, ".")...)
	}

	_, err := r.MintRefresh(domain.RefreshToken{KeyID: "KID-CANARY-4242", SessionID: "SID-CANARY-4242", N: 1})
	require.Error(t, err)
	_, _ = fmt.Fprintln(&told, err)
	_, err = r.MintRefresh(domain.RefreshToken{KeyID: r.RefreshKeyID(), SessionID: "SID-CANARY-4242", N: 1})
	require.Error(t, err)
	_, _ = fmt.Fprintln(&told, err)

	_, err = r.MintEmailToken("KIND-CANARY-4242", "ID-CANARY-4242")
	require.Error(t, err)
	_, _ = fmt.Fprintln(&told, err)
	_, err = r.MintEmailToken(domain.MailReset, "ID-CANARY-4242")
	require.Error(t, err)
	_, _ = fmt.Fprintln(&told, err)

	keys[1]["k"] = "not base64url " + canaryMaterial
	writeSet(t, path, keys)
	r.reload()
	keys[1]["k"] = map[string]any{canaryMaterial: canaryMaterial}
	writeSet(t, path, keys)
	r.reload()
	keys[1]["k"] = keys[0]["k"]
	keys[3]["d"], keys[4]["d"] = keys[4]["d"], b64(canaryMaterial)
	writeSet(t, path, keys)
	r.reload()
	require.Equal(t, 3, told.lines(slog.LevelError))
	output := strings.ReplaceAll(told.String(), path, "")
	requireNoTrace(t, output, secrets...)
	require.NotContains(t, strings.ToLower(output), "canary-")
	require.NotContains(t, output, "987654321987")
	require.NotContains(t, output, fmt.Sprintf("%x", canaryMaterial))
}
