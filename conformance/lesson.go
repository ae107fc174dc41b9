package conformance

import (
	"net/http"
	"strings"
)

// lessonCases need no state between requests, so that a mock passes them, too. They ask mocks for an answer by the
// header Prefer; other servers ignore it.
var lessonCases = []testCase{
	validCase("CreateUser/lesson", func(c *caseRun) { c.signUp() }).at(Lesson),
	validCase("Login/lesson", lessonLogin).at(Lesson),
	invalidCase("Login/lesson-wrong-password", func(c *caseRun) {
		if c.Level >= Behaviour {
			return // Login/wrong-credentials tries it, and servers count wrong passwords
		}
		email := c.stranger().account.Email
		c.send("POST", "/login", withForm("username", email, "password", "conformance-wrong"), prefer("403")).
			expectStatus(http.StatusForbidden).expectDetail("Invalid Credentials")
	}).at(Lesson),
	invalidCase("Login/lesson-no-password", func(c *caseRun) {
		c.send("POST", "/login", withForm("username", c.newEmail()), prefer("422")).expectStatus(http.StatusUnprocessableEntity)
	}).at(Lesson),
	validCase("ListPosts/lesson", func(c *caseRun) {
		c.send("GET", "/posts").expectStatus(http.StatusOK).decodePosts()
	}).at(Lesson),
	validCase("CreatePost/lesson", func(c *caseRun) {
		made := c.newPost(object{})
		c.expect(made.ID > 0 && made.Title != "" && made.Published, "the new post with its id, published by default", c.last)
	}).at(Lesson),
	invalidCase("CreatePost/lesson-no-token", func(c *caseRun) {
		lessonRefusal(c.send("POST", "/posts", object{"title": c.runID, "content": "x"}.json(), prefer("401, example=noToken")), "Not authenticated")
	}).at(Lesson),
	invalidCase("CreatePost/lesson-bad-token", func(c *caseRun) {
		lessonRefusal(c.send("POST", "/posts", object{"title": c.runID, "content": "x"}.json(), withHeader("Authorization", "Bearer conformance"),
			prefer("401, example=invalidToken")), "Could not validate credentials")
	}).at(Lesson),
}

// prefer asks a mock such as Prism for the answer with a status.
func prefer(status string) option { return withHeader("Prefer", "code="+status) }

func lessonLogin(c *caseRun) {
	s := c.stranger()
	c.expect(strings.EqualFold(s.TokenType, "bearer"), "the token_type bearer", s.TokenType)
	if strings.Count(s.AccessToken, ".") != 2 {
		return // the tutorial's clients do not look into the token
	}
	_, claims := c.decodeToken(s.AccessToken)
	for _, name := range []string{"user_id", "exp"} {
		c.expect(claims[name] != nil, "an access_token with the claim "+name, "none")
	}
}

func lessonRefusal(a *answer, detail string) {
	a.expectStatus(http.StatusUnauthorized).expectDetail(detail)
	challenge := a.header.Get("WWW-Authenticate")
	a.run.expect(strings.HasPrefix(challenge, "Bearer"), "WWW-Authenticate: Bearer", "WWW-Authenticate: "+challenge)
}
