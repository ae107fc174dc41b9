package exploretest

import (
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// alphabets are sets of characters that implementations often handle wrongly.
var alphabets = []string{
	"abcdefghijklmnopqrstuvwxyz0123456789",
	"ÄÖÜßéñçø",
	"漢字仮名交じり文한국어",
	"😀👩🏽‍🚀🏴‍☠️🇩🇪",
	"a\u0301e\u0308o\u0302",                             // combining marks
	"\u202Eאבגד\u200Fابجد\u202C",                        // both directions
	"\t\n\r \u00A0\u2028\u2029\uFEFF\u0001\u001F\u007F", // spaces and controls
	`"'\/&<>%+=;#{}[]()*?|$` + "`",
	"\uFFFD\uFFFE\U0010FFFF\uE000",
}

// drawText returns a random text of exactly n characters. A long text repeats its first 2,000 characters.
func (e *explorer) drawText(alphabet string, n int) string {
	letters, drawn := []rune(alphabet), make([]rune, min(n, 2000))
	for i := range drawn {
		drawn[i] = letters[e.IntN(len(letters))]
	}
	if n <= len(drawn) {
		return string(drawn)
	}
	return strings.Repeat(string(drawn), n/len(drawn)) + string(drawn[:n%len(drawn)])
}

// drawLength returns a length that the schema allows: a bound or a small length. Large maximums are rare.
func (e *explorer) drawLength(s *openapi3.Schema) int {
	low, high := int(s.MinLength), 1<<10
	if s.MaxLength != nil {
		high = int(*s.MaxLength)
	}
	switch at := e.IntN(6); {
	case at == 0:
		return low
	case at == 1 && (high < 5000 || e.IntN(8) == 0):
		return high
	default:
		return min(high, low+e.IntN(24))
	}
}

// validMember returns a valid value for a member of a body.
func (e *explorer) validMember(name string, s *openapi3.Schema) any {
	switch {
	case s.Nullable && e.IntN(3) == 0:
		return nil
	case s.Type.Is(openapi3.TypeBoolean):
		return e.IntN(2) == 0
	case len(s.Enum) > 0:
		return choose(e, s.Enum)
	case s.Format == "entity-tags":
		return choose(e, []string{"*", `"1-x"`, `W/"2-y", "3"`})
	case name == "email":
		return e.validEmail()
	case name == "token":
		return e.drawText("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", e.drawLength(s))
	case strings.HasSuffix(name, "password"):
		// Random letters are in no list of passwords and contain no part of an address. Long passwords are limited in
		// bytes, so their characters are ASCII.
		letters := alphabets[0] + "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-"
		if *s.MaxLength < 1024 {
			letters += "ÄÖÜ漢😀"
		}
		return e.drawText(letters, e.drawLength(s))
	}
	return e.drawText(choose(e, alphabets), e.drawLength(s))
}

// validEmail returns a new address.
func (e *explorer) validEmail() string {
	local := e.drawText("abcdefghijklmnopqrstuvwxyz", 12)
	return fmt.Sprintf(choose(e, []string{"%s@example.com", "%s+tag@example.com", "A.%s@EXAMPLE.com", "%s@bücher.example", "!#$%%&'*/=?^_{|}~%s@a-b.example", "%s@xn--bcher-kva.example"}), local)
}

var invalidEmails = []string{"", "a", "@", "a@", "@example.com", "a b@example.com", "a@b@example.com", "a@-example.com", "ä@example.com",
	".a@example.com", "a.@example.com", "a..b@example.com", "a@example..com", "a@exa mple.com", "a@example.com ", " a@example.com", "a@example.com\n",
	"Ada <ada@example.com>", `"a b"@example.com`, "a@[192.0.2.1]", "a@example.com\x00", strings.Repeat("a", 65) + "@example.com",
	"a@" + strings.Repeat("b", 64) + ".example", "a@" + strings.Repeat("bcdefghi.", 28) + "com"}

// validParameter returns the text of a valid value for a parameter.
func (e *explorer) validParameter(p *openapi3.Parameter, session *session) string {
	s := p.Schema.Value
	switch {
	case p.Name == "If-Match" || p.Name == "If-None-Match":
		return e.model.drawEntityTags(e)
	case p.Name == "search":
		return "a" + e.drawText(choose(e, alphabets), min(e.drawLength(s), 998)) // one letter makes any text a valid query
	case p.In == "path" && p.Name == "id":
		return e.model.drawIdentifier(e, s, session)
	case len(s.Enum) > 0:
		return fmt.Sprint(choose(e, s.Enum))
	case s.Type.Is(openapi3.TypeBoolean):
		return choose(e, []string{"true", "false"})
	case s.Type.Is(openapi3.TypeInteger):
		return choose(e, []string{fmt.Sprintf("%.0f", *s.Min), fmt.Sprintf("%.0f", *s.Max), "7"})
	case s.Format == "date-time":
		return choose(e, []string{"2026-11-24T09:30:00Z", "2026-11-24T09:30:00.123456789+01:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
			"2024-02-29T23:59:59-12:00", "2026-11-24t09:30:00.5z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59"})
	}
	return e.drawText("!#$%&'()*+,-./:;<=>?@[]^_`{|}~abcXYZ0189\"\\", e.drawLength(s))
}

// invalidParameters returns invalid values for a parameter.
func (e *explorer) invalidParameters(p *openapi3.Parameter) []string {
	s := p.Schema.Value
	var all []string
	switch {
	case s.Type.Is(openapi3.TypeInteger):
		all = []string{"x", "01", "+1", "1.0", "1e1", " 1", "1 ", "-1", "٣", "0x1", "1_0", "9223372036854775808", strings.Repeat("9", 400),
			"NaN", "null", "1\x00"}
		if e.IntN(2) == 0 {
			all = []string{fmt.Sprintf("%.0f", *s.Min-1), fmt.Sprintf("%.0f", *s.Max+1)}
		}
	case s.Type.Is(openapi3.TypeBoolean):
		all = []string{"TRUE", "1", "yes", "null", "", "true ", "t"}
	case len(s.Enum) > 0:
		all = []string{"", "NEWEST", "newest ", "newest,oldest", "id"}
	case s.Format == "date-time":
		all = []string{"", "yesterday", "2026-11-24", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-24T25:00:00Z", "2026-11-24T09:30:00", "1795512600",
			"2026-11-24T09:30:00.1234567890123456789Z", "2026-11-24 09:30:00Z", "2026-11-24T09:30:00+99:00"}
	case p.Name == "cursor":
		all = []string{"", "abc", "AAAA", "sealed", "a b", strings.Repeat("a", 513), "../..", "sealedAgA"}
	case p.Name == "If-Match" || p.Name == "If-None-Match":
		all = []string{"", "abc", `"`, `"a" "b"`, `w/"a"`, `*, "a"`, `"é"`, `"` + strings.Repeat("a", 1024) + `"`, ","}
	case p.Name == "search":
		all = []string{"", "*", `"`, "!?", "\x00a", "\xffa", strings.Repeat("a", 1001)}
	case p.Name == "Idempotency-Key":
		all = []string{"", "a b", "é", strings.Repeat("k", 256), "\t"}
	default: // the identifier of a session
		all = []string{"x", strings.Repeat("A", 25), strings.Repeat("A", 27), strings.Repeat("a", 26), strings.Repeat("1", 26)}
	}
	return all
}
