package client_test

import (
	"context"
	"errors"
	"fmt"
	"os"
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
	this, err := os.ReadFile("documented_test.go")
	require.NoError(t, err)
	shown, err := os.ReadFile("../../docs/clients.md")
	require.NoError(t, err)
	_, code, _ := strings.Cut(string(this), "\t// begin\n")
	code, _, _ = strings.Cut(code, "\t// end\n")
	code = strings.ReplaceAll("\n"+code, "\n\t", "\n")
	require.NotEmpty(t, strings.TrimSpace(code))
	require.Contains(t, string(shown), "```go"+code+"```\n")
}
