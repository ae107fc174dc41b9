// Package client is the Go SDK of Postern. It imports no server code.
//
// [New] returns an [API], which offers everything that needs no account, such as [API.SignUp] and [API.Posts]. [API.Login]
// returns a [Session], which offers everything that a logged-in user can do. Both are safe for concurrent use.
//
//   - A session renews its tokens by itself. [SaveTokens] stores them, and [API.Resume] continues the session after a restart.
//   - An error answer is a [*Problem]. To test for a code, use errors.Is(err, client.ProblemCodePostNotFound). A session that has
//     ended is [ErrSessionEnded]: log in again.
//   - A failed request is sent again where that is safe, as [Retry] describes, and never sooner than the server asked.
//   - No update is lost by accident: a change of a post takes the post's ETag, and [Session.EditPost] does it for you.
//   - Every call ends with its context.
//
// The generated client in package wire has a method for every operation of openapi.yaml. [API.Raw] and [Session.Raw] return one
// that retries and renews tokens in the same way. [ProblemOf] reads its error answers.
package client
