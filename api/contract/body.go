package contract

import (
	"bufio"
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
	baseLimit = 16 << 10 // limit for forms and for JSON with short texts, in bytes
	maxDrain  = 16 << 20 // bytes of an oversized body that are read and discarded

	// escapedCharacter is the maximum length of one character in JSON, in bytes: two escaped UTF-16 code units.
	escapedCharacter = 12
)

// body describes the body that an operation accepts: JSON, or a form in either encoding.
type body struct {
	media    []string // sorted
	form     bool
	optional bool
	limit    int64 // in bytes
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

// jsonLimit returns the maximum length of a body, in bytes. It has room for the longest texts with every character
// escaped.
func jsonLimit(r *rule) int64 {
	limit := int64(0)
	for _, member := range r.members {
		limit += escapedCharacter * int64(max(member.maxLength, 0))
	}
	if limit > baseLimit {
		limit += baseLimit
	}
	return max(limit, baseLimit)
}

// read reads the body into in and returns the faults of its members. Errors are of type *[Refusal].
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
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		// Most clients read the answer only after they have sent the whole body.
		_, _ = io.CopyN(io.Discard, r.Body, maxDrain)
		return nil, errTooLarge
	} else if err != nil {
		return nil, unreadable(err)
	}
	ctx := checkContext{request: r, query: in.Query}
	if b.form {
		sent, err := parseForm(media, boundary, raw)
		if err != nil {
			return nil, err
		}
		in.Form = sent.values
		return b.rule.checkForm(ctx, sent), nil
	}
	in.Body = raw
	return checkJSON(raw, b.rule, ctx)
}

var errTooLarge = &Refusal{Kind: ErrTooLarge, Message: "The body is larger than this operation accepts."}

// unreadable returns the refusal of a body that could not be read completely.
func unreadable(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &Refusal{Kind: ErrTooSlow, Message: "The body took too long to arrive."}
	}
	return &Refusal{Kind: ErrMalformed, Message: "The request could not be read."}
}

// peek sets the length of the body to 0 if it is unknown and the body is empty. So an empty body is treated alike in every
// framing.
func peek(r *http.Request) error {
	if r.ContentLength >= 0 {
		return nil
	}
	buffered := bufio.NewReaderSize(r.Body, 16)
	_, err := buffered.Peek(1)
	switch {
	case errors.Is(err, io.EOF):
		r.Body, r.ContentLength = http.NoBody, 0
	case err != nil:
		return unreadable(err)
	default:
		r.Body = struct {
			io.Reader
			io.Closer
		}{buffered, r.Body}
	}
	return nil
}

// mediaType returns the media type and the boundary of a multipart body. The media type is empty if there is no body.
func (b *body) mediaType(r *http.Request) (media, boundary string, err error) {
	if len(r.Header["Content-Encoding"]) > 0 {
		return "", "", b.unsupported("The body must not have a content encoding.")
	}
	fields := r.Header["Content-Type"]
	if r.ContentLength == 0 && (len(fields) == 0 || b.optional) {
		return "", "", nil // many clients send a media type even with an empty body
	}
	if len(fields) == 1 {
		media, params, err := mime.ParseMediaType(fields[0])
		// JSON instead of a form is a common mistake. It passes here, so that the answer names the missing fields.
		known := slices.Contains(b.media, media) || media == mediaJSON && b.form && !b.optional
		if err == nil && known && isUTF8(params["charset"]) {
			return media, params["boundary"], nil
		}
	}
	accepted := strings.Join(b.media, " or ")
	if b.form {
		return "", "", b.unsupported("The body must be a form, in UTF-8: " + accepted + ".")
	}
	return "", "", b.unsupported("The body must be " + accepted + ", in UTF-8.")
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
