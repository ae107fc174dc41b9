package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// answer is an answer of the server, with its body in memory.
type answer struct {
	run        *caseRun
	target     *url.URL
	status     int
	header     http.Header
	body       []byte
	curl       string      // the command that sends the request again
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

// decode returns the value in the body. It ends the case unless the body is JSON of type T.
func decode[T any](a *answer) (value T) {
	if err := json.Unmarshal(a.body, &value); err != nil {
		a.endIfReported(kindBody, "")
		a.run.fail("a body of the declared schema", a.String())
	}
	return value
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

// bodyWithoutRequestID returns the body without the identifier of the request, which differs in every answer.
func (a *answer) bodyWithoutRequestID() string {
	return strings.ReplaceAll(string(a.body), a.header.Get("X-Request-Id"), "")
}

var linkValue = regexp.MustCompile(`<([^>]*)>\s*;\s*rel="?(next|prev)"?`)

// link returns the path and query of a link relation (RFC 8288), or "" if there is none. It ends the case if the link
// leads to another server.
func (a *answer) link(rel string) string {
	for _, found := range linkValue.FindAllStringSubmatch(strings.Join(a.header.Values("Link"), ","), -1) {
		if found[2] != rel {
			continue
		}
		next, err := a.target.Parse(found[1])
		if err != nil || next.Scheme != a.target.Scheme || next.Host != a.target.Host {
			a.run.fail("a link to the same server", shorten(found[1]))
		}
		return next.RequestURI()
	}
	return ""
}
