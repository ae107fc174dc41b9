package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// Bounds of a request body, in octets.
const (
	maxJSON = 2 << 20
	maxForm = 16 << 10

	maxDrain = 16 << 20 // what is read and dropped of a body that is too large
)

const (
	mediaJSON      = "application/json"
	mediaForm      = "application/x-www-form-urlencoded"
	mediaMultipart = "multipart/form-data"
	mediaPatch     = "application/merge-patch+json"
)

// body is what an operation takes as its body: JSON, or a form in either encoding.
type body struct {
	media    []string // the media types that it may have
	form     bool
	optional bool // nothing at all will do
	limit    int64
	schema   *openapi3.Schema
	order    []string // of the schema's properties in the contract
	rules    rules    // of the domain, beyond the schema; may be nil
	slip     string   // a media type that is wrong, but taken for a body without members; may be empty
}

// rules tell what the domain finds wrong with the members of an object.
type rules func(object map[string]any) []domain.FieldError

func newBody(declared *openapi3.RequestBody, order map[string][]string) (*body, error) {
	var b *body
	for media, content := range declared.Content {
		name, isComponent := strings.CutPrefix(content.Schema.Ref, "#/components/schemas/")
		if !isComponent {
			return nil, errors.New("its request body's schema is not a component")
		}
		switch media {
		case mediaJSON, mediaPatch:
			b = &body{limit: maxJSON}
		case mediaForm, mediaMultipart:
			b = &body{form: true, limit: maxForm}
		default:
			return nil, fmt.Errorf("its request body is %s, which is not enforced", media)
		}
		b.schema, b.order = content.Schema.Value, order[name]
	}
	if !declared.Required && !b.form {
		return nil, errors.New("its request body is not required, which the generated code does not survive")
	}
	b.optional = !declared.Required
	b.media = slices.Sorted(maps.Keys(declared.Content))
	if b.form && declared.Required {
		// JSON at a form is a slip that deserves to be told which fields are missing.
		b.slip = mediaJSON
	}
	return b, nil
}

// content is a body that was read.
type content struct {
	raw        []byte
	mediaType  string     // what raw is, if not what the client sent
	form       url.Values // nil if it was not sent as one
	violations []api.FieldProblem
}

// read returns the body if it is of the right media type, not too large, and what it claims to be; what is wrong inside
// is in violations.
func (b *body) read(w http.ResponseWriter, r *http.Request) (content, error) {
	r, err := withKnownEmptiness(r)
	if err != nil {
		return content{}, err
	}
	media, boundary, err := b.mediaType(r)
	if err != nil {
		return content{}, err
	}
	if r.ContentLength > b.limit && r.Header.Get("Expect") != "" {
		return content{}, errTooLarge // before the client sends it
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, b.limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		// Most clients read no answer before they have sent everything.
		_, _ = io.CopyN(io.Discard, r.Body, maxDrain)
		return content{}, errTooLarge
	case err != nil:
		return content{}, unreadBody(err)
	}
	if b.form {
		return b.readForm(media, boundary, raw)
	}
	value, surrogates, err := decodeJSON(raw)
	if err != nil {
		return content{}, err
	}
	return content{raw: raw, mediaType: mediaJSON, violations: b.check(value, surrogates)}, nil
}

// withKnownEmptiness returns the request with a content length of 0 if its body is empty but was sent in a way that does not
// say so beforehand: chunked, or as frames of HTTP/2.
func withKnownEmptiness(r *http.Request) (*http.Request, error) {
	if r.ContentLength >= 0 {
		return r, nil
	}
	copied := *r
	var first [1]byte
	switch _, err := io.ReadFull(r.Body, first[:]); {
	case errors.Is(err, io.EOF):
		copied.ContentLength, copied.Body = 0, http.NoBody
	case err != nil:
		return nil, unreadBody(err)
	default:
		copied.Body = readCloser{io.MultiReader(bytes.NewReader(first[:]), r.Body), r.Body}
	}
	return &copied, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// unreadBody tells a body that came too slowly from one that is broken. The cause may repeat what was sent, so only its type is
// kept.
func unreadBody(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errTooSlow
	}
	return fmt.Errorf("%w: %T", errRequest, err)
}

// mediaType returns the media type, empty if there is no content, and a multipart body's boundary.
func (b *body) mediaType(r *http.Request) (media, boundary string, err error) {
	if len(r.Header["Content-Encoding"]) > 0 {
		return "", "", unsupportedMedia("The body must not have a content encoding.")
	}
	fields := r.Header["Content-Type"]
	if r.ContentLength == 0 && (len(fields) == 0 || b.optional) {
		return "", "", nil // many clients name a media type even where they send nothing
	}
	if len(fields) == 1 {
		media, params, err := mime.ParseMediaType(fields[0])
		if err == nil && (slices.Contains(b.media, media) || media == b.slip) && isUTF8(params["charset"]) {
			return media, params["boundary"], nil
		}
	}
	if b.form {
		return "", "", unsupportedMedia("The body must be a form, in UTF-8: " + strings.Join(b.media, " or ") + ".")
	}
	return "", "", unsupportedMedia("The body must be " + strings.Join(b.media, " or ") + ", in UTF-8.")
}

func isUTF8(charset string) bool { return charset == "" || strings.EqualFold(charset, "utf-8") }
