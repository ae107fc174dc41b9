// Package domain is what Postern is: its entities, their rules, and the ports through which the world reaches them and
// they reach the world. It does no I/O and imports the standard library, golang.org/x/text and golang.org/x/net/idna
// only; a test says so.
//
// # The map
//
// Driving ports are implemented here and called by adapters/rest:
//
//   - [AuthService]: sign up, log in, tell who is calling.
//   - [UserService]: look people up.
//   - [PostService]: write and read posts.
//
// Driven ports are declared here and implemented by adapters:
//
//   - [Store] and its [Repositories]: adapters/sqlite; the fake in domaintest.
//   - [TokenService]: adapters/jwt.
//   - [PasswordHasher]: adapters/argon2id.
//   - [Clock]: a function, given by app.
//
// A service is given its driven ports when it is made (NewAuthService and so on) and keeps no other state, so a process
// makes one of each and shares it: every method of every port is safe for concurrent use.
//
// # Promises that hold everywhere
//
// Times are UTC and whole microseconds. Text is valid UTF-8 without NUL and comes back exactly as it was given. Failures
// are [*Error] values, matched with [errors.Is] by name ([ErrPostNotFound]) or by kind ([ErrNotFound]); any other error is
// a fault of ours, not of the caller.
package domain
