package argon2id

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

const (
	salt16 = "c29tZXNhbHRzb21lc2FsdA"                      // somesaltsomesalt
	tag32  = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc" // of the reference implementation's first vector
	sound  = "$argon2id$v=19$m=19456,t=2,p=1$" + salt16 + "$" + tag32
)

func TestUnreadableHashes(t *testing.T) {
	t.Parallel()
	bcrypt := "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	cases := map[string]string{
		"empty":                     "",
		"a password":                "hunter2hunter2",
		"another algorithm":         strings.Replace(sound, "argon2id", "argon2i", 1),
		"the old version":           strings.Replace(sound, "v=19", "v=16", 1),
		"no version":                strings.Replace(sound, "v=19$", "", 1),
		"text before":               " " + sound,
		"text after":                sound + "\n",
		"one part more":             sound + "$",
		"one part less":             strings.TrimSuffix(sound, "$"+tag32),
		"no tag":                    strings.TrimSuffix(sound, tag32),
		"a tag of a few octets":     strings.Replace(sound, tag32, "CTFhFdXPJO0", 1),
		"a tag of 80 octets":        sound + strings.Repeat("A", 64),
		"a salt of 4 octets":        strings.Replace(sound, salt16, "c29tZQ", 1),
		"a salt of 80 octets":       strings.Replace(sound, salt16, strings.Repeat("A", 107), 1),
		"an endless salt":           strings.Replace(sound, salt16, strings.Repeat("A", 1<<20), 1),
		"padding":                   strings.Replace(sound, salt16, salt16+"==", 1),
		"stray bits":                strings.Replace(sound, salt16, salt16[:21]+"B", 1),
		"a line end in base64":      strings.Replace(sound, salt16, salt16[:4]+"\n"+salt16[4:], 1),
		"the alphabet of URLs":      strings.Replace(sound, tag32, strings.Replace(tag32, "C", "-", 1), 1),
		"no memory":                 strings.Replace(sound, "m=19456", "m=0", 1),
		"too little for two lanes":  strings.Replace(sound, "m=19456,t=2,p=1", "m=15,t=2,p=2", 1),
		"memory of 4 TiB":           strings.Replace(sound, "m=19456", "m=4294967295", 1),
		"memory beyond 32 bits":     strings.Replace(sound, "m=19456", "m=4294986752", 1),
		"negative memory":           strings.Replace(sound, "m=19456", "m=-19456", 1),
		"no passes":                 strings.Replace(sound, "t=2", "t=0", 1),
		"a million passes":          strings.Replace(sound, "t=2", "t=1000000", 1),
		"no lanes":                  strings.Replace(sound, "p=1", "p=0", 1),
		"255 lanes":                 strings.Replace(sound, "p=1", "p=255", 1),
		"257 lanes":                 strings.Replace(sound, "p=1", "p=257", 1),
		"a leading zero":            strings.Replace(sound, "t=2", "t=02", 1),
		"a plus sign":               strings.Replace(sound, "t=2", "t=+2", 1),
		"another order":             strings.Replace(sound, "m=19456,t=2,p=1", "t=2,m=19456,p=1", 1),
		"one parameter more":        strings.Replace(sound, "p=1", "p=1,keyid=AA", 1),
		"spaces":                    strings.Replace(sound, "m=19456,", "m=19456, ", 1),
		"bcrypt, cut":               bcrypt[:59],
		"bcrypt, longer":            bcrypt + "W",
		"bcrypt, no cost":           "$2a$",
		"bcrypt, not base64":        bcrypt[:10] + "!" + bcrypt[11:],
		"bcrypt, hours of work":     strings.Replace(bcrypt, "$05$", "$31$", 1),
		"bcrypt, seconds of work":   strings.Replace(bcrypt, "$05$", "$15$", 1),
		"bcrypt, broken variant 2x": strings.Replace(bcrypt, "2a", "2x", 1),
	}
	h := newHasher(Options{Workers: 1, Queue: 1, MaxWait: maxWait})
	for name, hash := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ok, _, err := h.Verify(t.Context(), hash, domain.NewPassword("password"))
			require.ErrorIs(t, err, errUnreadable)
			require.False(t, ok)
			require.False(t, len(hash) > 8 && strings.Contains(err.Error(), hash), "an error never shows a hash")
		})
	}
}

func TestParseReadsWhatStringWrites(t *testing.T) {
	t.Parallel()
	h, err := parsePHC(sound)
	require.NoError(t, err)
	require.Equal(t, cost{19456, 2, 1}, h.cost)
	require.Equal(t, "somesaltsomesalt", string(h.salt))
	require.Len(t, h.tag, 32)
	require.Equal(t, sound, h.String())
}

func FuzzParse(f *testing.F) {
	f.Add(sound)
	f.Add("$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")
	f.Add("$argon2id$v=19$m=+1,t=0x2,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parsePHC(s)
		if err != nil {
			require.ErrorIs(t, err, errUnreadable)
			return
		}
		require.Equal(t, s, h.String(), "one hash has one spelling")
		require.True(t, h.bounded())
	})
}
