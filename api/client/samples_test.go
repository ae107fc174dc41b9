package client_test

import (
	"context"
	"fmt"

	"example.com/postern/api/client"
)

// The functions in this file are the Go samples of the operations. make generate adds their bodies to openapi.json, and
// TestSamples runs them.

func CreateUser(ctx context.Context, baseURL string) error {
	api, err := client.New(baseURL)
	if err != nil {
		return err
	}
	account, err := api.SignUp(ctx, "ada@example.com", "correct horse battery staple")
	if err != nil {
		return err
	}
	fmt.Println(account.ID, account.Email)
	return nil
}

func Login(ctx context.Context, baseURL string) error {
	api, err := client.New(baseURL)
	if err != nil {
		return err
	}
	session, err := api.Login(ctx, "ada@example.com", "correct horse battery staple")
	if err != nil {
		return err
	}
	fmt.Println(session.Tokens().ExpiresAt) // the session renews its tokens by itself
	return nil
}

func CreateToken(_ context.Context, api *client.API, session *client.Session) error {
	tokens := session.Tokens() // kept, for example in a file
	resumed, err := api.Resume(tokens)
	if err != nil {
		return err
	}
	fmt.Println(resumed.Tokens().ExpiresAt) // the session calls POST /token by itself
	return nil
}

func Logout(ctx context.Context, session *client.Session) error {
	return session.Logout(ctx)
}

func GetCurrentUser(ctx context.Context, session *client.Session) error {
	account, err := session.Account(ctx)
	if err != nil {
		return err
	}
	fmt.Println(account.ID, account.Email)
	return nil
}

func ExportAccount(ctx context.Context, session *client.Session) error {
	for line, err := range session.Export(ctx) {
		if err != nil {
			return err // the export is incomplete
		}
		switch line.Type {
		case client.ExportLineTypeAccount:
			fmt.Println(line.Account.Email)
		case client.ExportLineTypePost:
			fmt.Println(line.Post.ID, line.Post.Title)
		}
	}
	return nil
}

func UpdateCurrentUser(ctx context.Context, session *client.Session) error {
	account, err := session.SetName(ctx, "Ada")
	if err != nil {
		return err
	}
	fmt.Println(account.Name)
	return nil
}

func DeleteCurrentUser(ctx context.Context, session *client.Session) error {
	return session.DeleteAccount(ctx)
}

func ChangePassword(ctx context.Context, session *client.Session) error {
	return session.ChangePassword(ctx, "correct horse battery staple", "seventeen purple gallons of paint")
}

func ChangeEmail(ctx context.Context, session *client.Session) error {
	return session.ChangeEmail(ctx, "correct horse battery staple", "ada.lovelace@example.com")
}

func RequestEmailVerification(ctx context.Context, session *client.Session) error {
	return session.RequestConfirmation(ctx)
}

func CompleteEmailVerification(ctx context.Context, api *client.API, token string) error {
	return api.ConfirmEmail(ctx, token)
}

func RequestPasswordReset(ctx context.Context, api *client.API) error {
	return api.RequestPasswordReset(ctx, "ada@example.com")
}

func CompletePasswordReset(ctx context.Context, api *client.API, token string) error {
	return api.ResetPassword(ctx, token, "correct horse battery staple")
}

func GetUser(ctx context.Context, api *client.API) error {
	user, err := api.GetUser(ctx, 1)
	if err != nil {
		return err
	}
	fmt.Println(user.ID, user.CreatedAt)
	return nil
}

func ListSessions(ctx context.Context, session *client.Session) error {
	sessions, err := session.ListSessions(ctx)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		fmt.Println(s.ID, s.RefreshedAt, s.Current)
	}
	return nil
}

func EndOtherSessions(ctx context.Context, session *client.Session) error {
	return session.EndOtherSessions(ctx)
}

func EndSession(ctx context.Context, session *client.Session) error {
	sessions, err := session.ListSessions(ctx)
	if err != nil {
		return err
	}
	return session.EndSession(ctx, sessions[0].ID)
}

func GetKeys(ctx context.Context, api *client.API) error {
	answer, err := api.Raw().GetKeysWithResponse(ctx)
	if err != nil {
		return err
	}
	fmt.Println(len(answer.JSON200.Keys))
	return nil
}

func ListPosts(ctx context.Context, api *client.API) error {
	for post, err := range api.Posts(ctx, client.PostFilter{Search: "hello"}) { // reads pages as they are needed
		if err != nil {
			return err
		}
		fmt.Println(post.ID, post.Title, post.Votes)
	}
	return nil
}

func ListOwnPosts(ctx context.Context, session *client.Session) error {
	for post, err := range session.OwnPosts(ctx, client.OwnPostFilter{}) { // reads pages as they are needed
		if err != nil {
			return err
		}
		fmt.Println(post.ID, post.Title, post.Published)
	}
	return nil
}

func CreatePost(ctx context.Context, session *client.Session) error {
	post, err := session.CreatePost(ctx, client.PostInput{Title: "Hello", Content: "The first post of many."})
	if err != nil {
		return err
	}
	fmt.Println(post.ID, post.ETag)
	return nil
}

func GetPost(ctx context.Context, api *client.API) error {
	post, err := api.GetPost(ctx, 1) // session.GetPost also reads your drafts
	if err != nil {
		return err
	}
	fmt.Println(post.Title, post.Content)
	return nil
}

func UpdatePost(ctx context.Context, session *client.Session) error {
	post, err := session.GetPost(ctx, 1)
	if err != nil {
		return err
	}
	post, err = session.UpdatePost(ctx, post.ID, client.PostInput{Title: "Hello", Content: "A better text."}, post.ETag)
	if err != nil {
		return err
	}
	fmt.Println(post.Version)
	return nil
}

func PatchPost(ctx context.Context, session *client.Session) error {
	post, err := session.GetPost(ctx, 1)
	if err != nil {
		return err
	}
	title := "Hello, world"
	post, err = session.PatchPost(ctx, post.ID, client.PostPatch{Title: &title}, post.ETag)
	if err != nil {
		return err
	}
	fmt.Println(post.Title)
	return nil
}

func DeletePost(ctx context.Context, session *client.Session) error {
	post, err := session.GetPost(ctx, 1)
	if err != nil {
		return err
	}
	return session.DeletePost(ctx, post.ID, post.ETag)
}

func VoteForPost(ctx context.Context, session *client.Session) error {
	return session.VoteForPost(ctx, 1)
}

func WithdrawVote(ctx context.Context, session *client.Session) error {
	return session.WithdrawVote(ctx, 1)
}

func GetHealth(ctx context.Context, api *client.API) error {
	answer, err := api.Raw().GetHealthWithResponse(ctx)
	if err != nil {
		return err
	}
	fmt.Println(answer.StatusCode())
	return nil
}

func GetReadiness(ctx context.Context, api *client.API) error {
	answer, err := api.Raw().GetReadinessWithResponse(ctx)
	if err != nil {
		return err
	}
	fmt.Println(answer.StatusCode() == 200)
	return nil
}
