package resttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// pathExamples holds the problem codes in the examples of one path.
type pathExamples struct {
	path  *regexp.Regexp
	codes map[string]map[int][]string // by method and status
}

// allExamples returns the examples of the contract. The path "/users/me" comes before "/users/{id}".
var allExamples = sync.OnceValues(func() ([]pathExamples, error) {
	shared, err := document()
	if err != nil {
		return nil, err
	}
	var all []pathExamples
	for path, item := range shared.Paths.Map() {
		pattern := regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(path), "[^/]+")
		e := pathExamples{regexp.MustCompile("^" + pattern + "/?$"), map[string]map[int][]string{}}
		for method, operation := range item.Operations() {
			e.codes[method] = codesOf(operation)
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b pathExamples) int {
		return strings.Count(a.path.String(), "[^/]+") - strings.Count(b.path.String(), "[^/]+")
	})
	return all, nil
})

func codesOf(operation *openapi3.Operation) map[int][]string {
	codes := map[int][]string{}
	for status, response := range operation.Responses.Map() {
		number, _ := strconv.Atoi(status)
		for _, content := range response.Value.Content {
			for _, example := range content.Examples {
				if members, ok := example.Value.Value.(map[string]any); ok && number >= http.StatusBadRequest {
					codes[number] = append(codes[number], members["code"].(string))
				}
			}
		}
	}
	return codes
}

// checkExample returns an error if the code of a problem is not in the examples of its operation and status.
func checkExample(r *http.Request, status int, body []byte) error {
	all, err := allExamples()
	if err != nil || status < http.StatusBadRequest || r.Method == http.MethodHead {
		return err
	}
	path := r.URL.EscapedPath()
	i := slices.IndexFunc(all, func(e pathExamples) bool { return e.path.MatchString(path) })
	if i < 0 || strings.Contains(path, "%") || all[i].codes[r.Method] == nil {
		return nil // not an operation
	}
	var problem struct{ Code string }
	if err := json.Unmarshal(body, &problem); err != nil {
		return err
	}
	if !slices.Contains(all[i].codes[r.Method][status], problem.Code) {
		return fmt.Errorf("the contract has no example of %d with the code %q", status, problem.Code)
	}
	return nil
}
