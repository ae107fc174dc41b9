package postern_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const resourcePage = "docs/adding-a-resource.md"

var (
	nameInFile = regexp.MustCompile("`([\\w.]+)` \\(`([a-z_/]+\\.go)`")
	newFile    = regexp.MustCompile("(?ms)^`([^`\n]+)`:\n\n```[a-z]+\n(.*?)^```")
	diffBlock  = regexp.MustCompile("(?ms)^```diff\n(.*?)^```")
)

// requireDeclared fails unless Go code declares the name: a function, a method, a type, a variable, a constant or a field.
func requireDeclared(t *testing.T, name, code, where string) {
	t.Helper()
	name = regexp.QuoteMeta(name[strings.LastIndex(name, ".")+1:])
	declaration := regexp.MustCompile(`(?m)^(?:(?:func (?:\([^)]*\) )?|type |var |const )` + name + `\b|\t` + name + `[ ,])`)
	require.True(t, declaration.MatchString(code), "%s does not declare %s", where, name)
}

// TestDocumentsNameDeclarations checks each name that a page gives together with its file.
func TestDocumentsNameDeclarations(t *testing.T) {
	t.Parallel()
	pages := documents(t)
	for page, least := range map[string]int{"docs/architecture.md": 5, resourcePage: 5} {
		found := nameInFile.FindAllStringSubmatch(pages[page], -1)
		require.GreaterOrEqual(t, len(found), least, page)
		for _, f := range found {
			code, err := os.ReadFile(f[2])
			require.NoError(t, err, page)
			requireDeclared(t, f[1], string(code), f[2])
		}
	}
}

// TestResourcePageChangesExistingLines: the page counts its files, its new files are new, and the lines that it changes exist.
func TestResourcePageChangesExistingLines(t *testing.T) {
	t.Parallel()
	page := documents(t)[resourcePage]
	added, sql, changed := 0, 0, map[string]bool{"openapi.yaml": true}
	for _, file := range newFile.FindAllStringSubmatch(page, -1) {
		require.NoFileExists(t, file[1])
		added++
		if path.Ext(file[1]) == ".sql" {
			sql++
		}
	}
	for _, block := range diffBlock.FindAllStringSubmatch(page, -1) {
		for _, file := range strings.Split("\n"+block[1], "\n# ")[1:] {
			name, lines, _ := strings.Cut(file, "\n")
			changed[name] = true
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			rest := "\n" + string(text)
			for line := range strings.Lines(strings.TrimRight(lines, "\n") + "\n") {
				if line[0] != '+' {
					_, after, found := strings.Cut(rest, "\n"+line[1:])
					require.True(t, found, "%s has no such line, or not at this place:\n%s", name, line)
					rest = "\n" + after
				}
			}
		}
	}
	counted := fmt.Sprintf("%d new files, of which %d are SQL, and small edits in %d others", added, sql, len(changed))
	require.True(t, strings.Contains(page, counted), "the page must say: %s", counted)
}

// TestResourcePageUsesDeclaredNames: the new Go files use names that their packages declare.
func TestResourcePageUsesDeclaredNames(t *testing.T) {
	t.Parallel()
	page := documents(t)[resourcePage]
	for _, file := range newFile.FindAllStringSubmatch(page, -1) {
		if path.Ext(file[1]) != ".go" {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file[1], file[2], 0)
		require.NoError(t, err)
		folder := path.Dir(file[1])
		code := page
		sources, err := filepath.Glob(folder + "/*.go")
		require.NoError(t, err)
		for _, source := range sources {
			text, err := os.ReadFile(source)
			require.NoError(t, err)
			code += string(text)
		}
		for _, used := range parsed.Unresolved {
			if types.Universe.Lookup(used.Name) == nil && !imports(parsed, used.Name) {
				requireDeclared(t, used.Name, code, folder)
			}
		}
	}
}

// imports reports whether a file imports a package by this name.
func imports(file *ast.File, name string) bool {
	return slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool {
		path, err := strconv.Unquote(i.Path.Value)
		return err == nil && (filepath.Base(path) == name || i.Name != nil && i.Name.Name == name)
	})
}
