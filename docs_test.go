package postern_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// documents returns the text of each page of the documentation by path.
func documents(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		paths, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			pages[filepath.ToSlash(path)] = string(text)
		}
	}
	require.Contains(t, pages, "README.md")
	require.Contains(t, pages, "docs/architecture.md")
	return pages
}

var (
	markdownLink = regexp.MustCompile(`\]\(([^)#]*)(?:#([^)]*))?\)`)
	heading      = regexp.MustCompile(`(?m)^#+ (.+)$`)
	codeBlock    = regexp.MustCompile("(?ms)^```.*?^```")
	notInAnchor  = regexp.MustCompile("[^a-z0-9 _-]")
)

// anchors returns the anchors that GitHub makes for the headings of a page.
func anchors(page string) []string {
	var all []string
	for _, found := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(page, ""), -1) {
		all = append(all, strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(found[1]), ""), " ", "-"))
	}
	return all
}

func TestDocumentLinksResolve(t *testing.T) {
	t.Parallel()
	pages := documents(t)
	for path, text := range pages {
		for _, link := range markdownLink.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			target := path
			if link[1] != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(path), link[1]))
				_, err := os.Stat(target)
				require.NoError(t, err, "%s links to %s", path, link[0])
			}
			if link[2] != "" {
				require.True(t, slices.Contains(anchors(pages[target]), link[2]), "%s links to %s", path, link[0])
			}
		}
	}
}

var sourceFile = regexp.MustCompile("`((?:[a-z]+/)+[a-z_.0-9]+\\.(?:go|sql|md|yaml))`")

// TestArchitectureNamesExistingFiles: every source file named in the text exists.
func TestArchitectureNamesExistingFiles(t *testing.T) {
	t.Parallel()
	found := sourceFile.FindAllStringSubmatch(documents(t)["docs/architecture.md"], -1)
	require.Greater(t, len(found), 20)
	for _, file := range found {
		require.FileExists(t, file[1])
	}
}

// TestReadmeIsOnePage keeps the first page short.
func TestReadmeIsOnePage(t *testing.T) {
	t.Parallel()
	require.LessOrEqual(t, strings.Count(documents(t)["README.md"], "\n"), 80)
}
