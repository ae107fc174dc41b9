//go:build ignore

// Command generate writes openapi.json: openapi.yaml as JSON, in the same order.
package main

import (
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
}
