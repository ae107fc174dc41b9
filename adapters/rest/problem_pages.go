package rest

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"example.com/postern/api"
)

// problemPath is the path of the problem pages. The type of a problem is this path followed by its code.
const problemPath = "/problems"

// problemPage is the documentation of one code.
type problemPage struct {
	problemInfo
	Title      string          `json:"title"`
	Operations []string        `json:"operations"` // such as "POST /posts"; empty if no operation returns the code
	Example    json.RawMessage `json:"example,omitempty"`
}

// newProblemPages returns the handlers of a page for each code and of an index, by mux pattern. They answer browsers with
// HTML and other clients with JSON. The pages are built at the first request.
func newProblemPages() map[string]http.Handler {
	build := sync.OnceValues(func() ([]problemPage, error) { return buildProblemPages(api.OpenAPI) })
	handler := withPolicy(docsPolicy, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages, err := build()
		code := r.PathValue("code")
		i := slices.IndexFunc(pages, func(page problemPage) bool { return page.Code == code })
		switch {
		case err != nil:
			writeProblem(w, r, err)
		case code == "":
			writePage(w, r, "index", pages)
		case i < 0:
			writeProblem(w, r, errNotFound)
		default:
			writePage(w, r, "page", pages[i])
		}
	}))
	return map[string]http.Handler{"GET " + problemPath: handler, "GET " + problemPath + "/{code}": handler}
}

//go:embed docs/problems.html
var problemsHTML string

var problemTemplates = template.Must(template.New("problems").Parse(problemsHTML))

// writePage writes a page as HTML if the client prefers that to JSON.
func writePage(w http.ResponseWriter, r *http.Request, name string, content any) {
	var body bytes.Buffer
	mediaType, err := "application/json", error(nil)
	if prefersHTML(r.Header["Accept"]) {
		mediaType, err = "text/html; charset=utf-8", problemTemplates.ExecuteTemplate(&body, name, content)
	} else {
		err = json.NewEncoder(&body).Encode(content)
	}
	if err != nil {
		writeProblem(w, r, err)
		return
	}
	w.Header().Add("Vary", "Accept")
	document(mediaType, body.Bytes()).ServeHTTP(w, r)
}

// operationResponses is the part of an operation that lists its responses.
type operationResponses struct {
	Responses map[string]struct {
		Ref string `json:"$ref"`
	} `json:"responses"`
}

// buildProblemPages returns the pages of the catalog, each with an example and the operations that return its code.
// Both come from the contract.
func buildProblemPages(contract []byte) ([]problemPage, error) {
	var document struct {
		Paths      map[string]struct{ Get, Put, Post, Patch, Delete operationResponses } `json:"paths"`
		Components struct {
			Responses map[string]struct {
				Content map[string]struct {
					Examples map[string]struct {
						Value json.RawMessage `json:"value"`
					} `json:"examples"`
				} `json:"content"`
			} `json:"responses"`
		} `json:"components"`
	}
	if err := json.Unmarshal(contract, &document); err != nil {
		return nil, err
	}
	returns := map[string][]string{} // operations by response
	for path, item := range document.Paths {
		for method, operation := range map[string]operationResponses{
			"GET": item.Get, "PUT": item.Put, "POST": item.Post, "PATCH": item.Patch, "DELETE": item.Delete,
		} {
			for _, response := range operation.Responses {
				name := strings.TrimPrefix(response.Ref, "#/components/responses/")
				returns[name] = append(returns[name], method+" "+path)
			}
		}
	}
	pages := make([]problemPage, len(problemCatalog))
	for i, info := range problemCatalog {
		pages[i] = problemPage{problemInfo: info, Title: statusTitle(info.Status), Operations: []string{}}
	}
	for _, name := range slices.Sorted(maps.Keys(document.Components.Responses)) {
		for _, content := range document.Components.Responses[name].Content {
			for _, example := range content.Examples {
				if err := addExample(pages, example.Value, returns[name]); err != nil {
					return nil, err
				}
			}
		}
	}
	for i := range pages {
		slices.SortFunc(pages[i].Operations, byPath)
		pages[i].Operations = slices.Compact(pages[i].Operations)
	}
	return pages, nil
}

// addExample adds an example and the operations that return it to the page of its code.
func addExample(pages []problemPage, example json.RawMessage, operations []string) error {
	var shown struct {
		Code   string
		Status int
	}
	if err := json.Unmarshal(example, &shown); err != nil {
		return err
	}
	i := slices.IndexFunc(pages, func(p problemPage) bool { return p.Code == shown.Code })
	if i < 0 {
		return nil // not a problem
	}
	pages[i].Operations = append(pages[i].Operations, operations...)
	if shown.Status == pages[i].Status { // the token endpoint uses another status
		pages[i].Example = example
	}
	return nil
}

func byPath(a, b string) int {
	methodA, pathA, _ := strings.Cut(a, " ")
	methodB, pathB, _ := strings.Cut(b, " ")
	return cmp.Or(cmp.Compare(pathA, pathB), cmp.Compare(methodA, methodB))
}

// IndentedExample returns the example as a reader expects JSON.
func (p problemPage) IndentedExample() (string, error) {
	var indented bytes.Buffer
	err := json.Indent(&indented, p.Example, "", "  ")
	return indented.String(), err
}
