package contract

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
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

const (
	maxDepth    = 32   // nested arrays and objects
	maxProblems = 1000 // further problems of a body are not recorded
)

var loneSurrogate = Fault{api.FieldProblemCodeFormat, "must not contain a lone surrogate"}

// scanner checks a JSON text token by token, without building values.
type scanner struct {
	*jsontext.Decoder
	in    checkContext
	found problems
	text  []byte // buffer for the unquoted string
}

// checkJSON returns the faults of the members of a JSON text (RFC 8259), in the order of the document. It returns an
// error if the text is not valid JSON or UTF-8, has duplicate names, or is nested too deeply.
func checkJSON(raw []byte, r *rule, ctx checkContext) ([]api.FieldProblem, error) {
	switch {
	case len(bytes.TrimLeft(raw, " \t\r\n")) == 0:
		return nil, errEmptyJSON
	case !utf8.Valid(raw):
		return nil, errUTF8
	}
	// The decoder reads a bytes.Buffer without copying it. The text is valid UTF-8, so AllowInvalidUTF8 only admits
	// escaped lone surrogates, which the scanner reports itself.
	s := &scanner{Decoder: jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowInvalidUTF8(true)), in: ctx}
	if err := s.value(r); err != nil {
		return nil, err
	}
	if _, err := s.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errJSON
	}
	return s.found.sorted(r.order), nil
}

// anything is the rule for a value that the document does not describe.
var anything = &rule{maxItems: -1}

// value scans the next value.
func (s *scanner) value(r *rule) error {
	if r == nil || r.ignored {
		r = anything
	}
	switch kind := s.PeekKind(); kind {
	case '{':
		return s.container(r, typeObject, s.object)
	case '[':
		return s.container(r, typeArray, s.array)
	default:
		return s.scalar(r, kind)
	}
}

// container scans an object or an array. It skips the members or items if the rule asks for another type.
func (s *scanner) container(r *rule, kind string, scan func(*rule) error) error {
	if _, err := s.ReadToken(); err != nil {
		return errJSON
	}
	if s.StackDepth() > maxDepth {
		return errDeepJSON
	}
	expected := r
	if r.kind != kind {
		expected = anything
	}
	if err := scan(expected); err != nil {
		return err
	}
	s.add(r.check(s.in, kind, ""))
	return nil
}

func (s *scanner) scalar(r *rule, kind jsontext.Kind) error {
	literal, err := s.ReadValue()
	if err != nil {
		return errJSON
	}
	switch kind {
	case 'n':
		s.add(r.check(s.in, typeNull, ""))
	case 't', 'f':
		s.add(r.check(s.in, typeBoolean, ""))
	case '0':
		s.add(r.check(s.in, typeNumber, string(literal)))
	default:
		// The literal is valid JSON and UTF-8. The only possible error is half of a surrogate pair (RFC 8259, section 8.2).
		if s.text, err = jsontext.AppendUnquote(s.text[:0], literal); err != nil {
			s.add(loneSurrogate)
		} else {
			s.add(r.check(s.in, typeString, string(s.text)))
		}
	}
	return nil
}

// object scans the members of an object and its end.
func (s *scanner) object(r *rule) error {
	missing := slices.Clone(r.required)
	for s.PeekKind() != '}' {
		literal, err := s.ReadValue()
		if err != nil {
			return errJSON
		}
		s.text, _ = jsontext.AppendUnquote(s.text[:0], literal) // a name with a lone surrogate is unknown
		member, known := r.members[string(s.text)]
		if !known && r.closed {
			s.add(unknownFault)
		}
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == string(s.text) })
		if err := s.value(member); err != nil {
			return err
		}
	}
	if _, err := s.ReadToken(); err != nil {
		return errJSON
	}
	for _, name := range missing {
		s.found.add(string(s.StackPointer())+"/"+escapePointer(name), missingFault)
	}
	return nil
}

// array scans the items of an array and its end.
func (s *scanner) array(r *rule) error {
	n := 0
	for ; s.PeekKind() != ']'; n++ {
		if err := s.value(r.items); err != nil {
			return err
		}
	}
	if _, err := s.ReadToken(); err != nil {
		return errJSON
	}
	if r.maxItems >= 0 && n > r.maxItems {
		s.add(Fault{api.FieldProblemCodeMaxLength, "must have at most " + strconv.Itoa(r.maxItems) + " items"})
	}
	return nil
}

// add records a fault of the value that was read last.
func (s *scanner) add(f Fault) {
	if f != noFault && len(s.found) < 2*maxProblems {
		s.found.add(string(s.StackPointer()), f)
	}
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// escapePointer escapes a name for a JSON Pointer (RFC 6901, section 3).
func escapePointer(name string) string { return pointerEscapes.Replace(name) }
