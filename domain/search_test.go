package domain_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.com/postern/domain"
)

func TestSearchText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, title, content, want string }{
		{"case and punctuation", "Hello, World!", "it's", " hello world · it s "},
		{"accents, composed and not", "Café", "Cafe\u0301 NAÏVE", " cafe · cafe naive "},
		{"compatibility forms", "ﬁn Ⅷ ½", "１２３ ²", " fin viii 1 2 · 123 2 "},
		{"folding", "Straße", "İstanbul ΣΊΣΥΦΟΣ", " strasse · istanbul σισυφοσ "},
		{"e-mail and numbers", "ada@example.com", "3.14 2026-11-24 v1beta2", " ada example com · 3 14 2026 11 24 v1beta2 "},
		{"markup", "<b>bold</b>", "a&amp;b", " b bold b · a amp b "},
		{"ideographs", "東京タワー", "한국어 x中y", " 東 京 タ ワ ー · 한 국 어 x 中 y "},
		{"decomposed Hangul", "\u1112\u1161\u11ab", "각", " 한 · 각 "},
		{"emoji", "👍 ok", "a👩‍💻b", " ok · a b "},
		{"nothing", "!", "…", " · "},
		{"marks inside words", "हिन्दी", "ภาษา", " हनद · ภาษา "},
		{"operators", "a AND b OR NOT c", "x* -y (z) ^w", " a and b or not c · x y z w "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, domain.SearchText(c.title, c.content))
		})
	}
}

func TestParseSearch(t *testing.T) {
	t.Parallel()
	term := func(words ...string) domain.SearchTerm { return domain.SearchTerm{Words: words} }
	prefix := func(words ...string) domain.SearchTerm { return domain.SearchTerm{Words: words, Prefix: true} }
	for text, want := range map[string]domain.Search{
		`Hello  wörld`:        {term("hello"), term("world")},
		`"Hello, wörld" x`:    {term("hello", "world"), term("x")},
		`hel* wor*ld`:         {prefix("hel"), term("wor", "ld")},
		`"hel*"`:              {term("hel")},
		`ada@exam*`:           {prefix("ada", "exam")},
		`e` + "\u0301" + `*`:  {prefix("e")},
		`hello!*`:             {term("hello")},
		`"open phrase`:        {term("open", "phrase")},
		`a"b"c`:               {term("a"), term("b"), term("c")},
		`NOT a OR b AND c`:    {term("not"), term("a"), term("or"), term("b"), term("and"), term("c")},
		`東京*`:                 {prefix("東", "京")},
		`col:x {a b}:y NEAR(`: {term("col", "x"), term("a"), term("b", "y"), term("near")},
		`'a' & b | !c <-> d`:  {term("a"), term("b"), term("c"), term("d")},
	} {
		got, ok := domain.ParseSearch(text)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{``, ` `, `"`, `""`, `*`, `!?…`, "\u0301", `👍`} {
		_, ok := domain.ParseSearch(text)
		require.False(t, ok, text)
	}
}

// TestSearchFindsWhatItIndexes says that the words of any text are those that a search for that text looks for.
func TestSearchFindsWhatItIndexes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := strings.ReplaceAll(rapid.String().Draw(t, "text"), `"`, "")
		indexed := domain.SearchText(text, "")
		require.True(t, utf8.ValidString(indexed))
		s, ok := domain.ParseSearch(`"` + text + `"`)
		require.Equal(t, indexed != " · ", ok)
		if ok {
			require.Len(t, s, 1)
			require.Equal(t, indexed, s[0].Text()+"· ", "a term stands in the text as it says")
		}
	})
}

func TestSearchTextIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 600)
	require.Equal(t, " "+long[:255]+" "+long[:255]+" "+long[:90]+" · ", domain.SearchText(long, ""), "a word fits every index")
	expanding := strings.Repeat("\uFDFA", 100_000) // 18 characters each
	require.LessOrEqual(t, len(domain.SearchText("t", expanding)), 512<<10)
}
