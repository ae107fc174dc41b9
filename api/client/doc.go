// Package client is the Go SDK of Postern. It imports no server code.
//
// [New] returns an [API]: what anyone may do, such as [API.SignUp] and reading [API.Posts]. [API.Login] returns a [Session]: what
// a logged-in user may do. Both may be used by many goroutines at once.
//
//   - A session gets its next tokens by itself, once for all who wait for them. [SaveTokens] tells where to keep them, and
//     [API.Resume] goes on with them after a restart.
//   - What the server refuses is a [*Problem], and errors.Is finds its code: errors.Is(err, client.ProblemCodePostNotFound).
//     A session that has ended is [ErrSessionEnded]: log in again.
//   - What failed is sent again where that is safe, as [Retry] says, and never sooner than the server asked. A post is created
//     once, however often that takes: each carries an Idempotency-Key.
//   - Nothing here waits without a bound: all of it ends with its context.
//
// Below it is the generated client, with a method for every operation of openapi.yaml: [API.Raw] and [Session.Raw] return it with
// the same abilities, [NewClientWithResponses] returns it bare.
package client
