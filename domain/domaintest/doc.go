// Package domaintest helps to test packages that use or implement the ports of domain.
//
// It has a fast fake of every driven port ([Store], [Clock], [Hasher], [Tokens], [RefreshTokens], [Events]) that keeps all promises
// of the port without I/O. [TestStore] tests the promises of domain.Store; every implementation passes it, the fake included. Only
// tests import this package.
package domaintest
