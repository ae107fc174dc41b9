package password

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"example.com/postern/domain"
)

const (
	salt16 = "c29tZXNhbHRzb21lc2FsdA"                      // somesaltsomesalt
	tag32  = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc" // of the reference implementation's first vector
	sound  = "$argon2id$v=19$m=19456,t=2,p=1$" + salt16 + "$" + tag32

	soundBcrypt = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" // of U*U: Solar Designer's (crypt_blowfish, wrapper.c)
)

func TestUnreadableHashes(t *testing.T) {
	t.Parallel()
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
		"a tag of a few bytes":      strings.Replace(sound, tag32, "CTFhFdXPJO0", 1),
		"a tag of 80 bytes":         sound + strings.Repeat("A", 64),
		"a salt of 4 bytes":         strings.Replace(sound, salt16, "c29tZQ", 1),
		"a salt of 80 bytes":        strings.Replace(sound, salt16, strings.Repeat("A", 107), 1),
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
		"bcrypt, cut":               soundBcrypt[:59],
		"bcrypt, longer":            soundBcrypt + "W",
		"bcrypt, no cost":           "$2a$",
		"bcrypt, not base64":        soundBcrypt[:10] + "!" + soundBcrypt[11:],
		"bcrypt, hours of work":     strings.Replace(soundBcrypt, "$05$", "$31$", 1),
		"bcrypt, seconds of work":   strings.Replace(soundBcrypt, "$05$", "$15$", 1),
		"bcrypt, broken variant 2x": strings.Replace(soundBcrypt, "2a", "2x", 1),
		"bcrypt, the first variant": strings.Replace(soundBcrypt, "2a", "2", 1),
		"bcrypt, too little work":   strings.Replace(soundBcrypt, "$05$", "$03$", 1),
		"bcrypt, a plus sign":       strings.Replace(soundBcrypt, "$05$", "$+5$", 1),
		"bcrypt, one digit":         strings.Replace(soundBcrypt, "$05$", "$5$", 1),
		"bcrypt, stray bits":        soundBcrypt[:59] + "X",
		"bcrypt, base64 of others":  soundBcrypt[:10] + "+" + soundBcrypt[11:],
		"bcrypt, a line end":        soundBcrypt + "\n",
		"bcrypt, a line before":     "x\n" + soundBcrypt,
		"bcrypt, in a wrapper":      "{BCRYPT}" + soundBcrypt,
		"bcrypt, a NUL":             soundBcrypt[:30] + "\x00" + soundBcrypt[31:],
		"SHA-512-crypt":             "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1",
		"scrypt":                    "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
		"SHA-256 in hexadecimal":    strings.Repeat("5e884898", 8),
	}
	h := NewUnchecked(Options{Workers: 1, Queue: 1, MaxWait: maxWait})
	for name, hash := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ok, _, err := h.Verify(t.Context(), "", hash, domain.NewPassword("password"))
			require.ErrorIs(t, err, errUnreadable)
			require.False(t, ok)
			require.False(t, h.Accepts(hash))
			require.False(t, len(hash) > 8 && strings.Contains(err.Error(), hash), "an error does not contain the hash")
		})
	}
}

func TestAccepts(t *testing.T) {
	t.Parallel()
	dearest := phc{cost{maxMemory, maxTime, maxThreads}, make([]byte, maxSaltRead), make([]byte, maxTagRead)}.String()
	weakest := phc{cost{8, 1, 1}, make([]byte, minSaltRead), make([]byte, minTagRead)}.String()
	edit := strings.NewReplacer
	for name, c := range map[string]struct {
		hash string
		want bool
	}{
		"of today":                    {sound, true},
		"the dearest":                 {dearest, true},
		"more memory":                 {edit("m=262144", "m=262145").Replace(dearest), false},
		"more passes":                 {edit("t=16", "t=17").Replace(dearest), false},
		"more lanes":                  {edit("p=16", "p=17").Replace(dearest), false},
		"a longer tag":                {dearest + "AA", false},
		"the weakest":                 {weakest, true},
		"less memory":                 {edit("m=8", "m=7").Replace(weakest), false},
		"bcrypt 2a":                   {soundBcrypt, true},
		"bcrypt 2b":                   {edit("$2a", "$2b").Replace(soundBcrypt), true},
		"bcrypt 2y":                   {edit("$2a", "$2y").Replace(soundBcrypt), true},
		"bcrypt, the least work":      {edit("$05", "$04").Replace(soundBcrypt), true},
		"bcrypt, the most work":       {edit("$05", "$14").Replace(soundBcrypt), true},
		"bcrypt, more work":           {edit("$05", "$15").Replace(soundBcrypt), false},
		"bcrypt, stray bits in salt":  {edit("CC.E5", "CC/E5").Replace(soundBcrypt), true},
		"bcrypt, stray bits in tag":   {edit("OeW", "OeX").Replace(soundBcrypt), false},
		"bcrypt, the last tag letter": {edit("OeW", "Oe6").Replace(soundBcrypt), true},
	} {
		require.Equal(t, c.want, newCheap().Accepts(c.hash), name)
	}
}

// TestAcceptsWhatBcryptMakes uses hashes with random salts.
func TestAcceptsWhatBcryptMakes(t *testing.T) {
	t.Parallel()
	h := newCheap()
	for i := range 100 {
		hash, err := bcrypt.GenerateFromPassword([]byte{byte(i)}, bcrypt.MinCost)
		require.NoError(t, err)
		require.True(t, h.Accepts(string(hash)), "%s", hash)
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
		require.Equal(t, s, h.String(), "a hash has only one spelling")
		require.True(t, h.bounded())
	})
}
