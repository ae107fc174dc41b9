package pgtest

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Grants returns the statements that let a role read and write rows, from the path of docs/scaling.md.
func Grants(t testing.TB, path, role string) string {
	t.Helper()
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	_, block, _ := strings.Cut(string(page), "```sql\n")
	statements, _, found := strings.Cut(block, "```")
	require.True(t, found)
	return strings.ReplaceAll(statements, "postern_app", role)
}
