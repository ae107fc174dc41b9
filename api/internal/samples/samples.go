// Package samples adds code samples to the operations of an OpenAPI document, as x-codeSamples. A source file has one
// function for each operation, with the operation's name. The body of the function is the sample.
package samples

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Source is a source file with the samples in one language.
type Source struct {
	Lang  string // a language as Linguist names it
	Label string // the title of the sample
	Text  string
}

type sample struct {
	Lang   string `yaml:"lang"`
	Label  string `yaml:"label"`
	Source string `yaml:"source"`
}

// Add adds the samples to the operations of a document. An operation may have no sample: a new one has to be generated
// before a sample can call it. Add fails if a sample belongs to no operation.
func Add(document *yaml.Node, sources []Source) error {
	bodies := make([]map[string]string, len(sources))
	for i, source := range sources {
		bodies[i] = functions(source.Text)
	}
	for _, operation := range operations(document) {
		id := strings.ToLower(member(operation, "operationId").Value)
		var samples []sample
		for i, source := range sources {
			if body, ok := bodies[i][id]; ok {
				samples = append(samples, sample{source.Lang, source.Label, body})
				delete(bodies[i], id)
			}
		}
		if len(samples) == 0 {
			continue
		}
		var name, value yaml.Node
		name.SetString("x-codeSamples")
		if err := value.Encode(samples); err != nil {
			return err
		}
		operation.Content = append(operation.Content, &name, &value)
	}
	for i, source := range sources {
		for id := range bodies[i] {
			return fmt.Errorf("a %s sample of %s, which is no operation", source.Label, id)
		}
	}
	return nil
}

// operations returns the operations of a document.
func operations(document *yaml.Node) (found []*yaml.Node) {
	paths := member(document.Content[0], "paths")
	for i := 1; i < len(paths.Content); i += 2 {
		for _, method := range []string{"get", "put", "post", "patch", "delete"} {
			if operation := member(paths.Content[i], method); operation != nil {
				found = append(found, operation)
			}
		}
	}
	return found
}

// member returns the value of a member of a mapping, or nil.
func member(mapping *yaml.Node, name string) *yaml.Node {
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return mapping.Content[i+1]
		}
	}
	return nil
}

var function = regexp.MustCompile(`(?ms)^(?:func |export async function )?(\w+)\([^\n]*\{\n(.*?)^\}$`)

// functions returns the bodies of the functions in a Go, TypeScript or shell file, by their names in lower case. The
// bodies lose the indentation of the function, and the "return nil" that only the function needs.
func functions(text string) map[string]string {
	bodies := map[string]string{}
	for _, found := range function.FindAllStringSubmatch(text, -1) {
		var body strings.Builder
		for line := range strings.Lines(found[2]) {
			body.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "\t"), "  "))
		}
		bodies[strings.ToLower(found[1])] = strings.TrimSuffix(body.String(), "return nil\n")
	}
	return bodies
}
