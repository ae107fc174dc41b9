package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"example.com/postern/api/client"
	"example.com/postern/api/client/wire"
)

// Sign up and log in. In your program, use the URL of your server.
func Example() {
	server := newServer()
	defer server.Close()
	ctx := context.Background()

	api, err := client.New(server.URL)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := api.SignUp(ctx, "ada@example.com", "correct horse battery staple"); err != nil {
		log.Fatal(err)
	}
	session, err := api.Login(ctx, "ada@example.com", "correct horse battery staple")
	if err != nil {
		log.Fatal(err)
	}
	account, err := session.SetName(ctx, "Ada")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(account.ID, account.Email, account.Name)
	// Output: 1 ada@example.com Ada
}

// Save the tokens, and continue the session after a restart.
func ExampleAPI_Resume() {
	server, api := exampleServer()
	defer server.Close()
	ctx := context.Background()

	var kept client.Tokens // in your program, a file or a row that only you can read
	save := client.SaveTokens(func(tokens client.Tokens) { kept = tokens })
	if _, err := api.Login(ctx, "ada@example.com", "correct horse battery staple", save); err != nil {
		log.Fatal(err)
	}

	session, err := api.Resume(kept, save)
	if err != nil {
		log.Fatal(err)
	}
	account, err := session.Account(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(account.Email)

	if err := session.Logout(ctx); err != nil {
		log.Fatal(err)
	}
	_, err = session.Account(ctx)
	fmt.Println(errors.Is(err, client.ErrSessionEnded), kept == client.Tokens{})
	// Output:
	// ada@example.com
	// true true
}

// Create a post. The request is sent again after a lost answer, and creates one post.
func ExampleSession_CreatePost() {
	server, session := exampleSession()
	defer server.Close()
	server.loseAnswers(1) // the first answer is lost on the way
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	post, err := session.CreatePost(ctx, client.PostInput{Title: "Hello", Content: "The first post of many."})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(post.ID, post.Title)
	for post, err := range session.OwnPosts(ctx, client.OwnPostFilter{}) {
		fmt.Println(post.ID, post.Title, err)
	}
	// Output:
	// 1 Hello
	// 1 Hello <nil>
}

// Call an operation with everything that the contract offers: here, with an idempotency key of your own.
func ExampleSession_Raw() {
	server, session := exampleSession()
	defer server.Close()
	ctx := context.Background()
	key := "import-2026-11-24-row-1"

	for range 2 {
		params := &wire.CreatePostParams{IdempotencyKey: &key}
		answer, err := session.Raw().CreatePostWithResponse(ctx, params, wire.PostInput{Title: "Hello", Content: "Imported once."})
		if err != nil {
			log.Fatal(err)
		}
		if answer.JSON201 == nil {
			log.Fatal(client.ProblemOf(answer.HTTPResponse, answer.Body))
		}
		fmt.Println(answer.JSON201.ID, answer.HTTPResponse.Header.Get("Idempotency-Replayed") == "true")
	}
	// Output:
	// 1 false
	// 1 true
}

// Read all posts. Pages are read as they are needed.
func ExampleAPI_Posts() {
	server, session := exampleSession()
	defer server.Close()
	ctx := context.Background()
	for _, title := range []string{"One", "Two", "Three"} {
		if _, err := session.CreatePost(ctx, client.PostInput{Title: title, Content: "Text."}); err != nil {
			log.Fatal(err)
		}
	}

	for post, err := range session.API().Posts(ctx, client.PostFilter{PageSize: 2}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(post.ID, post.Title)
	}
	// Output:
	// 3 Three
	// 2 Two
	// 1 One
}

// Read one page, and the next when a reader asks for it. A link can be kept in the address of a web page.
func ExampleAPI_PostPage() {
	server, session := exampleSession()
	defer server.Close()
	ctx := context.Background()
	for _, title := range []string{"One", "Two", "Three"} {
		if _, err := session.CreatePost(ctx, client.PostInput{Title: title, Content: "Text."}); err != nil {
			log.Fatal(err)
		}
	}

	first, err := session.API().PostPage(ctx, client.PostFilter{PageSize: 2})
	if err != nil {
		log.Fatal(err)
	}
	second, err := session.API().PostPage(ctx, client.PostFilter{From: first.Next})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(first.Posts), len(second.Posts), second.Next == "", second.Prev != "")
	// Output: 2 1 true true
}

// Write over the version that you read, and find out that somebody else was faster.
func ExampleSession_UpdatePost() {
	server, session := exampleSession()
	defer server.Close()
	ctx := context.Background()
	post, err := session.CreatePost(ctx, client.PostInput{Title: "List", Content: "bread"})
	if err != nil {
		log.Fatal(err)
	}

	for _, content := range []string{"bread, milk", "bread, eggs"} {
		_, err := session.UpdatePost(ctx, post.ID, client.PostInput{Title: "List", Content: content}, post.ETag)
		fmt.Println(errors.Is(err, client.ProblemCodePreconditionFailed))
	}
	// Output:
	// false
	// true
}

// Change a post without losing the update of somebody else.
func ExampleSession_EditPost() {
	server, session := exampleSession()
	defer server.Close()
	ctx := context.Background()
	post, err := session.CreatePost(ctx, client.PostInput{Title: "List", Content: "bread"})
	if err != nil {
		log.Fatal(err)
	}

	post, err = session.EditPost(ctx, post.ID, func(p *client.PostInput) error {
		p.Content += ", milk"
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(post.Content, post.Version)
	// Output: bread, milk 2
}

// Find out which field the server refused, and why.
func ExampleProblem() {
	server, api := exampleServer()
	defer server.Close()
	ctx := context.Background()

	_, err := api.SignUp(ctx, "ADA@example.com", "correct horse battery staple")
	if errors.Is(err, client.ProblemCodeEmailTaken) {
		fmt.Println("somebody has that address")
	}

	_, err = api.SignUp(ctx, "grace@example.com", "password")
	var problem *client.Problem
	if errors.As(err, &problem) {
		fmt.Println(problem.Status, problem.Code, problem.RequestID != "")
		fmt.Println(problem.Field("/password"))
	}
	// Output:
	// somebody has that address
	// 422 validation true
	// /password is one of the passwords that are guessed first
}

// exampleServer returns a server where Ada has signed up.
func exampleServer() (*server, *client.API) {
	s := newServer()
	api, err := client.New(s.URL)
	if err == nil {
		_, err = api.SignUp(context.Background(), ada, password)
	}
	if err != nil {
		panic(err)
	}
	return s, api
}

// exampleSession returns a server and a session of Ada.
func exampleSession() (*server, *client.Session) {
	s, api := exampleServer()
	session, err := api.Login(context.Background(), ada, password)
	if err != nil {
		panic(err)
	}
	return s, session
}
