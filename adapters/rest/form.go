package rest

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

// readForm reads a form in either encoding, so that the generated code meets only one.
func (b *body) readForm(media, boundary string, raw []byte) (content, error) {
	var form url.Values
	var files []string
	var err error
	switch media {
	case mediaForm:
		form, err = url.ParseQuery(escapeSemicolons(string(raw)))
	case mediaMultipart:
		form, files, err = parseMultipart(raw, boundary)
	}
	if err != nil || !validUTF8(form) {
		return content{}, errForm
	}
	form = withoutEmpty(form)
	if media == "" {
		form = url.Values{} // nothing at all is an empty form
	}
	value := map[string]any{}
	var faults []fault
	for _, name := range files {
		if b.schema.Properties[name] != nil {
			faults = append(faults, fault{pointer: "/" + name, code: api.FieldProblemCodeType, detail: "must be a text, not a file"})
		}
	}
	for name, values := range form {
		value[name] = values[0]
		if _, known := b.schema.Properties[name]; known && len(values) > 1 {
			faults = append(faults, fault{pointer: "/" + name, code: api.FieldProblemCodeRepeated, detail: "must be there only once"})
		}
	}
	return content{raw: []byte(form.Encode()), mediaType: mediaForm, form: form, violations: b.check(value, faults)}, nil
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

// parseMultipart returns the texts of a form, and the names of its files, whose contents are dropped.
func parseMultipart(raw []byte, boundary string) (form url.Values, files []string, err error) {
	form = url.Values{}
	reader := multipart.NewReader(bytes.NewReader(raw), boundary)
	for range maxParts + 1 {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) && bytes.Contains(raw, []byte("--"+boundary+"--")) {
			return form, files, nil
		} else if err != nil {
			return nil, nil, err
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, errForm
		}
		if isFile(part) {
			files = append(files, part.FormName())
		} else {
			form.Add(part.FormName(), string(value))
		}
	}
	return nil, nil, errForm
}

// isFile reports whether a part has a file name, even an empty one, as a browser sends for a file that was not chosen.
func isFile(part *multipart.Part) bool {
	_, parameters, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	_, named := parameters["filename"]
	return named
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
