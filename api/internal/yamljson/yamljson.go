// Package yamljson converts YAML to JSON.
package yamljson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

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
	var compact, indented bytes.Buffer
	if err := write(&compact, document); err != nil {
		return nil, err
	}
	if err := json.Indent(&indented, compact.Bytes(), "", "  "); err != nil {
		return nil, err
	}
	indented.WriteByte('\n')
	return indented.Bytes(), nil
}

func write(to *bytes.Buffer, node *yaml.Node) error {
	switch node.Kind {
	case yaml.DocumentNode:
		return write(to, node.Content[0])
	case yaml.AliasNode:
		return errors.New("aliases are not supported")
	case yaml.MappingNode:
		to.WriteByte('{')
		for i := 0; i < len(node.Content); i += 2 {
			if i > 0 {
				to.WriteByte(',')
			}
			if err := encode(to, node.Content[i].Value); err != nil {
				return err
			}
			to.WriteByte(':')
			if err := write(to, node.Content[i+1]); err != nil {
				return err
			}
		}
		to.WriteByte('}')
		return nil
	case yaml.SequenceNode:
		to.WriteByte('[')
		for i, item := range node.Content {
			if i > 0 {
				to.WriteByte(',')
			}
			if err := write(to, item); err != nil {
				return err
			}
		}
		to.WriteByte(']')
		return nil
	}
	var value any
	if err := node.Decode(&value); err != nil {
		return err
	}
	switch value.(type) {
	case nil, bool, string, int, int64, uint64, float64:
		return encode(to, value)
	}
	return fmt.Errorf("line %d: JSON has no value of type %T", node.Line, value)
}

func encode(to *bytes.Buffer, value any) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
