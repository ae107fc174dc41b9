// Package domaintest is what the packages around domain are tested with.
//
// It holds fakes of every driven port ([Store], [Clock], [Hasher], [Tokens], [RefreshTokens], [Events]), which keep the
// promises of their ports without I/O and in no time, and [TestStore], the suite of promises that every domain.Store passes, the fake included.
// Only tests import it.
package domaintest
