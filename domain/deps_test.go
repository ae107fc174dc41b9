package domain_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "example.com/postern"

// mayImport lists the packages of this module that each package may import. A key that ends in /* is the row of all packages
// directly in that folder. A package without a row has the row of the nearest folder above it that has one.
var mayImport = map[string][]string{
	"app":               {"domain", "domain/diagnosis", "domain/revocation", "domain/search", "domain/throttle", "adapters/*", "conformance", "sql/migrations"},
	"domain":            {"domain/revocation", "domain/search", "domain/throttle"},
	"api":               {"api/internal/*"},
	"api/client":        {"api/client/wire"},
	"api/contract":      {"api"},
	"conformance":       {"api", "api/contract"},
	"adapters/rest":     {"domain", "api", "api/contract"},
	"adapters/sqlite":   {"domain", "domain/diagnosis", "domain/search", "domain/throttle", "sql/migrations"},
	"adapters/postgres": {"domain", "domain/diagnosis", "domain/search", "domain/throttle", "sql/migrations"},
	"adapters/*":        {"domain"},
	"domain/*":          {},
	"domain/domaintest": {"domain", "domain/search", "domain/throttle"},
}

// testsMayImport lists what tests may import in addition.
var testsMayImport = map[string][]string{
	"app":        {"domain/domaintest", "adapters/postgres/pgtest", "adapters/rest/resttest", "api", "api/client/wire"},
	"adapters/*": {"domain/domaintest", "domain/revocation", "domain/search", "domain/throttle"},
	"api/client": {"domain", "domain/domaintest", "domain/throttle", "adapters/rest"},
	"domain":     {"domain/domaintest"},

	"adapters/rest/resttest": {"api/contract"},
	"api/contract":           {"api/internal/*"},
	"test/bench":             {"adapters/postgres/pgtest"},
	"conformance":            {"adapters/*", "domain", "domain/domaintest", "domain/throttle"},
	"domain/simulation":      {"domain", "domain/domaintest", "domain/revocation", "domain/throttle"},
}

// TestDomainImportsNoIO keeps the domain pure: only ports connect it to the outside.
func TestDomainImportsNoIO(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, f := range sourceFiles(t) {
		if f.isTest || f.pkg != "domain" && (path.Dir(f.pkg) != "domain" || f.pkg == "domain/domaintest") {
			continue
		}
		checked++
		for _, imported := range f.imports {
			ours := strings.HasPrefix(imported, module+"/") // TestImportsPointOneWay checks these
			require.True(t, ours || isPure(imported), "%s imports %s", f.name, imported)
		}
	}
	require.NotZero(t, checked)
}

// isPure reports whether the domain may import a package outside the module.
func isPure(imported string) bool {
	switch imported {
	case "golang.org/x/net/idna", "net/netip", "net/url", "log/slog":
		return true
	}
	if strings.HasPrefix(imported, "golang.org/x/text/") {
		return true
	}
	root, _, _ := strings.Cut(imported, "/")
	switch root {
	case "C", "database", "debug", "log", "net", "os", "plugin", "runtime", "syscall", "testing", "unsafe":
		return false
	}
	return !strings.Contains(root, ".") && imported != "io/fs" && imported != "io/ioutil" && imported != "path/filepath"
}

// TestImportsPointOneWay checks the direction of imports: app -> adapters -> domain, adapters/rest -> api, stores ->
// sql/migrations. Adapters never import each other, and only tests import fakes.
func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	for _, f := range sourceFiles(t) {
		allowed := allowance(mayImport, f.pkg)
		if f.isTest {
			allowed = append(allowed, allowance(testsMayImport, f.pkg)...)
		}
		for _, imported := range f.imports {
			if ours, ok := strings.CutPrefix(imported, module+"/"); ok && !f.owns(ours) {
				require.True(t, contains(allowed, ours), "%s imports %s", f.name, ours)
			}
		}
	}
}

// allowance returns the row of the package, or of the nearest package above it that has one.
func allowance(table map[string][]string, pkg string) []string {
	for at := pkg; at != "."; at = path.Dir(at) {
		for _, key := range []string{at, path.Dir(at) + "/*"} {
			if row, ok := table[key]; ok {
				return append([]string(nil), row...)
			}
		}
	}
	return nil
}

// owns reports whether the file may import a package because the two belong together: external tests import their own package, a
// package imports its internal folder, and tests and their folder of helpers import each other.
func (f sourceFile) owns(imported string) bool {
	if imported == f.pkg || strings.HasPrefix(imported, f.pkg+"/internal/") {
		return true
	}
	return f.isTest && (helps(imported, f.pkg) || helps(f.pkg, imported))
}

// helps reports whether helpers contains test helpers for the package above it, as pkg/pkgtest does.
func helps(helpers, pkg string) bool {
	return path.Dir(helpers) == pkg && strings.HasSuffix(path.Base(helpers), "test")
}

func contains(allowed []string, imported string) bool {
	for _, a := range allowed {
		if a == imported || a == path.Dir(imported)+"/*" {
			return true
		}
	}
	return false
}

type sourceFile struct {
	name, pkg string // slash-separated, below the module's root
	isTest    bool   // in a _test.go file, or a package of test helpers
	imports   []string
}

// sourceFiles returns every Go file of the module, regardless of build constraints.
func sourceFiles(t *testing.T) []sourceFile {
	t.Helper()
	var files []sourceFile
	fset := token.NewFileSet()
	walk := func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() && name != ".." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(base) != ".go" {
			return nil
		}
		parsed, err := parser.ParseFile(fset, name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		short := strings.TrimPrefix(filepath.ToSlash(name), "../")
		imports := map[string]bool{}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports[imported] = true
		}
		f := sourceFile{name: short, pkg: path.Dir(short)}
		f.isTest = strings.HasSuffix(short, "_test.go") || helps(f.pkg, path.Dir(f.pkg))
		for imported := range maps.Keys(imports) {
			f.imports = append(f.imports, imported)
		}
		files = append(files, f)
		return nil
	}
	require.NoError(t, filepath.WalkDir("..", walk))
	return files
}
