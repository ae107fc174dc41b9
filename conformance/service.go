package conformance

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/postern/api/contract"
)

// serviceCases covers promises that belong to no single operation, and the operations for monitoring.
var serviceCases = []testCase{
	invalidCase("Any/unknown-path", func(c *caseRun) {
		for _, path := range []string{"/" + c.runID, "//posts", "/posts//", "/" + c.runID + "/../posts", "/posts/1/2", "/posts%2f1"} {
			c.send("GET", path).expectProblem(404, "not_found")
		}
	}).at(Hardening),
	// Each path is sent the methods that it does not support, without a token, so that they have no effect.
	invalidCase("Any/methods", func(c *caseRun) {
		methods := map[string][]string{}
		for _, o := range c.spec.operations {
			methods[o.Path] = append(methods[o.Path], o.Method)
		}
		for path, allowed := range sorted(methods) {
			if slices.Contains(allowed, "GET") {
				allowed = append(allowed, "HEAD")
			}
			slices.Sort(allowed)
			target := strings.ReplaceAll(path, "{id}", unusedID)
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
				if slices.Contains(allowed, method) {
					continue
				}
				a := c.send(method, target).expectProblem(405, "method_not_allowed")
				actual := strings.Split(strings.ReplaceAll(a.header.Get("Allow"), " ", ""), ",")
				slices.Sort(actual)
				c.expectEqual("Allow", allowed, actual)
			}
		}
	}).at(Hardening),
	invalidCase("Any/broken-query", func(c *caseRun) {
		c.send("GET", "/posts?limit=%zz").expectProblem(400, "malformed_request")
	}).at(Hardening),
	validCase("Any/request-id", func(c *caseRun) {
		const sane = "Conformance.Test-1_2"
		c.send("GET", "/healthz", withHeader("X-Request-Id", sane)).expectHeader("X-Request-Id", sane)
		seen := map[string]bool{}
		for _, odd := range []string{"", "a b", "a;b", strings.Repeat("x", 65), "é"} {
			id := c.send("GET", "/healthz", withHeader("X-Request-Id", odd)).header.Get("X-Request-Id")
			c.expect(id != odd && !seen[id], "a new X-Request-Id instead of an invalid one", id)
			seen[id] = true
		}
		c.send("GET", "/"+c.runID, withHeader("X-Request-Id", sane)).expectHeader("X-Request-Id", sane)
	}).at(Hardening),
	validCase("Any/trailing-slash", func(c *caseRun) {
		c.get("/posts/?limit=1")
		c.get("/healthz/")
	}).at(Hardening),
	// Texts may differ. Operations that the server does not have are reported elsewhere.
	validCase("Any/description", func(c *caseRun) {
		served, err := contract.Describe(c.get("/openapi.json").body)
		if err != nil {
			c.fail("an OpenAPI document", "one that cannot be read")
		}
		expected, actual := namesOf(c.spec.operations), namesOf(served)
		if len(c.missing) == 0 {
			for _, name := range expected {
				c.expect(slices.Contains(actual, name), "a description of "+name, "none")
			}
		}
		for _, name := range actual {
			c.expect(slices.Contains(expected, name), "only operations of the contract", name)
		}
		c.get("/openapi.yaml")
	}),
	validCase("Any/docs", func(c *caseRun) {
		policy := c.get("/docs", withHeader("Accept", "text/html")).header.Get("Content-Security-Policy")
		c.expect(!strings.Contains(policy, "http"), "a policy without other hosts", policy)
	}),
	validCase("Any/root", func(c *caseRun) { decode[object](c.get("/", withHeader("Accept", mediaJSON))) }).at(Hardening),
	validCase("GetHealth/alive", func(c *caseRun) { c.get("/healthz") }),
	validCase("GetReadiness/ready", func(c *caseRun) { c.get("/readyz") }),
	// The key set has no secret members (RFC 7518), and caches may not keep it for long.
	validCase("GetKeys/public", func(c *caseRun) {
		a := c.get("/.well-known/jwks.json")
		for _, key := range decode[struct{ Keys []object }](a).Keys {
			for _, secret := range []string{"d", "k", "p", "q", "dp", "dq", "qi"} {
				c.expect(key[secret] == nil, "only public keys", "a key with the member "+secret)
			}
		}
		if age := maxAge.FindStringSubmatch(a.header.Get("Cache-Control")); age != nil {
			seconds, err := strconv.Atoi(age[1])
			c.expect(err == nil && seconds <= 30, "a max-age of at most 30", age[0])
		}
	}),
}

func namesOf(described []contract.Description) (names []string) {
	for _, d := range described {
		names = append(names, d.ID+" at "+d.Method+" "+d.Path)
	}
	return names
}

var maxAge = regexp.MustCompile(`max-age=([0-9]+)`)
