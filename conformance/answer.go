package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// answer is an answer that conforms to the contract, with its body in memory.
type answer struct {
	run    *caseRun
	target *url.URL
	status int
	header http.Header
	body   []byte
	curl   string

	pointer    string      // place of the operation's answers in the contract
	violations []Violation // of this answer
}

// String describes the answer. It truncates a long body and replaces secrets.
func (a *answer) String() string {
	text := fmt.Sprintf("%d %s", a.status, http.StatusText(a.status))
	if len(a.body) > 0 {
		text += " " + shorten(strings.TrimSpace(a.run.redact(string(a.body))))
	}
	return text
}

const maxShown = 300 // maximum length of a text in a report, in bytes

func shorten(text string) string {
	if len(text) <= maxShown {
		return text
	}
	return strings.ToValidUTF8(text[:maxShown], "") + fmt.Sprintf("… (%d bytes)", len(text))
}

// decode reads the body into v.
func (a *answer) decode(v any) {
	if err := json.Unmarshal(a.body, v); err != nil {
		a.endIfReported(kindBody, "")
		a.run.fail("a body of the declared schema", a.String())
	}
}

// decodePost is a post in an answer.
func (a *answer) decodePost() (p post) {
	a.decode(&p)
	return p
}

func (a *answer) decodePosts() (p []post) {
	a.decode(&p)
	return p
}

type post struct {
	ID          int64   `json:"id"`
	Title       string  `json:"title"`
	Content     string  `json:"content"`
	Published   bool    `json:"published"`
	OwnerID     int64   `json:"owner_id"`
	Votes       int64   `json:"votes"`
	Version     int64   `json:"version"`
	CreatedAt   string  `json:"created_at"`
	PublishedAt *string `json:"published_at"`
	Owner       struct {
		ID   int64   `json:"id"`
		Name *string `json:"name"`
	} `json:"owner"`
}

// whole returns the members of a post that are the same for every reader.
func (p post) whole() string {
	text, _ := json.Marshal(p)
	return string(text)
}

func (p post) path() string { return fmt.Sprintf("/posts/%d", p.ID) }

// problem holds the members of an error by RFC 9457 and RFC 6749.
type problem struct {
	Detail           string `json:"detail"`
	Code             string `json:"code"`
	Error            string `json:"error"`
	ErrorDescription string `json:"error_description"`
	Errors           []struct {
		In      string `json:"in"`
		Pointer string `json:"pointer"`
		Name    string `json:"name"`
		Code    string `json:"code"`
	} `json:"errors"`
}

func (a *answer) decodeProblem() (p problem) {
	a.decode(&p)
	return p
}

func (p problem) fields() (all []string) {
	for _, f := range p.Errors {
		all = append(all, f.In+" "+f.Pointer+f.Name+" "+f.Code)
	}
	return all
}

// bodyWithoutRequestID returns the body without the identifier of the request, which differs in every answer.
func (a *answer) bodyWithoutRequestID() string {
	return strings.ReplaceAll(string(a.body), a.header.Get("X-Request-Id"), "")
}

var linkValue = regexp.MustCompile(`<([^>]*)>\s*;\s*rel="?(next|prev)"?`)

// link returns the path and query of a link relation (RFC 8288), or "" if there is none. It ends the case if the link
// leads to another server.
func (a *answer) link(rel string) string {
	for _, field := range a.header.Values("Link") {
		for _, found := range linkValue.FindAllStringSubmatch(field, -1) {
			if found[2] != rel {
				continue
			}
			next, err := a.target.Parse(found[1])
			if err != nil || next.Scheme != a.target.Scheme || next.Host != a.target.Host {
				a.run.fail("a link to the same server", shorten(found[1]))
			}
			return next.RequestURI()
		}
	}
	return ""
}

// quoteShell quotes a text for a POSIX shell, or for bash if it has control characters or invalid UTF-8.
func quoteShell(text string) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '\'' || c == '\\' {
			fmt.Fprintf(&b, `\x%02x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return "$'" + b.String() + "'"
}
