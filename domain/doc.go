// Package domain is what Postern is: its entities, their rules, and the ports through which the world reaches them and
// they reach the world. It does no I/O and imports the standard library, golang.org/x/text and golang.org/x/net/idna
// only; a test says so.
//
// # The map
//
// Driving ports are implemented here and called by adapters/rest, the last one by app:
//
//   - [AuthService]: sign up, log in, stay logged in, tell who is calling; change the password, delete the account.
//   - [SessionService]: see and end sessions, log out.
//   - [UserService]: look people up, and let them take a name.
//   - [PostService]: write, read, list, search and vote for posts.
//   - [Operator]: what whoever runs the service can do to accounts.
//
// [Sweeper], [IndexPosts] and [EndedSessions.Poll] are called by app again and again, beside the requests.
//
// Driven ports are declared here and implemented by adapters:
//
//   - [Store] and its [Repositories]: adapters/sqlite and adapters/postgres; the fake in domaintest.
//   - [TokenService] and [RefreshTokens]: adapters/token.
//   - [PasswordHasher]: adapters/password.
//   - [SecurityLog] and [Clock]: app.
//
// A service is given its driven ports when it is made (NewAuth and so on). A process makes one of each and shares it:
// every method of every port is safe for concurrent use. What a service remembers by itself, who waits for whom and, in
// [EndedSessions], which sessions have ended, saves work or time; the store is what decides.
//
// # Promises that hold everywhere
//
// Times are UTC and whole microseconds. Text is valid UTF-8 without NUL and comes back exactly as it was given. Failures
// are [*Error] values, matched with [errors.Is] by name ([ErrPostNotFound]) or by kind ([ErrNotFound]); any other error is
// a fault of ours, not of the caller.
package domain
