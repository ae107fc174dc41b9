// Package domain is the core of Postern: its entities, their rules, and the ports that connect them to the outside. It does no
// I/O. It imports only the standard library, golang.org/x/text, golang.org/x/net/idna, and its own subpackages.
//
// # Driving ports
//
// This package implements them. adapters/rest calls them all except the last one, which app calls.
//
//   - [AuthService], by [Auth]: sign-up, login, refresh, authentication, change of password, deletion of an account.
//   - [SessionService], by [Sessions]: list and end sessions, log out.
//   - [UserService], by [Users]: read and rename users.
//   - [PostService], by [Posts]: write, read, list, search and vote for posts.
//   - [ExportService], by [Exports]: give users all their data.
//   - [EmailService], by [Emails]: reset passwords, confirm and change e-mail addresses, by links in mails.
//   - [Operator], by [AccountOperator]: what an administrator does to accounts.
//
// Apart from requests, app regularly runs the [Sweepers], [IndexPosts], a [MailSender], and the Poll method of the list that
// [NewRevocations] returns.
//
// # Driven ports
//
// They are declared here and implemented by adapters. Package domaintest has a fake of each one.
//
//   - [Store] and its [Repositories]: adapters/sqlite and adapters/postgres.
//   - [TokenService], [RefreshTokens] and [EmailTokens]: adapters/token.
//   - [PasswordHasher]: adapters/password.
//   - [Mailer]: adapters/mail.
//   - [SecurityLog] and [Clock]: app.
//
// # Subpackages
//
// Each one solves one problem behind a small API and does not import this package.
//
//   - throttle limits failed logins, sign-ups, mails and writes.
//   - revocation keeps a list of ended sessions, so that checking a token does not read the store.
//   - mailtext has the texts of mails.
//   - search splits texts and queries into words, and limits concurrent searches.
//   - diagnosis has the results of the checks of "postern doctor".
//
// # Conventions
//
// The constructor of a service takes its driven ports. A process makes one of each service; every method of every port is
// safe for concurrent use. Services keep state in memory only to save work. The store decides.
//
// Times are in UTC and whole microseconds. Text is valid UTF-8 without NUL and is returned exactly as it was given. Failures that
// callers are expected to handle are [*Error] values. errors.Is matches them by name ([ErrPostNotFound]) and by kind
// ([ErrNotFound]). Any other error is a fault of the service, not of the caller.
package domain
