// Package revocation knows which sessions have ended, so that checking an access token reads no store.
//
// A [List] holds the sessions that ended recently. It follows the store by polling, several times a second. Because commits
// do not become visible in the order of their times, each poll reads again what was recorded up to two minutes before the
// last one. After a longer gap (a lost database, a frozen process, a clock that jumped) it reads everything.
//
// The list never guesses. While it cannot be certain, because the last good poll is more than a second old or because its
// memory is full, every check reads the store. If the store does not answer, the check fails.
package revocation
