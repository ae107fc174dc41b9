package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"example.com/postern/api/client"
)

// Sign up and log in. In your program, the URL is that of a Postern.
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
	fmt.Println(account.ID, account.Email, account.Name.MustGet())
	// Output: 1 ada@example.com Ada
}

// Keep the tokens where a restart finds them, and go on with the session.
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

// Write a post. It is sent again after a lost answer, and still written once.
func ExampleSession_CreatePost() {
	server, session := exampleSession()
	defer server.Close()
	server.loseAnswers(1) // the network takes the first answer away
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

// Change a post without losing what somebody else changed meanwhile.
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

// Tell what the server refused, and why.
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
		for _, field := range problem.Errors {
			fmt.Println(field)
		}
	}
	// Output:
	// somebody has that address
	// 422 validation true
	// /password is one of the passwords that are guessed first
}

// exampleServer returns a server that knows Ada.
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

// exampleSession returns a server, with a session of Ada's.
func exampleSession() (*server, *client.Session) {
	s, api := exampleServer()
	session, err := api.Login(context.Background(), ada, password)
	if err != nil {
		panic(err)
	}
	return s, session
}
