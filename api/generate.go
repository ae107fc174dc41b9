//go:build ignore

// Command generate writes openapi.json and codegen.json. The first is openapi.yaml as JSON in the same order. The
// second is the input of the code generators.
package main

import (
	"bytes"
	"log"
	"os"

	"example.com/postern/api/internal/yamljson"
)

func main() {
	source, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		log.Fatal(err)
	}
	converted, err := yamljson.Convert(source)
	if err != nil {
		log.Fatalf("openapi.yaml: %v", err)
	}
	if err := os.WriteFile("openapi.json", converted, 0o644); err != nil {
		log.Fatal(err)
	}
	// The generators make constants for an enum only. The Go type accepts unknown values either way.
	forGenerators := bytes.ReplaceAll(converted, []byte(`"x-extensible-enum"`), []byte(`"enum"`))
	if err := os.WriteFile("codegen.json", forGenerators, 0o644); err != nil {
		log.Fatal(err)
	}
}
