package client_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/client"
)

// documented is the code in docs/clients.md.
func documented(ctx context.Context) error {
	// begin
	api, err := client.New("http://127.0.0.1:8080")
	if err != nil {
		return err
	}
	session, err := api.Login(ctx, "ada@example.com", "correct horse battery staple")
	if errors.Is(err, client.ProblemCodeInvalidCredentials) {
		return errors.New("that is not the password")
	} else if err != nil {
		return err
	}
	post, err := session.CreatePost(ctx, client.PostInput{Title: "Hello", Content: "Written once, however often it was sent."})
	if err != nil {
		return err
	}
	fmt.Println("wrote", post.ID)
	for post, err := range api.Posts(ctx, client.PostFilter{Search: "hello"}) {
		if err != nil {
			return err
		}
		fmt.Println(post.Title, post.Votes)
	}
	// end
	return nil
}

func TestDocumentedCodeCompiles(t *testing.T) {
	t.Parallel()
	_ = documented
	require.Contains(t, clientsPage(t), "```go"+documentedCode(t)+"```\n")
}

// TestDocumentedInstallation runs the installation of docs/clients.md in an empty folder, and compiles the documented code there.
// The module is not published, so no step may depend on what a proxy answers for it.
func TestDocumentedInstallation(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	_, script, _ := strings.Cut(clientsPage(t), "```sh\n")
	script, _, _ = strings.Cut(script, "```\n")
	require.Contains(t, script, "go mod edit -replace ")
	require.Contains(t, clientsPage(t), "Then run `go mod tidy`")
	program := "package main\n\nimport (\n\t\"context\"\n\t\"errors\"\n\t\"fmt\"\n\n\t\"example.com/postern/api/client\"\n)\n\n" +
		"func main() { fmt.Println(documented(context.Background())) }\n\n" +
		"func documented(ctx context.Context) error {" + documentedCode(t) + "return nil\n}\n"

	command := exec.CommandContext(t.Context(), "sh", "-ec", script+"cat >main.go\ngo mod tidy\ngo vet .\n")
	command.Dir, command.Stdin = t.TempDir(), strings.NewReader(program)
	command.Env = append(os.Environ(), "POSTERN="+root, "GOPROXY=off", "GOSUMDB=off", "GOFLAGS=-p=2", "GOWORK=off")
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
}

func clientsPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/clients.md")
	require.NoError(t, err)
	return string(page)
}

// documentedCode returns the body of documented.
func documentedCode(t *testing.T) string {
	t.Helper()
	this, err := os.ReadFile("documented_test.go")
	require.NoError(t, err)
	_, code, _ := strings.Cut(string(this), "\t// begin\n")
	code, _, _ = strings.Cut(code, "\t// end\n")
	require.NotEmpty(t, strings.TrimSpace(code))
	return strings.ReplaceAll("\n"+code, "\n\t", "\n")
}
