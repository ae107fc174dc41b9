// Package domaintest helps to test packages that use or implement the ports of domain.
//
// It has a fake of every driven port ([Store], [Clock], [Hasher], [Tokens], [RefreshTokens], [EmailTokens], [Events]). The
// fakes are fast, do no I/O, and keep all promises of their ports. [TestStore] tests the promises of domain.Store. Every
// implementation passes it, including the fake. Only tests import this package.
package domaintest
