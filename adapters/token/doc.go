// Package token makes and checks tokens. Access tokens are JSON Web Tokens (RFC 7519) in the profile of RFC 9068, signed with
// HS256, EdDSA, Ed25519 or ES256 by golang-jwt, under the rules of RFC 8725: it implements [domain.TokenService].
//
// # The map
//
//   - [Service] issues and verifies (token.go), in steps: the compact form and its header (jws.go), the signature
//     (jws.go), the claims (claims.go).
//   - [Ring] holds the keys (ring.go, key.go): those that sign tokens, and apart from them those of refresh tokens and
//     cursors. It comes from a key file (keyfile.go), which is followed as it changes (watch.go) and made and rotated here
//     (create.go, rotate.go), or from one secret (secret.go).
//   - [Algorithm] is how tokens can be signed (algorithm.go), jwk.go how keys look in JSON: to us, and in [Ring.JWKS].
//   - [CheckSecret] refuses what an attacker would try first (weak.go).
//   - [Ring.MintRefresh] and [Ring.ParseRefresh] derive refresh tokens, which are kept nowhere (refresh.go): a ring implements
//     [domain.RefreshTokens].
//   - [Ring.SealCursor] and [Ring.OpenCursor] keep the cursors of lists opaque to clients (cursor.go).
//
// # Promises that hold everywhere
//
// Keys come from configuration only: a token names one by its kid and can neither bring nor fetch one. One key has one
// algorithm, under one name. No error and no log line holds key material or any part of a token or a cursor. Files are those of a Unix
// system: their permissions count.
package token
