package contract

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// document is the part of an OpenAPI 3.0 document that is enforced.
type document struct {
	Paths      ordered[pathSpec] `json:"paths"`
	Components components        `json:"components"`
}

type components struct {
	Schemas    ordered[*schemaSpec]   `json:"schemas"`
	Parameters ordered[parameterSpec] `json:"parameters"`
	Headers    ordered[headerSpec]    `json:"headers"`
	Responses  ordered[responseSpec]  `json:"responses"`
}

type pathSpec struct {
	Parameters []parameterSpec `json:"parameters"`
	Get        *operationSpec  `json:"get"`
	Put        *operationSpec  `json:"put"`
	Post       *operationSpec  `json:"post"`
	Patch      *operationSpec  `json:"patch"`
	Delete     *operationSpec  `json:"delete"`
}

// operations returns the operations by method.
func (p pathSpec) operations() map[string]*operationSpec {
	all := map[string]*operationSpec{"GET": p.Get, "PUT": p.Put, "POST": p.Post, "PATCH": p.Patch, "DELETE": p.Delete}
	for method, op := range all {
		if op == nil {
			delete(all, method)
		}
	}
	return all
}

type operationSpec struct {
	OperationID  string                `json:"operationId"`
	Parameters   []parameterSpec       `json:"parameters"`
	RequestBody  *bodySpec             `json:"requestBody"`
	Responses    ordered[responseSpec] `json:"responses"`
	Security     []map[string][]string `json:"security"`
	Deprecated   bool                  `json:"deprecated"`
	DeprecatedAt string                `json:"x-deprecated-at"`
	Sunset       string                `json:"x-sunset"`
	TokenMember  string                `json:"x-proof"`
}

type parameterSpec struct {
	Ref      string      `json:"$ref"`
	Name     string      `json:"name"`
	In       string      `json:"in"`
	Required bool        `json:"required"`
	Schema   *schemaSpec `json:"schema"`
}

type bodySpec struct {
	Required bool               `json:"required"`
	Content  ordered[mediaSpec] `json:"content"`
}

type mediaSpec struct {
	Schema *schemaSpec `json:"schema"`
}

type headerSpec struct {
	Ref      string      `json:"$ref"`
	Required bool        `json:"required"`
	Schema   *schemaSpec `json:"schema"`
}

type responseSpec struct {
	Ref     string              `json:"$ref"`
	Headers ordered[headerSpec] `json:"headers"`
	Content ordered[mediaSpec]  `json:"content"`
}

type schemaSpec struct {
	Ref                  string               `json:"$ref"`
	Type                 string               `json:"type"`
	Format               string               `json:"format"`
	Pattern              string               `json:"pattern"`
	Nullable             bool                 `json:"nullable"`
	ReadOnly             bool                 `json:"readOnly"`
	Enum                 []string             `json:"enum"`
	Minimum              *float64             `json:"minimum"`
	Maximum              *float64             `json:"maximum"`
	MinLength            int                  `json:"minLength"`
	MaxLength            *int                 `json:"maxLength"`
	MaxItems             *int                 `json:"maxItems"`
	Required             []string             `json:"required"`
	Properties           ordered[*schemaSpec] `json:"properties"`
	AdditionalProperties *bool                `json:"additionalProperties"`
	Items                *schemaSpec          `json:"items"`
	AllOf                []*schemaSpec        `json:"allOf"`
	OneOf                []*schemaSpec        `json:"oneOf"`
	AnyOf                []*schemaSpec        `json:"anyOf"`

	Others map[string]jsontext.Value `json:",embed"`
}

// annotationKeywords are the keywords of a schema that do not restrict values.
var annotationKeywords = map[string]bool{
	"title": true, "description": true, "example": true, "default": true, "deprecated": true, "externalDocs": true,
	"writeOnly": true, "discriminator": true,
}

// check returns an error if the schema has a keyword that restricts values but is not enforced.
func (s *schemaSpec) check() error {
	for keyword := range s.Others {
		if !annotationKeywords[keyword] && !strings.HasPrefix(keyword, "x-") {
			return fmt.Errorf("a schema has the keyword %q, which is not enforced", keyword)
		}
	}
	return nil
}

// parse reads a JSON document.
func parse(text []byte) (*document, error) {
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("contract: read the document: %w", err)
	}
	return &d, nil
}

// resolve returns the component that a reference such as "#/components/headers/ETag" names. Without a reference it
// returns own.
func resolve[T any](ref, kind string, all ordered[T], own T) (T, error) {
	if ref == "" {
		return own, nil
	}
	name, local := strings.CutPrefix(ref, "#/components/"+kind+"/")
	found, known := all.values[name]
	if !local || !known {
		return own, fmt.Errorf("the reference %s cannot be resolved", ref)
	}
	return found, nil
}

func (d *document) schema(s *schemaSpec) (*schemaSpec, error) {
	if s == nil {
		return nil, errors.New("a schema is missing")
	}
	return resolve(s.Ref, "schemas", d.Components.Schemas, s)
}

// ordered is a JSON object that keeps the order of its members.
type ordered[T any] struct {
	names  []string
	values map[string]T
}

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (o *ordered[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	o.values = map[string]T{}
	for d.PeekKind() == '"' {
		token, err := d.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		var value T
		if err := json.UnmarshalDecode(d, &value); err != nil {
			return err
		}
		o.names = append(o.names, name)
		o.values[name] = value
	}
	_, err := d.ReadToken()
	return err
}
