package contract

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// OpenAPI types.
const (
	typeArray   = "array"
	typeBoolean = "boolean"
	typeInteger = "integer"
	typeNumber  = "number"
	typeObject  = "object"
	typeString  = "string"
	typeNull    = "null" // values only; schemas use nullable
)

// rule is a compiled schema.
type rule struct {
	kind     string // an OpenAPI type; empty if every value is accepted or alternatives decide
	nullable bool
	ignored  bool // every value is accepted

	enum                 []string
	minimum, maximum     *float64
	minLength, maxLength int // in characters; maxLength is negative if there is none
	pattern              *regexp.Regexp
	excludesNUL          bool // replaces a pattern that excludes only U+0000
	format               Format
	time                 bool // the format date-time

	members  map[string]*rule
	order    []string // of the members, in the document
	required []string
	closed   bool

	items    *rule
	maxItems int // negative if there is no bound

	alternatives []*rule
}

// compiler turns schemas into rules.
type compiler struct {
	document *document
	formats  map[string]Format
	compiled map[string]*rule // by reference

	// answers is set for rules about answers. They include readOnly members, and they reject unknown members, through
	// which a server could leak data.
	answers bool
}

const timeFormat = "date-time"

// uncheckedFormats are formats that need no [Format].
var uncheckedFormats = map[string]bool{"": true, timeFormat: true, "password": true, "uri-reference": true, "int32": true, "int64": true}

// noNULPatterns are the patterns for any text without U+0000.
var noNULPatterns = []string{`^[^\u0000]*$`, `^[^\x00]*$`}

func (c *compiler) rule(declared *schemaSpec) (*rule, error) {
	s, err := c.document.schema(declared)
	if err != nil {
		return nil, err
	}
	if r := c.compiled[declared.Ref]; r != nil {
		return r, nil
	}
	r, err := c.compile(s)
	if declared.Ref != "" && err == nil {
		c.compiled[declared.Ref] = r
	}
	return r, err
}

func (c *compiler) compile(s *schemaSpec) (*rule, error) {
	r := &rule{kind: s.Type, nullable: s.Nullable, ignored: s.ReadOnly && !c.answers, minimum: s.Minimum, maximum: s.Maximum,
		enum: s.Enum, minLength: s.MinLength, maxLength: valueOr(s.MaxLength, -1), maxItems: valueOr(s.MaxItems, -1)}
	if r.ignored {
		return r, nil
	}
	return r, errors.Join(s.check(), c.addText(r, s), c.addMembers(r, s), c.addParts(r, s))
}

func newCompiler(d *document, formats map[string]Format) *compiler {
	return &compiler{document: d, formats: formats, compiled: map[string]*rule{}}
}

func valueOr(given *int, otherwise int) int {
	if given == nil {
		return otherwise
	}
	return *given
}

func (c *compiler) addText(r *rule, s *schemaSpec) (err error) {
	r.excludesNUL = slices.Contains(noNULPatterns, s.Pattern)
	if s.Pattern != "" && !r.excludesNUL {
		if r.pattern, err = regexp.Compile(s.Pattern); err != nil {
			return err
		}
	}
	format, known := c.formats[s.Format]
	if !known && !uncheckedFormats[s.Format] && !c.answers {
		return fmt.Errorf("the format %q is not known", s.Format)
	}
	r.format, r.time = format, s.Format == timeFormat
	return nil
}

func (c *compiler) addMembers(r *rule, s *schemaSpec) (err error) {
	r.required, r.order = s.Required, s.Properties.names
	r.closed = r.kind == typeObject && c.answers || s.AdditionalProperties != nil && !*s.AdditionalProperties
	r.members = make(map[string]*rule, len(r.order))
	for _, name := range r.order {
		if r.members[name], err = c.rule(s.Properties.values[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// addParts adds the parts of a composed schema: items, alternatives, and the objects in allOf.
func (c *compiler) addParts(r *rule, s *schemaSpec) (err error) {
	if s.Items != nil {
		if r.items, err = c.rule(s.Items); err != nil {
			return err
		}
	}
	for _, alternative := range slices.Concat(s.OneOf, s.AnyOf) {
		part, err := c.rule(alternative)
		if err != nil {
			return err
		}
		if part.kind == typeObject {
			return errors.New("alternatives that are objects are not enforced")
		}
		r.alternatives = append(r.alternatives, part)
	}
	for _, added := range s.AllOf {
		part, err := c.rule(added)
		if err != nil {
			return err
		}
		if part.kind != typeObject {
			return errors.New("allOf is enforced for objects only")
		}
		r.kind, r.closed = typeObject, r.closed || part.closed
		r.required, r.order = slices.Concat(part.required, r.required), slices.Concat(part.order, r.order)
		maps.Copy(r.members, part.members)
	}
	return nil
}
