package password

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/argon2"

	"example.com/postern/domain"
)

var (
	_ domain.PasswordHasher = (*Hasher)(nil)

	// cheap has the lowest cost that Argon2 allows.
	cheap = cost{memory: 8, time: 1, threads: 1}
)

func newCheap() *Hasher {
	return NewUnchecked(Options{cheap.memory, cheap.time, cheap.threads, 2, 64, maxWait, nil})
}

func verify(t *testing.T, h *Hasher, hash, password string) (ok, stale bool) {
	t.Helper()
	ok, stale, err := h.Verify(t.Context(), "", hash, domain.NewPassword(password))
	require.NoError(t, err)
	return ok, stale
}

// TestReferenceVectors uses the vectors of the reference implementation (github.com/P-H-C/phc-winner-argon2, src/test.c).
// Those of RFC 9106 have a secret and associated data, which x/crypto does not support.
func TestReferenceVectors(t *testing.T) {
	t.Parallel()
	h := newCheap()
	for hash, password := range map[string]string{
		"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc": "password",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4":   "password",
		"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc":   "password",
	} {
		ok, stale := verify(t, h, hash, password)
		require.True(t, ok, hash)
		require.True(t, stale, hash)
	}
}

func TestTheDefaultIsThatOfOWASP(t *testing.T) {
	t.Parallel()
	h, err := New(Options{})
	require.NoError(t, err)
	hash, err := h.Hash(t.Context(), "", domain.NewPassword("correct horse"))
	require.NoError(t, err)
	require.Regexp(t, `^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, hash)
	ok, stale := verify(t, h, hash, "correct horse")
	require.True(t, ok)
	require.False(t, stale)
}

func TestTheDummyHashCostsAsMuchAsANewOne(t *testing.T) {
	t.Parallel()
	h := newCheap()
	type work struct {
		time, memory uint32
		threads      uint8
		salt, length uint32
	}
	var done []work
	h.key = func(password, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
		done = append(done, work{time, memory, threads, uint32(len(salt)), length})
		return argon2.IDKey(password, salt, time, memory, threads, length)
	}
	fresh, err := h.Hash(t.Context(), "", domain.NewPassword("correct horse"))
	require.NoError(t, err)
	dummy := h.DummyHash()
	require.Len(t, done, 1, "DummyHash computes nothing")

	ok, stale := verify(t, h, dummy, "correct horse")
	require.False(t, ok)
	require.False(t, stale)
	require.Len(t, done, 2)
	require.Equal(t, done[0], done[1])
	require.Len(t, dummy, len(fresh))
	require.NotEqual(t, dummy, h.DummyHash())
}

func TestSaltsAreUnique(t *testing.T) {
	t.Parallel()
	h := newCheap()
	one, err := h.Hash(t.Context(), "", domain.NewPassword("correct horse"))
	require.NoError(t, err)
	two, err := h.Hash(t.Context(), "", domain.NewPassword("correct horse"))
	require.NoError(t, err)
	require.NotEqual(t, one, two)
}

func TestEveryByteCounts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 72)
	cases := map[string]struct {
		password, other string
		same            bool
	}{
		"itself":                 {"correct horse", "correct horse", true},
		"another":                {"correct horse", "battery staple", false},
		"a case":                 {"correct horse", "Correct horse", false},
		"a space behind":         {"correct horse", "correct horse ", false},
		"a space before":         {"correct horse", " correct horse", false},
		"a prefix":               {"correct horse", "correct hors", false},
		"64 characters":          {strings.Repeat("é", 64), strings.Repeat("é", 64), true},
		"1024 bytes":             {strings.Repeat("ab", 512), strings.Repeat("ab", 512), true},
		"only the 73rd byte":     {long + "b", long + "c", false},
		"72 bytes and one more":  {long, long + "a", false},
		"behind a NUL":           {"correct\x00horse", "correct\x00mouse", false},
		"cut at a NUL":           {"correct\x00horse", "correct", false},
		"composed, decomposed":   {"caf\u00e9 cr\u00e8me", "cafe\u0301 cre\u0300me", true},
		"decomposed, composed":   {"cafe\u0301 cre\u0300me", "caf\u00e9 cr\u00e8me", true},
		"compatible (NFKC) only": {"\uff50assword", "password", false},
		"invalid UTF-8":          {"pass\xff\xfe", "pass\xff\xfe", true},
		"other invalid UTF-8":    {"pass\xff", "pass\xfe", false},
	}
	h := newCheap()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hash, err := h.Hash(t.Context(), "", domain.NewPassword(c.password))
			require.NoError(t, err)
			ok, stale := verify(t, h, hash, c.other)
			require.Equal(t, c.same, ok)
			require.False(t, stale)
		})
	}
}

func TestStale(t *testing.T) {
	t.Parallel()
	now := cost{memory: 64, time: 2, threads: 2}
	cases := map[string]struct {
		cost      cost
		salt, tag int
		stale     bool
	}{
		"as of today":  {now, saltLength, tagLength, false},
		"less memory":  {cost{32, 2, 2}, saltLength, tagLength, true},
		"more memory":  {cost{128, 2, 2}, saltLength, tagLength, true},
		"fewer passes": {cost{64, 1, 2}, saltLength, tagLength, true},
		"other lanes":  {cost{64, 2, 1}, saltLength, tagLength, true},
		"shorter salt": {now, 8, tagLength, true},
		"shorter tag":  {now, saltLength, 16, true},
	}
	today := NewUnchecked(Options{now.memory, now.time, now.threads, 2, 64, maxWait, nil})
	password := domain.NewPassword("correct horse")
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hash := phc{cost: c.cost, salt: make([]byte, c.salt)}
			hash.tag = today.derive(hash, password, c.tag)
			ok, stale := verify(t, today, hash.String(), password.Reveal())
			require.True(t, ok)
			require.Equal(t, c.stale, stale)
		})
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		options Options
		sound   bool
	}{
		"defaults":              {Options{}, true},
		"the floor":             {Options{Memory: 19456, Time: 2, Threads: 1}, true},
		"the other floor":       {Options{Memory: 47104, Time: 1, Threads: 1}, true},
		"more of everything":    {Options{Memory: 65536, Time: 3, Threads: 4, Workers: 2, Queue: 10, MaxWait: 1}, true},
		"too little memory":     {Options{Memory: 19455, Time: 2}, false},
		"one pass too few":      {Options{Memory: 19456, Time: 1}, false},
		"just under the other":  {Options{Memory: 47103, Time: 1}, false},
		"memory without time":   {Options{Memory: 65536}, false},
		"time without memory":   {Options{Time: 16}, false},
		"memory for all":        {Options{Memory: 1 << 20, Time: 2}, false},
		"passes for ever":       {Options{Memory: 19456, Time: 17}, false},
		"too many lanes":        {Options{Threads: 17}, false},
		"less than no workers":  {Options{Workers: -1}, false},
		"less than no queue":    {Options{Queue: -1}, false},
		"less than no patience": {Options{MaxWait: -1}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(c.options)
			require.Equal(t, c.sound, err == nil, err)
		})
	}
}

func TestDefaultsLeaveOneCore(t *testing.T) {
	t.Parallel()
	o := Options{}.withDefaults()
	require.GreaterOrEqual(t, o.Workers, 1)
	require.LessOrEqual(t, o.Workers, max(1, runtime.GOMAXPROCS(0)-1))
	require.Equal(t, 32*o.Workers, o.Queue)
	require.Equal(t, 2*time.Second, o.MaxWait)
}
