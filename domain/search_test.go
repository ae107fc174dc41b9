package domain_test

import (
	"fmt"
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
		{"vowel signs", "हिन्दी", "கோழி தமிழ்", " हिन्दी · கோழி தமிழ் "},
		{"vowel points", "שָׁלוֹם", "مُحَمَّد", " שלום · محمد "},
		{"Thai", "ภาษาไทย", "ที่นี่ ๒๕", " ภ า ษ า ไ ท ย · ที่ นี่ ๒ ๕ "},
		{"Thai sara am, however it is typed", "น้ำ", "น\u0e4d\u0e49า", " น\u0e49\u0e4d า · น\u0e49\u0e4d า "},
		{"Lao", "ພາສາລາວ", "ນ້ຳ", " ພ າ ສ າ ລ າ ວ · ນ\u0ec9\u0ecd າ "},
		{"Khmer", "ភាសាខ្មែរ", "-", " ភា សា ខ្ មែ រ · "},
		{"Burmese", "မြန်မာ", "-", " မြ န် မာ · "},
		{"voiced kana", "ガラス ばし", "ｶﾞ か\u309a", " ガ ラ ス ば し · ガ か\u309a "},
		{"kinds of one character", "葛\U000E0100", "1\uFE0F\u20E3", " 葛 · 1 "},
		{"joiners", "ක්\u200Dෂ co\u00ADop", "می\u200Cخواهم ภา\u200Bษา", " ක්ෂ coop · می خواهم ภ า ษ า "},
		{"marks without a letter", "\u093F \u0301", "👍\u093F", " · "},
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
		require.Nil(t, got.Check(), text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{``, ` `, `"`, `""`, `*`, `!?…`, "\u0301", `👍`} {
		s, ok := domain.ParseSearch(text)
		require.False(t, ok, text)
		require.Equal(t, "format", s.Check().Code, text)
	}
}

// TestRepeatedTermsCountOnce shows what a search costs a store at most.
func TestRepeatedTermsCountOnce(t *testing.T) {
	t.Parallel()
	parse := func(text string) domain.Search {
		s, _ := domain.ParseSearch(text)
		return s
	}
	require.Equal(t, parse(`post p* "a b"`), parse(strings.Repeat(`post P* POST "a b" a-b `, 40)))
	var distinct []string
	for i := range domain.MaxSearchWords {
		distinct = append(distinct, fmt.Sprint(i))
	}
	most := strings.Join(distinct, " ")
	require.Nil(t, parse(most).Check())
	require.Nil(t, parse(most+` 1 2 "3 4"`).Check())
	require.Nil(t, parse(strings.Repeat("字", domain.MaxSearch)).Check())
	for _, more := range []string{most + " x", most + " 1*", `"` + most + ` x"`} {
		require.Equal(t, "too_many_words", parse(more).Check().Code, more)
	}
}

// TestMarksThatAreNoAccentsTellWordsApart uses pairs of real words that differ in a mark alone.
func TestMarksThatAreNoAccentsTellWordsApart(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"कमल", "कोमल"}, {"दिन", "दान"}, {"মন", "মান"}, {"കര", "കാര"}, {"ปา", "ป่า"}, {"ข้าว", "ขาว"}, {"ຂາ", "ຂ້າ"},
		{"ទឹក", "ទូក"}, {"မာ", "မှာ"}, {"はし", "ばし"}, {"ハス", "バス"}, {"ཁ", "ཁུ"}, {"ދަ", "ދި"},
	} {
		require.NotEqual(t, domain.SearchText(pair[0], ""), domain.SearchText(pair[1], ""), pair)
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
