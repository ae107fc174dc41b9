package domaintest

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// searchText is a post for searches. Its key is one letter.
type searchText struct{ key, title, content string }

// searchGroups has texts, and for each query the texts that it must find. The expected results are written by hand, not
// taken from an engine or the fake.
var searchGroups = []struct {
	name  string
	posts []searchText
	hits  map[string]string
}{
	{"words regardless of case and accents", []searchText{
		{"a", "-", "Café au lait"}, {"b", "-", "cafe\u0301 noir"}, {"c", "CAFE", "-"}, {"d", "-", "cafes"},
		{"e", "-", "Straße"}, {"f", "-", "STRASSE"}, {"g", "-", "İstanbul"}, {"h", "-", "istanbul"},
		{"i", "-", "ΣΊΣΥΦΟΣ"}, {"j", "-", "σίσυφος"}, {"k", "-", "Ångström"}, {"l", "-", "ﬁn"}, {"m", "-", "１２３"}, {"n", "-", "Ⅷ"},
	}, map[string]string{
		"cafe": "abc", "CAFÉ": "abc", "cafe\u0301": "abc", "caf": "", "cafe*": "abcd", "café*": "abcd", "cafe noir": "b", "noir cafe": "b",
		"strasse": "ef", "straße": "ef", "STRASSE": "ef", "istanbul": "gh", "İSTANBUL": "gh", "Σίσυφος": "ij", "angstrom": "k",
		"ÅNG*": "k", "å*": "ak", "fin": "l", "ﬁ*": "l", "123": "m", "viii": "n", "ⅷ": "n", "-": noQuery,
	}},
	{"words regardless of the characters between them", []searchText{
		{"a", "-", "Write to ada@example.com, please."}, {"b", "-", "ada, example com"}, {"c", "-", "ada wrote com, example"},
		{"d", "-", "<b>bold</b> &amp; <i>thin</i>"}, {"e", "-", "3.14 and 2026-11-24"}, {"f", "-", "v1.2.3-beta"},
		{"g", "-", "👍 great 👩‍💻"}, {"h", "-", "it's O'Neill"}, {"i", "-", "snake_case and camelCase"}, {"j", "-", "100% of $5"},
		{"k", "-", "C++ and C#"}, {"l", "-", "x²+y²"}, {"m", "!", "…"},
	}, map[string]string{
		"ada@example.com": "ab", "ADA@EXAMPLE.COM": "ab", "ada@example.org": "", "example": "abc", "@example": "abc", "ada@exam*": "ab",
		"<b>": "d", "bold": "d", "<b>bold</b>": "d", "</b><i>": "", "&amp;": "d", "amp": "d", "&lt;": "",
		"3.14": "e", "14": "e", "2026-11-24": "e", "2026": "e", "11-24": "e", "2026-24": "", "314": "", "1.2": "", "2.3": "f", "v1*": "f",
		"👍 great": "g", "great!!!": "g", "👍": noQuery, "👩‍💻": noQuery, "it's": "h", "its": "", "o'neill": "h", "oneill": "",
		"snake_case": "i", "snake": "i", "camelcase": "i", "camel": "", "camel*": "i", "100%": "j", "$5": "j", "c++": "k", "c#": "k",
		"x2": "l", "x²": "l", "!": noQuery, "…": noQuery, "": noQuery, " \t\n": noQuery, "*": noQuery, `"`: noQuery, `""`: noQuery,
		"\u0301": noQuery, "()<>--&|": noQuery, "·": noQuery,
	}},
	{"scripts without spaces", []searchText{
		{"a", "-", "東京タワーへ行く"}, {"b", "-", "京東"}, {"c", "-", "東の京"}, {"d", "-", "한국어를 배워요"}, {"e", "-", "한국 사람"},
		{"f", "-", "中文 english mixed中文text"}, {"g", "-", "カタカナ"}, {"h", "-", "ｶﾀｶﾅ"}, {"i", "-", "\u1112\u1161\u11ab"},
		{"j", "-", "ภาษาไทย"}, {"k", "-", "हिन्दी में"}, {"l", "-", "שָׁלוֹם עולם"},
	}, map[string]string{
		"東京": "a", "東": "abc", "東 京": "abc", `"東京"`: "a", "京東": "b", "東京*": "a", "タワー": "a", "東行": "",
		"한국": "de", "한": "dei", "한국어": "d", "국어": "d", "\u1112\u1161\u11ab\u1100\u116e\u11a8": "de",
		"中文": "f", "文text": "f", "english": "f", "mixed中": "f", "カタ": "gh", "ｶﾀｶﾅ": "gh", "カナカ": "",
		"ภาษาไทย": "j", "ภาษา": "j", "ภาษา*": "j", "ไทย": "j", "ไทยภาษา": "", "हिन्दी": "k", "हनद": "", "שלום": "l",
	}},
	{"words by their vowels and tones, in scripts where marks are not accents", []searchText{
		{"a", "-", "कमल"}, {"b", "-", "कोमल"}, {"c", "-", "ข้าวสวย"}, {"d", "-", "ขาว"}, {"e", "-", "น้ำ"}, {"f", "-", "น\u0e4d\u0e49า"},
		{"g", "-", "ພາສາລາວ"}, {"h", "-", "ភាសាខ្មែរ"}, {"i", "-", "မြန်မာဘာသာ"}, {"j", "-", "ばし"}, {"k", "-", "はし"},
		{"l", "-", "می\u200cخواهم"}, {"m", "-", "ශ්\u200dරී"},
	}, map[string]string{
		"कमल": "a", "कोमल": "b", "क*": "ab", "को*": "b", "ข้าว": "c", "ขาว": "d", "สวย": "c", "น้ำ": "ef", "นำ": "", "ลาว": "",
		"ລາວ": "g", "ພາສາ": "g", "ខ្មែរ": "h", "ខមរ": "", "မြန်မာ": "i", "ဘာသာ": "i", "မာ": "i", "ばし": "j", "はし": "k",
		"می خواهم": "l", "خواهم": "l", "ශ්රී": "m",
	}},
	{"words in operators of the engines", []searchText{
		{"a", "-", "alpha beta"}, {"b", "-", "alpha gamma"}, {"c", "-", "alpha and beta or not gamma near col content words to"},
		{"d", "-", "alpha x beta"},
	}, map[string]string{
		"alpha AND beta": "c", "alpha and beta": "c", "alpha OR gamma": "c", "NOT gamma": "c", "alpha NOT beta": "c",
		"NEAR(alpha beta)": "", "NEAR (alpha beta)": "c", "NEAR (alpha beta, 5)": "", "^alpha": "abcd", "alpha ^beta": "acd",
		"alpha:beta": "a", "words:alpha": "", "words : alpha": "c", "content:alpha": "", "{words title}: alpha": "",
		"-beta alpha": "acd", "alpha -beta": "acd", "+beta": "acd", "alpha & beta": "acd", "alpha&beta": "a", "alpha | gamma": "bc",
		"!gamma": "bc", "alpha & !gamma": "bc", "alpha <-> beta": "acd", "alpha <2> beta": "", "(alpha": "abcd", "(beta)": "acd",
		"alpha*": "abcd", "*alpha": "abcd", "alph": "", "alph*": "abcd", "alph**": "", "alph:*": "", "a*b": "", "alph%": "", "alph_": "",
		"al?ha": "", "{alpha beta}": "acd", `alpha\beta`: "a", `\alpha`: "abcd", "'alpha'": "abcd", "'alpha':*": "abcd", "alpha:A": "",
		`"alpha" "beta"`: "acd", `alpha"beta"`: "acd", `""alpha`: "abcd", `"alpha beta`: "a", `"alph*"`: "", `"alpha" + "beta"`: "acd",
		"alpha'; DROP TABLE posts; --": "", "alpha'--": "abcd", "$1 alpha": "", "@alpha": "abcd", "rowid": "", "rank:alpha": "",
	}},
	{"phrases, but not across title and content", []searchText{
		{"a", "red green", "blue black"}, {"b", "-", "red, green. blue"}, {"c", "green", "green red"}, {"d", "-", "red red green"},
		{"e", "-", "redgreen"}, {"f", "red\n\n  green", "-"}, {"g", "one two", "three one"}, {"h", "-", "one two one three"},
	}, map[string]string{
		`"red green"`: "abdf", "red green": "abcdf", "green red": "abcdf", `"green blue"`: "b", `"blue black"`: "a",
		`"red green" "blue black"`: "a", `"green" "blue"`: "ab", `"red red"`: "d", "red red": "abcdf", `"green red"`: "c", `"green green"`: "",
		`"red gre"`: "", "red-gre*": "abdf", "green-b*": "b", `"ed green"`: "", "redgreen": "e", "red*": "abcdef", "RED-GREEN": "abdf",
		`"two three"`: "", `"one two" "three one"`: "g", `"two one"`: "h", `"one three"`: "h", `"two one three"`: "h",
	}},
	{"words of any length", []searchText{
		{"a", "-", strings.Repeat("x", 600)}, {"b", "-", strings.Repeat("x", 700)}, {"c", "-", strings.Repeat("x", 255) + " y"},
		{"d", "-", strings.Repeat("𐐷", 255)}, {"e", "-", strings.Repeat("𐐷", 3000)},
	}, map[string]string{
		strings.Repeat("x", 600): "a", strings.Repeat("x", 700): "b", strings.Repeat("x", 255): "abc", strings.Repeat("x", 254): "",
		strings.Repeat("x", 254) + "*": "abc", strings.Repeat("x", 600) + "*": "ab", strings.Repeat("x", 256): "",
		strings.Repeat("x", 256) + "*": "ab", strings.Repeat("x", 255) + "-y": "c",
		strings.Repeat("𐐷", 255): "de", strings.Repeat("𐐷", 100) + "*": "de", strings.Repeat("𐐷", 256): "", strings.Repeat("𐐷", 510): "e",
	}},
	{"by up to 64 words and 1,000 characters", []searchText{
		{"a", "-", numbered(64)}, {"b", "-", numbered(63)}, {"c", "-", strings.Repeat("字", 1000)}, {"d", "-", strings.Repeat("字", 999)},
		{"e", "-", strings.Repeat("一二三 ", 300) + "四"}, {"f", "-", "四" + strings.Repeat("一二三 ", 300)},
	}, map[string]string{
		numbered(64): "a", `"` + strings.TrimSpace(numbered(63)) + `"`: "ab", `"w001 w000"`: "", strings.Repeat("字", search.MaxLength): "c",
		strings.Repeat("一二三", 300): "ef", strings.Repeat("一二三", 300) + "四": "e", strings.Repeat("二三一", 299) + "二四": "", strings.Repeat("一二三", 301): "",
		strings.Repeat("字", 999): "cd", strings.Repeat("字 ", 500): "cd", strings.Repeat("w* ", 333): "ab", strings.Repeat("w0* 字 ", 160): "",
		strings.Repeat(`"`, search.MaxLength): noQuery, strings.Repeat("-", search.MaxLength): noQuery, strings.Repeat("'", 999) + "字": "cd",
	}},
	{"words at the end of a long text", []searchText{
		{"a", "-", strings.Repeat("hay ", 24_990) + "needle point"}, {"b", "-", "hay needle"}, {"c", "-", base36(16_600)},
	}, map[string]string{
		"needle": "ab", `"needle point"`: "a", `"hay needle"`: "ab", `"point needle"`: "", "poin*": "a", "needle-p*": "a",
		"zq" + strconv.FormatInt(16_599, 36): "c", fmt.Sprintf(`"zq%s zq%s"`, strconv.FormatInt(16_598, 36), strconv.FormatInt(16_599, 36)): "c",
		fmt.Sprintf(`"zq%s zq%s"`, strconv.FormatInt(16_599, 36), strconv.FormatInt(16_598, 36)): "",
	}},
	{"texts that are expensive to index", []searchText{
		{"a", "worst", ideographs(domain.MaxContent)}, {"b", "-", strings.Repeat("\uFDFA", 20_000)}, // more words than search.Text keeps
	}, map[string]string{
		"worst": "a", "一丁": "a", "丁一": "", "صلى": "b", "\uFDFA*": "b", // there is no space between the end of this character's words and the next word
	}},
}

// numbered returns n words, each of five characters with its space.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "w%03d ", i)
	}
	return b.String()
}

// base36 returns n distinct words.
func base36(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("zq" + strconv.FormatInt(int64(i), 36) + " ")
	}
	return b.String()
}

// ideographs returns n ideographs with as few duplicates as possible. 一 and 丁 come first.
func ideographs(n int) string {
	all := []rune("一丁")
	for r := rune('七'); r <= unicode.MaxRune; r++ {
		if unicode.Is(unicode.Han, r) {
			all = append(all, r)
		}
	}
	for i := 0; len(all) < n; i++ {
		all = append(all, all[i+2])
	}
	return string(all[:n])
}
