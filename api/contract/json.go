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

// scanner checks a JSON text token by token, without building values. It skips members that the rules do not name.
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

// value scans the next value. A nil rule accepts any.
func (s *scanner) value(r *rule) error {
	kind := s.PeekKind()
	switch {
	case kind == '{' && r != nil && r.kind == typeObject && !r.ignored:
		return s.object(r)
	case kind == '[' && r != nil && r.kind == typeArray && !r.ignored:
		return s.array(r)
	case kind == '{' || kind == '[':
		if err := s.skipContainer(); err != nil {
			return err
		}
		if r != nil {
			s.add(r.checkKind(map[jsontext.Kind]string{'{': typeObject, '[': typeArray}[kind]))
		}
		return nil
	}
	literal, err := s.ReadValue()
	if err != nil {
		return errJSON
	}
	if kind == '"' && hasLoneSurrogate(literal) {
		s.add(loneSurrogate)
		return nil
	}
	if r == nil || r.ignored {
		return nil
	}
	switch kind {
	case 'n':
		s.add(r.checkKind(typeNull))
	case 't', 'f':
		s.add(r.checkKind(typeBoolean))
	case '0':
		s.add(r.checkNumber(string(literal)))
	default:
		if s.text, err = jsontext.AppendUnquote(s.text[:0], literal); err != nil {
			return errJSON
		}
		s.add(r.checkText(s.in, string(s.text)))
	}
	return nil
}

func (s *scanner) object(r *rule) error {
	if err := s.open(); err != nil {
		return err
	}
	given := make([]string, 0, len(r.members))
	for s.PeekKind() != '}' {
		token, err := s.ReadToken()
		if err != nil || token.Kind() != '"' {
			return errJSON
		}
		name := token.String()
		member, known := r.members[name]
		if known {
			given = append(given, name)
		} else if r.closed {
			s.add(unknownFault)
		}
		if err := s.value(member); err != nil {
			return err
		}
	}
	if _, err := s.ReadToken(); err != nil {
		return errJSON
	}
	for _, name := range r.required {
		if !slices.Contains(given, name) {
			s.found.add(string(s.StackPointer())+"/"+escapePointer(name), missingFault)
		}
	}
	return nil
}

func (s *scanner) array(r *rule) error {
	if err := s.open(); err != nil {
		return err
	}
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

// open reads the opening token of an object or array.
func (s *scanner) open() error {
	if _, err := s.ReadToken(); err != nil {
		return errJSON
	}
	if s.StackDepth() > maxDepth {
		return errDeepJSON
	}
	return nil
}

// skipContainer skips an object or array that no rule describes.
func (s *scanner) skipContainer() error {
	outside := s.StackDepth()
	for {
		switch s.PeekKind() {
		case '{', '[':
			if err := s.open(); err != nil {
				return err
			}
		case '"':
			literal, err := s.ReadValue()
			if err != nil {
				return errJSON
			}
			if hasLoneSurrogate(literal) {
				s.add(loneSurrogate)
			}
		default:
			if _, err := s.ReadToken(); err != nil {
				return errJSON
			}
		}
		if s.StackDepth() == outside {
			return nil
		}
	}
}

// add records a fault of the value that was read last.
func (s *scanner) add(f Fault) {
	if f != noFault && len(s.found) < 2*maxProblems {
		s.found.add(string(s.StackPointer()), f)
	}
}

// hasLoneSurrogate reports whether a valid JSON string literal contains one escaped half of a surrogate pair without
// the other (RFC 8259, section 8.2).
func hasLoneSurrogate(literal []byte) bool {
	if !bytes.Contains(literal, []byte(`\u`)) {
		return false
	}
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

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// escapePointer escapes a name for a JSON Pointer (RFC 6901, section 3).
func escapePointer(name string) string { return pointerEscapes.Replace(name) }
