package conformance

import "strings"

// lessonCases need no state between requests, so that a mock passes them, too. They ask mocks for an answer by the
// header Prefer; other servers ignore it.
var lessonCases = []testCase{
	validCase("CreateUser/lesson", func(c *caseRun) { c.signUp() }).at(Lesson),
	validCase("Login/lesson", func(c *caseRun) {
		s := c.stranger()
		c.expect(strings.EqualFold(s.TokenType, "bearer"), "the token_type bearer", s.TokenType)
		if strings.Count(s.AccessToken, ".") != 2 {
			return // the tutorial's clients do not look into the token
		}
		_, claims := c.decodeToken(s.AccessToken)
		for _, name := range []string{"user_id", "exp"} {
			c.expect(claims[name] != nil, "an access_token with the claim "+name, "none")
		}
	}).at(Lesson),
	invalidCase("Login/lesson-wrong-password", func(c *caseRun) {
		if c.Level >= Behaviour {
			return // Login/wrong-credentials tries it, and servers count wrong passwords
		}
		email := c.stranger().account.Email
		c.send("POST", "/login", withForm("username", email, "password", wrongPassword), prefer("403")).
			expectStatus(403).expectDetail("Invalid Credentials")
	}).at(Lesson),
	invalidCase("Login/lesson-no-password", func(c *caseRun) {
		c.send("POST", "/login", withForm("username", c.newEmail()), prefer("422")).expectStatus(422)
	}).at(Lesson),
	validCase("ListPosts/lesson", func(c *caseRun) { decode[[]post](c.get("/posts")) }).at(Lesson),
	validCase("CreatePost/lesson", func(c *caseRun) {
		made := c.newPost(nil)
		c.expect(made.ID > 0 && made.Title != "" && made.Published, "the new post with its id, published by default", c.last)
	}).at(Lesson),
	invalidCase("CreatePost/lesson-no-token", func(c *caseRun) {
		refusesPost(c, "Not authenticated", "noToken")
	}).at(Lesson),
	invalidCase("CreatePost/lesson-bad-token", func(c *caseRun) {
		refusesPost(c, "Could not validate credentials", "invalidToken", withHeader("Authorization", "Bearer conformance"))
	}).at(Lesson),
}

// prefer asks a mock such as Prism for the answer with a status, and perhaps for an example of it.
func prefer(status string) option { return withHeader("Prefer", "code="+status) }

func refusesPost(c *caseRun, detail, example string, options ...option) {
	options = append(options, object{"title": c.runID, "content": "x"}.json(), prefer("401, example="+example))
	a := c.send("POST", "/posts", options...).expectStatus(401).expectDetail(detail)
	challenge := a.header.Get("WWW-Authenticate")
	c.expect(strings.HasPrefix(challenge, "Bearer"), "WWW-Authenticate: Bearer", "WWW-Authenticate: "+challenge)
}
