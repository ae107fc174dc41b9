package contract

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"unicode/utf8"

	"example.com/postern/api"
)

var errForm = malformedBody("The body is not a valid form.")

// form is a parsed form.
type form struct {
	values url.Values
	files  []string // names of members that are files
}

// parseForm parses a form. Members without a value are treated as absent (RFC 6749, section 3.1). If the media type is
// not a form, the result has no members.
func parseForm(media, boundary string, raw []byte) (form, error) {
	f, err := form{}, error(nil)
	switch media {
	case "":
		f.values = url.Values{}
	case mediaForm:
		f.values, err = parseQuery(string(raw))
	case mediaMultipart:
		f, err = parseMultipart(raw, boundary)
	}
	if err != nil || !validUTF8(f.values) {
		return form{}, errForm
	}
	maps.DeleteFunc(f.values, func(_ string, values []string) bool {
		return !slices.ContainsFunc(values, func(value string) bool { return value != "" })
	})
	return f, nil
}

// maxParts is the maximum number of parts in a multipart form.
const maxParts = 100

// parseMultipart parses a multipart form. It discards the contents of files.
func parseMultipart(raw []byte, boundary string) (form, error) {
	f := form{values: url.Values{}}
	reader := multipart.NewReader(bytes.NewReader(raw), boundary)
	for range maxParts + 1 {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) && bytes.Contains(raw, []byte("--"+boundary+"--")) {
			return f, nil
		} else if err != nil {
			return f, err
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return f, err
		}
		if isFile(part) {
			f.files = append(f.files, part.FormName())
		} else {
			f.values.Add(part.FormName(), string(value))
		}
	}
	return f, errForm
}

// isFile reports whether a part is a file: it has a file name, even an empty one. Browsers send an empty name if the
// user chose no file.
func isFile(part *multipart.Part) bool {
	_, parameters, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	_, named := parameters["filename"]
	return named
}

func validUTF8(values url.Values) bool {
	for name, values := range values {
		if !utf8.ValidString(name) || slices.ContainsFunc(values, func(value string) bool { return !utf8.ValidString(value) }) {
			return false
		}
	}
	return true
}

// checkForm returns the faults of the members of a form. Unknown members are ignored unless the rule is closed.
func (r *rule) checkForm(ctx checkContext, sent form) []api.FieldProblem {
	var found problems
	for _, name := range sent.files {
		if r.members[name] != nil {
			found.add("/"+name, Fault{api.FieldProblemCodeType, "must be a text, not a file"})
		}
	}
	for name, values := range sent.values {
		member, known := r.members[name]
		switch {
		case !known && r.closed:
			found.add("/"+escapePointer(name), unknownFault)
		case !known:
		case len(values) > 1:
			found.add("/"+name, repeatedFault)
		default:
			if f := member.check(ctx, typeString, values[0]); f != noFault {
				found.add("/"+name, f)
			}
		}
	}
	for _, name := range r.required {
		if !sent.values.Has(name) {
			found.add("/"+name, missingFault)
		}
	}
	return found.sorted(r.order)
}
