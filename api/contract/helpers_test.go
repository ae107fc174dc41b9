package contract_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
	"example.com/postern/api/contract"
	"example.com/postern/api/internal/yamljson"
)

const document = `
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /notes/{id}:
    put:
      operationId: PutNote
      security: [{bearer: []}]
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer, minimum: 1, maximum: 9007199254740991}}
        - {name: since, in: query, schema: {type: string, format: date-time, maxLength: 35}}
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
        - {name: mine, in: query, schema: {type: boolean}}
        - {name: word, in: query, schema: {type: string, minLength: 1, maxLength: 5, pattern: '^[^\x00]*$'}}
        - {name: If-Match, in: header, schema: {type: string, format: tags}}
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Note'}}
          application/merge-patch+json: {schema: {$ref: '#/components/schemas/Note'}}
      responses: {'204': {description: Done.}}
  /login:
    post:
      operationId: Login
      security: [{}]
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Login'}}
          multipart/form-data: {schema: {$ref: '#/components/schemas/Login'}}
      responses: {'204': {description: Done.}}
  /logout:
    post:
      operationId: Logout
      security: [{bearer: []}, {}]
      x-proof: token
      requestBody:
        content:
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Logout'}}
      responses: {'204': {description: Done.}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    Note:
      type: object
      additionalProperties: false
      required: [title, text]
      properties:
        title: {type: string, minLength: 1, maxLength: 3}
        text: {type: string, maxLength: 2000, pattern: '^[^\x00]*$'}
        published: {type: boolean}
        color: {type: string, enum: [red, green], nullable: true}
        rank: {type: integer, minimum: 0, maximum: 9}
        mark: {oneOf: [{type: string, pattern: '^[a-z]+$'}, {type: integer, minimum: 1}]}
        tags: {type: array, maxItems: 2, items: {type: string, maxLength: 2}}
        author:
          type: object
          additionalProperties: false
          required: [name]
          properties: {name: {type: string}}
        id: {type: integer, readOnly: true}
        owner: {type: object, readOnly: true, properties: {id: {type: integer}}}
    Login:
      type: object
      required: [username, password]
      properties:
        username: {type: string, minLength: 1, maxLength: 254}
        password: {type: string, format: password, maxLength: 1024, pattern: '^[^\x00]*$'}
    Logout:
      type: object
      properties: {token: {type: string, maxLength: 100}}
`

func compile(t testing.TB, text string) (*contract.Contract, error) {
	t.Helper()
	converted, err := yamljson.Convert([]byte(text))
	require.NoError(t, err)
	tags := contract.Format{List: true, Check: func(_ *http.Request, _ url.Values, value string) contract.Fault {
		if strings.Contains(value, "!") {
			return contract.Fault{Code: api.FieldProblemCodeFormat, Detail: "must be a list of tags"}
		}
		return contract.Fault{}
	}}
	return contract.New(converted, map[string]contract.Format{"tags": tags})
}

// testServer reads requests with the operations of the test document.
type testServer struct {
	t   testing.TB
	mux *http.ServeMux

	in  api.Input // result of the last request
	err error
}

func newTestServer(t testing.TB) *testServer {
	t.Helper()
	c, err := compile(t, document)
	require.NoError(t, err)
	s := &testServer{t: t, mux: http.NewServeMux()}
	for _, pattern := range []string{"PUT /notes/{id}", "POST /login", "POST /logout"} {
		op := c.Operation(pattern)
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.in, s.err = op.Read(w, r) })
	}
	return s
}

func (s *testServer) send(r *http.Request) (api.Input, error) {
	s.in, s.err = api.Input{}, errors.New("not served")
	s.mux.ServeHTTP(httptest.NewRecorder(), r)
	return s.in, s.err
}

func request(method, target, media, body string, header ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

// fieldErrors returns the invalid fields of an error as "in name code".
func fieldErrors(t testing.TB, err error) (fields []string) {
	t.Helper()
	var invalid *contract.Invalid
	if !errors.As(err, &invalid) {
		require.NoError(t, err)
		return nil
	}
	for _, f := range invalid.Fields {
		name := f.Name
		if name == nil {
			name = f.Pointer
		}
		fields = append(fields, string(f.In)+" "+*name+" "+string(f.Code))
	}
	return fields
}
