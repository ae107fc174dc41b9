package rest

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/url"
	"slices"
	"unicode/utf8"

	"example.com/postern/api"
)

var errForm = malformedBody("The body is not a valid form.")

// readForm reads a form in either encoding, so that the generated code meets only one.
func (b *body) readForm(media, boundary string, raw []byte) (content, error) {
	var form url.Values
	var err error
	switch media {
	case mediaForm:
		form, err = url.ParseQuery(string(raw))
	case mediaMultipart:
		form, err = parseMultipart(raw, boundary)
	}
	if err != nil || !validUTF8(form) {
		return content{}, errForm
	}
	form = withoutEmpty(form)
	if media == "" {
		form = url.Values{} // nothing at all is an empty form
	}
	value := map[string]any{}
	var repeated []fault
	for name, values := range form {
		value[name] = values[0]
		if _, known := b.schema.Properties[name]; known && len(values) > 1 {
			repeated = append(repeated, fault{pointer: "/" + name, code: api.FieldProblemCodeRepeated, detail: "must be there only once"})
		}
	}
	return content{raw: []byte(form.Encode()), mediaType: mediaForm, form: form, violations: b.check(value, repeated)}, nil
}

// withoutEmpty returns the form without the members that have no value: they are as good as not there (RFC 6749, section 3.1).
func withoutEmpty(form url.Values) url.Values {
	maps.DeleteFunc(form, func(_ string, values []string) bool {
		return !slices.ContainsFunc(values, func(value string) bool { return value != "" })
	})
	return form
}

// maxParts bounds a multipart form; the octets are bounded already.
const maxParts = 100

func parseMultipart(raw []byte, boundary string) (url.Values, error) {
	form := url.Values{}
	reader := multipart.NewReader(bytes.NewReader(raw), boundary)
	for range maxParts + 1 {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) && bytes.Contains(raw, []byte("--"+boundary+"--")) {
			return form, nil
		} else if err != nil {
			return nil, err
		}
		value, err := io.ReadAll(part)
		if err != nil || part.FileName() != "" {
			return nil, errForm
		}
		form.Add(part.FormName(), string(value))
	}
	return nil, errForm
}

func validUTF8(form url.Values) bool {
	for name, values := range form {
		if !utf8.ValidString(name) {
			return false
		}
		for _, value := range values {
			if !utf8.ValidString(value) {
				return false
			}
		}
	}
	return true
}
