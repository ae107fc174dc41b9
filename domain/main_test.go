package domain_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain makes rapid draw the same values each time. To draw others: go test ./domain -rapid.seed=N.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "1"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
