package conformance

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/postern/api/contract"
)

// aroundCases are of what belongs to no operation, and of the operations for monitors.
var aroundCases = []testCase{
	bad("Any/unknown-path", func(c *check) {
		for _, path := range []string{"/" + c.mark, "//posts", "/posts//", "/" + c.mark + "/../posts", "/posts/1/2", "/posts%2f1"} {
			c.send("GET", path).problem(http.StatusNotFound, "not_found")
		}
	}),
	bad("Any/methods", otherMethods),
	bad("Any/broken-query", func(c *check) {
		c.send("GET", "/posts?limit=%zz").problem(http.StatusBadRequest, "malformed_request")
	}),
	good("Any/request-id", requestIDs),
	good("Any/trailing-slash", func(c *check) {
		c.send("GET", "/posts/?limit=1").is(http.StatusOK)
		c.send("GET", "/healthz/").is(http.StatusOK)
	}),
	good("Any/description", describesItself),
	good("Any/docs", func(c *check) {
		policy := c.send("GET", "/docs", header("Accept", "text/html")).is(http.StatusOK).header.Get("Content-Security-Policy")
		c.expect(!strings.Contains(policy, "http"), "a policy that names no other host", policy)
	}),
	good("Any/root", func(c *check) {
		var links map[string]any
		c.send("GET", "/", header("Accept", mediaJSON)).is(http.StatusOK).decode(&links)
	}),
	good("GetHealth/alive", func(c *check) { c.send("GET", "/healthz").is(http.StatusOK) }),
	good("GetReadiness/ready", func(c *check) { c.send("GET", "/readyz").is(http.StatusOK) }),
	good("GetKeys/public", publicKeys),
}

// otherMethods asks each path for what it does not have. Nobody is logged in, so nothing can come of it.
func otherMethods(c *check) {
	methods := map[string][]string{}
	for _, o := range c.promised.operations {
		methods[o.Path] = append(methods[o.Path], o.Method)
	}
	for path, allowed := range methods {
		if slices.Contains(allowed, "GET") {
			allowed = append(allowed, "HEAD")
		}
		slices.Sort(allowed)
		target := strings.ReplaceAll(path, "{id}", nobodysID)
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			if slices.Contains(allowed, method) {
				continue
			}
			a := c.send(method, target).problem(http.StatusMethodNotAllowed, "method_not_allowed")
			came := strings.Split(strings.ReplaceAll(a.header.Get("Allow"), " ", ""), ",")
			slices.Sort(came)
			c.equal("Allow", allowed, came)
		}
	}
}

func requestIDs(c *check) {
	const sane = "Conformance.Test-1_2"
	c.send("GET", "/healthz", header("X-Request-Id", sane)).has("X-Request-Id", sane)
	seen := map[string]bool{}
	for _, odd := range []string{"", "a b", "a;b", strings.Repeat("x", 65), "é"} {
		id := c.send("GET", "/healthz", header("X-Request-Id", odd)).header.Get("X-Request-Id")
		c.expect(id != odd && !seen[id], "a new X-Request-Id in place of an odd one", id)
		seen[id] = true
	}
	c.send("GET", "/"+c.mark, header("X-Request-Id", sane)).has("X-Request-Id", sane)
}

// describesItself holds the served description against the embedded one, by operations: its texts may differ.
func describesItself(c *check) {
	a := c.send("GET", "/openapi.json").is(http.StatusOK)
	served, err := contract.Describe(a.body)
	if err != nil {
		c.fail("an OpenAPI document", "one that cannot be read")
	}
	expected, came := namesOf(c.promised.operations), namesOf(served)
	for _, name := range expected {
		c.expect(slices.Contains(came, name), "a description of "+name, "none")
	}
	for _, name := range came {
		c.expect(slices.Contains(expected, name), "operations of the contract alone", name)
	}
	c.send("GET", "/openapi.yaml").is(http.StatusOK)
}

func namesOf(described []contract.Description) (names []string) {
	for _, d := range described {
		names = append(names, d.ID+" at "+d.Method+" "+d.Path)
	}
	return names
}

var maxAge = regexp.MustCompile(`max-age=([0-9]+)`)

// publicKeys looks for the members of RFC 7518 that are secret, and for keys that would be kept for too long.
func publicKeys(c *check) {
	a := c.send("GET", "/.well-known/jwks.json").is(http.StatusOK)
	var set struct {
		Keys []map[string]any `json:"keys"`
	}
	a.decode(&set)
	for _, key := range set.Keys {
		for _, secret := range []string{"d", "k", "p", "q", "dp", "dq", "qi"} {
			c.expect(key[secret] == nil, "public keys alone", "a key with the member "+secret)
		}
	}
	if age := maxAge.FindStringSubmatch(a.header.Get("Cache-Control")); age != nil {
		seconds, err := strconv.Atoi(age[1])
		c.expect(err == nil && seconds <= 30, "max-age=30 at most", fmt.Sprint(age[0]))
	}
}
