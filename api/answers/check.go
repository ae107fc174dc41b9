package answers

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Check returns how an answer breaks the contract, or nil: a status, header, media type or body that its operation does not
// declare, a member that its schema does not name, an error that is no problem document of this very request (RFC 9457), or
// a missing security header. What it returns may repeat the answer, not the request.
func (c *Contract) Check(r *http.Request, answer *http.Response, body []byte) error {
	if err := checkHeaders(answer); err != nil {
		return err
	}
	operation, method := c.operation(r)
	if answer.StatusCode >= http.StatusBadRequest && r.Method != http.MethodHead {
		if err := c.checkProblem(operation, answer, body); err != nil {
			return err
		}
	}
	if operation == nil || answer.StatusCode == http.StatusRequestHeaderFieldsTooLarge { // answered before there is an operation
		return nil
	}
	route := &routers.Route{Spec: c.spec, Method: method, Operation: operation}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route},
		Status:                 answer.StatusCode,
		Header:                 answer.Header,
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true,
			MultiError:            true,
			ExcludeResponseBody:   r.Method == http.MethodHead,
		},
	}
	input.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(r.Context(), input); err != nil {
		return &breach{plain(err.Error()), err}
	}
	return checkBody(operation, answer, body)
}

// breach is what the library found.
type breach struct {
	text  string
	cause error
}

func (b *breach) Error() string { return b.text }

// Describe says in what an answer breaks the contract, given the error of [Contract.Check], and repeats nothing of its body,
// for logs.
func Describe(err error) string {
	var found *breach
	if !errors.As(err, &found) {
		return err.Error()
	}
	cause, text := firstOf(found.cause), "the answer"
	var answer *openapi3filter.ResponseError
	if errors.As(cause, &answer) {
		cause, text = firstOf(answer.Err), answer.Reason
	}
	var schema *openapi3.SchemaError
	if errors.As(cause, &schema) {
		text += fmt.Sprintf(": %s at /%s", schema.SchemaField, strings.Join(schema.JSONPointer(), "/"))
	}
	return text
}

// firstOf returns one of many errors, which is enough to find the others.
func firstOf(err error) error {
	var many openapi3.MultiError
	if errors.As(err, &many) && len(many) > 0 {
		return many[0]
	}
	return err
}

// plain shortens what the library says to what is wrong: it goes on with the schema and the value, in many lines.
func plain(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "Schema:" || line == "Value:" {
			break
		}
		if line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, " ")
}

// everyAnswer lists what every answer carries.
var everyAnswer = []string{"X-Request-Id", "Cache-Control", "Content-Security-Policy", "Cross-Origin-Resource-Policy", "Referrer-Policy", "X-Content-Type-Options"}

func checkHeaders(answer *http.Response) error {
	for _, name := range everyAnswer {
		if values := answer.Header.Values(name); len(values) != 1 || values[0] == "" {
			return fmt.Errorf("header %s is there %d times", name, len(values))
		}
	}
	required := map[int]string{401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}[answer.StatusCode]
	if required != "" && answer.Header.Get(required) == "" {
		return fmt.Errorf("header %s is missing", required)
	}
	return nil
}

func (c *Contract) checkProblem(operation *openapi3.Operation, answer *http.Response, body []byte) error {
	wanted := "application/problem+json"
	if operation != nil && operation.OperationID == "CreateToken" && answer.StatusCode == http.StatusBadRequest {
		wanted = "application/json" // RFC 6749, section 5.2; the rest of it is a problem all the same
	}
	if media, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); media != wanted {
		return fmt.Errorf("an error of media type %q instead of %s", media, wanted)
	}
	var problem map[string]any
	if err := json.Unmarshal(body, &problem); err != nil {
		return errors.New("the problem is not a JSON object")
	}
	if problem["status"] != float64(answer.StatusCode) || problem["request_id"] != answer.Header.Get("X-Request-Id") {
		return errors.New("the problem speaks of another status or request")
	}
	schema := c.spec.Components.Schemas["Problem"].Value
	if err := schema.VisitJSON(problem, openapi3.MultiErrors(), openapi3.VisitAsResponse()); err != nil {
		return &breach{plain(err.Error()), err}
	}
	if operation == nil {
		return undeclared(schema, problem)
	}
	return nil
}

// checkBody finds what the library lets pass: a body where none is declared, and members that are not.
func checkBody(operation *openapi3.Operation, answer *http.Response, body []byte) error {
	response := operation.Responses.Status(answer.StatusCode)
	if response == nil || answer.Request != nil && answer.Request.Method == http.MethodHead {
		return nil
	}
	if len(response.Value.Content) == 0 {
		if len(body) > 0 {
			return fmt.Errorf("a body of %d octets where none is declared", len(body))
		}
		return nil
	}
	content := response.Value.Content.Get(answer.Header.Get("Content-Type"))
	if content == nil || content.Schema == nil {
		return nil
	}
	if !utf8.Valid(body) {
		return errors.New("the body is not UTF-8 (RFC 8259, section 8.1)")
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return errors.New("the body is not JSON")
	}
	return undeclared(content.Schema.Value, value)
}
