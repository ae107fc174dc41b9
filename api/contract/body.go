package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"example.com/postern/api"
)

// Media types that are enforced.
const (
	mediaJSON      = "application/json"
	mediaForm      = "application/x-www-form-urlencoded"
	mediaMultipart = "multipart/form-data"
	mediaPatch     = "application/merge-patch+json"
)

const (
	baseLimit = 16 << 10 // octets of a body that has little text
	maxDrain  = 16 << 20 // octets that are read and dropped of a body that is too large

	// escapedCharacter is how many octets one character can need in JSON: two escaped UTF-16 code units.
	escapedCharacter = 12
)

// body is what an operation takes as its body: JSON, or a form in either encoding.
type body struct {
	media    []string // sorted
	form     bool
	optional bool
	limit    int64 // in octets
	rule     *rule
}

func (c *compiler) body(declared *bodySpec) (*body, error) {
	b := &body{optional: !declared.Required, media: slices.Sorted(slices.Values(declared.Content.names))}
	first := declared.Content.values[b.media[0]].Schema
	for i, media := range b.media {
		form := media == mediaForm || media == mediaMultipart
		if !form && media != mediaJSON && media != mediaPatch {
			return nil, fmt.Errorf("its request body is %s, which is not enforced", media)
		}
		if i > 0 && (form != b.form || declared.Content.values[media].Schema.Ref != first.Ref) {
			return nil, errors.New("its media types have different schemas")
		}
		b.form = form
	}
	if b.optional && !b.form {
		return nil, errors.New("its request body is not required, which is not supported for JSON")
	}
	var err error
	if b.rule, err = c.rule(first); err != nil {
		return nil, err
	}
	b.limit = baseLimit
	if !b.form {
		b.limit = jsonLimit(b.rule)
	}
	return b, nil
}

// jsonLimit returns how many octets a body may have: what the longest text can need if every character is escaped.
func jsonLimit(r *rule) int64 {
	need := int64(0)
	for _, member := range r.members {
		need += escapedCharacter * int64(max(member.maxLength, 0))
	}
	if need <= baseLimit {
		return baseLimit
	}
	return need + baseLimit
}

// read returns the body, and what is wrong with its members. An error is a *[Refusal].
func (b *body) read(w http.ResponseWriter, r *http.Request, in *api.Input) ([]api.FieldProblem, error) {
	if err := peek(r); err != nil {
		return nil, err
	}
	media, boundary, err := b.mediaType(r)
	if err != nil {
		return nil, err
	}
	if r.ContentLength > b.limit && r.Header.Get("Expect") != "" {
		return nil, errTooLarge // before the client sends it
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, b.limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		// Most clients read no answer before they have sent everything.
		_, _ = io.CopyN(io.Discard, r.Body, maxDrain)
		return nil, errTooLarge
	case err != nil:
		return nil, unreadable(err)
	}
	found := checkContext{request: r, query: in.Query}
	if b.form {
		sent, err := parseForm(media, boundary, raw)
		if err != nil {
			return nil, err
		}
		in.Form = sent.values
		return b.rule.checkForm(found, sent), nil
	}
	in.Body = raw
	return checkJSON(raw, b.rule, found)
}

var errTooLarge = &Refusal{Kind: ErrTooLarge, Message: "The body is larger than this operation takes."}

// unreadable returns the refusal of a body that broke off.
func unreadable(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &Refusal{Kind: ErrTooSlow, Message: "The body took too long to arrive."}
	}
	return &Refusal{Kind: ErrMalformed, Message: "The request could not be read."}
}

// peek finds out whether a body of unknown length is empty: zero octets are no body, however they are framed.
func peek(r *http.Request) error {
	if r.ContentLength >= 0 {
		return nil
	}
	var first [1]byte
	switch n, err := io.ReadFull(r.Body, first[:]); {
	case n == 1:
		r.Body = &peeked{io.MultiReader(bytes.NewReader(first[:]), r.Body), r.Body}
	case errors.Is(err, io.EOF):
		r.Body, r.ContentLength = http.NoBody, 0
	default:
		return unreadable(err)
	}
	return nil
}

// peeked is a body whose first octet was read and is there again.
type peeked struct {
	io.Reader
	io.Closer
}

// mediaType returns the media type, which is empty if there is no body, and the boundary of a multipart body.
func (b *body) mediaType(r *http.Request) (media, boundary string, err error) {
	if len(r.Header["Content-Encoding"]) > 0 {
		return "", "", b.unsupported("The body must not have a content encoding.")
	}
	fields := r.Header["Content-Type"]
	if r.ContentLength == 0 && (len(fields) == 0 || b.optional) {
		return "", "", nil // many clients name a media type even where they send nothing
	}
	if len(fields) == 1 {
		media, params, err := mime.ParseMediaType(fields[0])
		// JSON at a form is a mistake that deserves to be told which fields are missing.
		known := slices.Contains(b.media, media) || media == mediaJSON && b.form && !b.optional
		if err == nil && known && isUTF8(params["charset"]) {
			return media, params["boundary"], nil
		}
	}
	if b.form {
		return "", "", b.unsupported("The body must be a form, in UTF-8: " + strings.Join(b.media, " or ") + ".")
	}
	return "", "", b.unsupported("The body must be " + strings.Join(b.media, " or ") + ", in UTF-8.")
}

func (b *body) unsupported(message string) error {
	return &Refusal{Kind: ErrUnsupported, Message: message, Accept: b.media}
}

func isUTF8(charset string) bool { return charset == "" || strings.EqualFold(charset, "utf-8") }

// parseQuery parses a query or a form as browsers do: ";" is an ordinary character (WHATWG URL,
// application/x-www-form-urlencoded parsing).
func parseQuery(raw string) (url.Values, error) {
	return url.ParseQuery(strings.ReplaceAll(raw, ";", "%3B"))
}
