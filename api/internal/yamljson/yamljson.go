// Package yamljson converts YAML to JSON.
package yamljson

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
)

// Convert returns a YAML document as indented JSON. Members keep the order of the document.
func Convert(source []byte) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(source, &document); err != nil {
		return nil, err
	}
	return Encode(&document)
}

// Encode is Convert for a document that is parsed already.
func Encode(document *yaml.Node) ([]byte, error) {
	var encoded bytes.Buffer
	err := write(jsontext.NewEncoder(&encoded, jsontext.WithIndent("  "), jsontext.EscapeForJS(true)), document)
	return encoded.Bytes(), err
}

func write(to *jsontext.Encoder, node *yaml.Node) error {
	switch node.Kind {
	case yaml.DocumentNode:
		return write(to, node.Content[0])
	case yaml.AliasNode:
		return errors.New("aliases are not supported")
	case yaml.MappingNode:
		return writeAll(to, node, jsontext.BeginObject, jsontext.EndObject)
	case yaml.SequenceNode:
		return writeAll(to, node, jsontext.BeginArray, jsontext.EndArray)
	}
	var value any
	if err := node.Decode(&value); err != nil {
		return err
	}
	switch value.(type) {
	case nil, bool, string, int, int64, uint64, float64:
		return json.MarshalEncode(to, value)
	}
	return fmt.Errorf("line %d: JSON has no value of type %T", node.Line, value)
}

// writeAll writes the items of a sequence, or the names and values of a mapping.
func writeAll(to *jsontext.Encoder, node *yaml.Node, begin, end jsontext.Token) error {
	if err := to.WriteToken(begin); err != nil {
		return err
	}
	for i, item := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			item = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: item.Value} // such as the status 200
		}
		if err := write(to, item); err != nil {
			return err
		}
	}
	return to.WriteToken(end)
}
