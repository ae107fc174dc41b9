package search_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.com/postern/domain/search"
)

func TestText(t *testing.T) {
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
		{"variants of one character", "葛\U000E0100", "1\uFE0F\u20E3", " 葛 · 1 "},
		{"joiners", "ක්\u200Dෂ co\u00ADop", "می\u200Cخواهم ภา\u200Bษา", " ක්ෂ coop · می خواهم ภ า ษ า "},
		{"marks without a letter", "\u093F \u0301", "👍\u093F", " · "},
		{"operators", "a AND b OR NOT c", "x* -y (z) ^w", " a and b or not c · x y z w "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, search.Text(c.title, c.content))
		})
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	term := func(words ...string) search.Term { return search.Term{Words: words} }
	prefix := func(words ...string) search.Term { return search.Term{Words: words, Prefix: true} }
	for text, want := range map[string]search.Query{
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
		require.Equal(t, want, search.Parse(text), text)
	}
	for _, text := range []string{``, ` `, `"`, `""`, `*`, `!?…`, "\u0301", `👍`} {
		require.Empty(t, search.Parse(text), text)
	}
}

// TestRepeatedTermsCountOnce matters because every term costs the store work.
func TestRepeatedTermsCountOnce(t *testing.T) {
	t.Parallel()
	parse := search.Parse
	require.Equal(t, parse(`post p* "a b"`), parse(strings.Repeat(`post P* POST "a b" a-b `, 40)))
	var distinct []string
	for i := range search.MaxWords {
		distinct = append(distinct, fmt.Sprint(i))
	}
	most := strings.Join(distinct, " ")
	require.Len(t, parse(most).Words(), search.MaxWords)
	require.Len(t, parse(most+` 1 2 "3 4"`).Words(), search.MaxWords)
	require.Len(t, parse(strings.Repeat("字", search.MaxLength)).Words(), 1)
	for _, more := range []string{most + " x", most + " 1*", `"` + most + ` x"`} {
		require.Len(t, parse(more).Words(), search.MaxWords+1, more)
	}
}

// TestMarksOtherThanAccentsDistinguishWords uses pairs of real words that differ in one mark.
func TestMarksOtherThanAccentsDistinguishWords(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"कमल", "कोमल"}, {"दिन", "दान"}, {"মন", "মান"}, {"കര", "കാര"}, {"ปา", "ป่า"}, {"ข้าว", "ขาว"}, {"ຂາ", "ຂ້າ"},
		{"ទឹក", "ទូក"}, {"မာ", "မှာ"}, {"はし", "ばし"}, {"ハス", "バス"}, {"ཁ", "ཁུ"}, {"ދަ", "ދި"},
	} {
		require.NotEqual(t, search.Text(pair[0], ""), search.Text(pair[1], ""), pair)
	}
}

// TestASearchForAnyTextFindsIt checks that texts and queries are split into the same words.
func TestASearchForAnyTextFindsIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := strings.ReplaceAll(rapid.String().Draw(t, "text"), `"`, "")
		indexed := search.Text(text, "")
		require.True(t, utf8.ValidString(indexed))
		q := search.Parse(`"` + text + `"`)
		if indexed == " · " {
			require.Empty(t, q)
			return
		}
		require.Len(t, q, 1)
		require.Equal(t, indexed, q[0].Text()+"· ")
	})
}

func TestTextIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 600)
	require.Equal(t, " "+long[:255]+" "+long[:255]+" "+long[:90]+" · ", search.Text(long, ""), "words are short enough for every index")
	expanding := strings.Repeat("\uFDFA", 100_000) // 18 characters each
	require.LessOrEqual(t, len(search.Text("t", expanding)), 512<<10)
}
