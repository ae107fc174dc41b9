//go:build ignore

// Command generate writes openapi.json and codegen.json. The first is openapi.yaml as JSON in the same order, with code
// samples. The second is the input of the code generators.
package main

import (
	"bytes"
	"log"
	"os"

	"go.yaml.in/yaml/v3"

	"example.com/postern/api/internal/samples"
	"example.com/postern/api/internal/yamljson"
)

func main() {
	var document yaml.Node
	must(yaml.Unmarshal([]byte(read("../openapi.yaml")), &document))
	// The generators make constants for an enum only. The Go type accepts unknown values either way.
	write("codegen.json", bytes.ReplaceAll(encode(&document), []byte(`"x-extensible-enum"`), []byte(`"enum"`)))

	must(samples.Add(&document, []samples.Source{
		{Lang: "Shell", Label: "curl", Text: read("samples.sh")},
		{Lang: "Go", Label: "Go", Text: read("client/samples_test.go")},
		{Lang: "TypeScript", Label: "TypeScript", Text: read("../sdk/typescript/test/samples.ts")},
	}))
	write("openapi.json", encode(&document))
}

func read(name string) string {
	text, err := os.ReadFile(name)
	must(err)
	return string(text)
}

func encode(document *yaml.Node) []byte {
	converted, err := yamljson.Encode(document)
	must(err)
	return converted
}

func write(name string, content []byte) { must(os.WriteFile(name, content, 0o644)) }

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
