package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/postern/api"
)

var (
	errEmptyJSON = malformedBody("The body is empty.")
	errJSON      = malformedBody("The body is not valid JSON.")
	errUTF8      = malformedBody("The body is not valid UTF-8.")
	errDeepJSON  = malformedBody("The body is nested too deeply.")
)

// maxDepth is how deeply arrays and objects may be nested.
const maxDepth = 32

// fault is something wrong with one value of a body that the schema cannot say.
type fault struct {
	pointer string // RFC 6901
	code    api.FieldProblemCode
	detail  string
}

// decodeJSON reads one JSON value (RFC 8259) of Go's usual types, numbers as json.Number, and nothing after it. Duplicate
// names and invalid UTF-8 are errors; escaped lone surrogates, which are JSON but no text, are faults.
func decodeJSON(raw []byte) (value any, faults []fault, err error) {
	switch {
	case len(bytes.TrimLeft(raw, " \t\r\n")) == 0:
		return nil, nil, errEmptyJSON
	case !utf8.Valid(raw):
		return nil, nil, errUTF8
	}
	// The text is known to be UTF-8: what the decoder is told to allow is lone surrogates only.
	d := jsonDecoder{Decoder: jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowInvalidUTF8(true))}
	if value, err = d.value(0); err != nil {
		return nil, nil, err
	}
	if _, err = d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, nil, errJSON
	}
	return value, d.faults, nil
}

type jsonDecoder struct {
	*jsontext.Decoder
	faults []fault
}

func (d *jsonDecoder) value(depth int) (any, error) {
	switch d.PeekKind() {
	case '{':
		return d.object(depth + 1)
	case '[':
		return d.array(depth + 1)
	}
	raw, err := d.ReadValue()
	if err != nil {
		return nil, errJSON
	}
	switch raw.Kind() {
	case 'n':
		return nil, nil
	case 't', 'f':
		return raw.Kind() == 't', nil
	case '0':
		return json.Number(string(raw)), nil
	}
	lone := hasLoneSurrogate(raw)
	if lone && len(d.faults) < maxFieldProblems {
		d.faults = append(d.faults, fault{string(d.StackPointer()), api.FieldProblemCodeFormat, "must not hold a lone surrogate"})
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil && !lone {
		return nil, errJSON
	}
	return string(text), nil
}

func (d *jsonDecoder) object(depth int) (any, error) {
	if depth > maxDepth {
		return nil, errDeepJSON
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, errJSON
	}
	object := map[string]any{}
	for d.PeekKind() != '}' {
		token, err := d.ReadToken()
		if err != nil || token.Kind() != '"' {
			return nil, errJSON
		}
		name := token.String() // before the token is overwritten
		if object[name], err = d.value(depth); err != nil {
			return nil, err
		}
	}
	_, err := d.ReadToken()
	return object, err
}

func (d *jsonDecoder) array(depth int) (any, error) {
	if depth > maxDepth {
		return nil, errDeepJSON
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, errJSON
	}
	array := []any{}
	for d.PeekKind() != ']' {
		element, err := d.value(depth)
		if err != nil {
			return nil, err
		}
		array = append(array, element)
	}
	_, err := d.ReadToken()
	return array, err
}

// hasLoneSurrogate tells whether a valid JSON string literal escapes half of a surrogate pair (RFC 8259, section 8.2).
func hasLoneSurrogate(literal []byte) bool {
	for i := 0; i < len(literal); i++ {
		if literal[i] != '\\' {
			continue
		}
		i++
		if literal[i] != 'u' {
			continue
		}
		unit := codeUnit(literal[i+1:])
		i += 4
		switch {
		case isLow(unit):
			return true
		case !isHigh(unit):
		case i+2 < len(literal) && literal[i+1] == '\\' && literal[i+2] == 'u' && isLow(codeUnit(literal[i+3:])):
			i += 6
		default:
			return true
		}
	}
	return false
}

func isHigh(unit uint64) bool { return unit >= 0xD800 && unit <= 0xDBFF }
func isLow(unit uint64) bool  { return unit >= 0xDC00 && unit <= 0xDFFF }

func codeUnit(digits []byte) uint64 {
	unit, _ := strconv.ParseUint(string(digits[:4]), 16, 16)
	return unit
}
