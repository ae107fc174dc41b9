// Package token makes and verifies everything that carries a signature: access, refresh and e-mail tokens, and cursors.
//
// [Service] issues and verifies access tokens: JSON Web Tokens (RFC 7519) in the profile of RFC 9068, signed with the
// methods of golang-jwt under the rules of RFC 8725. It implements [domain.TokenService]. Verification checks the compact
// form, the header and the signature (jws.go), then the claims (claims.go).
//
// [Ring] holds the keys (ring.go, key.go). Signing keys, refresh keys and cursor keys are separate. The keys come from a
// key file (keyfile.go, jwk.go), which is created and rotated here (create.go, rotate.go) and read again when it changes
// (watch.go), or they are derived from one secret (secret.go). [CheckSecret] refuses weak and published secrets (weak.go).
//
// [Ring.MintRefresh] and [Ring.ParseRefresh] implement [domain.RefreshTokens]. A refresh token is derived when it is needed
// and never stored (refresh.go). [Ring.MintEmailToken] and [Ring.ParseEmailToken] implement [domain.EmailTokens] (email.go).
// [Ring.SealCursor] and [Ring.OpenCursor] sign the cursors of lists (cursor.go). All three have one format (seal.go).
//
// # Guarantees
//
// Keys come from configuration only. A token names a key by its kid and cannot bring or fetch one. Each key has exactly one
// algorithm. No error and no log line contains key material or any part of a token or a cursor. Key files need the
// permissions of a Unix system.
package token
