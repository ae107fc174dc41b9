package domaintest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// storeCase is one promise of [domain.Store] or its repositories.
type storeCase struct {
	name string
	test func(t *testing.T, s domain.Store)
}

// TestStore tests every promise of [domain.Store] and its repositories. Each case runs in parallel with the others, on an empty
// store from open, which must close it with t.Cleanup.
func TestStore(t *testing.T, open func(t *testing.T) domain.Store) {
	runCases(t, open, slices.Concat(userCases, sessionCases, endCases, passwordCases, suspensionCases, deletionCases, postCases,
		updateCases, pagingCases, ownCases, hiddenCases, actionCases, voteCases, outboxCases, emailTokenCases, addressCases, resetCases,
		searchCases, connectionCases))
}

// TestConnections is the part of [TestStore] that depends on what the store's connections keep between statements: transactions,
// snapshots, locks, and statements that a context ends.
func TestConnections(t *testing.T, open func(t *testing.T) domain.Store) {
	runCases(t, open, connectionCases)
}

var connectionCases = slices.Concat(versionCases, idempotencyCases, throttleCases, clockCases, epochCases, txCases, readTxCases,
	contextCases, concurrencyCases)

func runCases(t *testing.T, open func(t *testing.T) domain.Store, cases []storeCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open(t))
		})
	}
}

// moment is a time that a store returns unchanged only if it preserves microseconds and UTC.
var moment = time.Date(2026, time.March, 29, 2, 30, 0, 123_457_000, time.UTC)

// patience is the longest wait for an event that should happen at once.
const patience = 20 * time.Second

// chance is how long a test lets a rival try an act that must fail. In a faulty store the act succeeds within microseconds.
const chance = 50 * time.Millisecond

// texts are texts that a store must return unchanged.
var texts = []struct{ name, text string }{
	{"astral", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🦉"},
	{"combining", "e\u0301 is not \u00e9, nor is n\u0303 \u00f1"},
	{"replacement character", "\uFFFD"},
	{"right to left", "שלום \u202Eolleh"},
	{"line ends", "a\r\nb\nc\rd\u2028e"},
	{"space around", " \t both sides \n"},
	{"control characters", "\x01\x1b\x7f\u0085"},
	{"noncharacter", "\uFFFF\U0010FFFF"},
	{"quotes", `'"; DROP TABLE posts; --\%_`},
	{"number", "007.10"},
}

func newUser(t *testing.T, r domain.Repositories, email domain.Email) domain.User {
	t.Helper()
	u := domain.NewUser{Email: email, PasswordHash: "hash of " + string(email), CreatedAt: moment}
	user, err := r.Users().Insert(t.Context(), u)
	require.NoError(t, err)
	return user
}

func newPost(t *testing.T, r domain.Repositories, owner domain.UserID, content string) domain.Post {
	t.Helper()
	post, err := r.Posts().Insert(t.Context(), publication(owner, content, moment))
	require.NoError(t, err)
	return post
}

// publication returns a post that is published when it is created.
func publication(owner domain.UserID, content string, at time.Time) domain.NewPost {
	return domain.NewPost{OwnerID: owner, Title: "A title", Content: content, Published: true, CreatedAt: at, PublishedAt: &at}
}

// wait receives from the channel, and fails the test if that takes too long.
func wait[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		require.FailNow(t, "nothing happened")
		panic("unreachable")
	}
}

// start runs fn in a goroutine and returns the channel that gets its error.
func start(fn func() error) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- fn() }()
	return ended
}
