package conformance

import (
	"errors"
	"slices"
	"strings"
)

// Level says how much of the contract a server must keep. Each level includes the ones before it. The zero value stands
// for [Behaviour].
type Level int

// Levels.
const (
	// Lesson is what the clients of the tutorial rely on: sign-up, login, bearer tokens, and posts.
	Lesson Level = iota + 1
	// Shape adds that every answer is one that the contract declares. Its cases work with a mock, which keeps no state.
	Shape
	// Behaviour adds what the contract says about ownership, conditions, repeated requests, paging and sessions. It also
	// adds /docs and /openapi.json: users of the tutorial rely on them, but a mock has neither.
	Behaviour
	// Hardening adds headers and refusals that the contract does not require.
	Hardening
)

var levelNames = []string{"lesson", "shape", "behaviour", "hardening"}

// String returns the name of the level.
func (l Level) String() string { return levelNames[l-1] }

// ParseLevel returns the level with a name.
func ParseLevel(name string) (Level, error) {
	at := slices.Index(levelNames, name)
	if at < 0 {
		return 0, errors.New("must be one of " + strings.Join(levelNames, ", "))
	}
	return Level(at + 1), nil
}
