package api

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/oapi-codegen/runtime"
)

// Input is the content of a request. It has been checked against the contract.
type Input struct {
	Header http.Header
	Query  url.Values
	Form   url.Values // nil unless the body is a form
	Body   []byte     // the body as it was sent; nil if the body is a form
}

// Handler binds a valid request to the arguments of its operation, calls the operation and writes the answer. If it
// returns an error, it has written nothing.
type Handler[State any] func(w http.ResponseWriter, r *http.Request, state State, in Input) error

// BindError is the error for a request that conforms to the contract but does not fit the generated types.
type BindError struct{ cause error }

// Error implements error. It gives only the type of the cause, because the cause may repeat a value from the request.
func (e *BindError) Error() string { return fmt.Sprintf("bind a request: %T", e.cause) }

// bindRequired parses a value into the target.
func bindRequired[T any](target *T, value string) error {
	return runtime.BindStringToObject(value, target)
}

func bindOptional[T any](target **T, values []string) error {
	if len(values) == 0 {
		return nil
	}
	*target = new(T)
	return bindRequired(*target, values[0])
}

func bindBody[T any](target **T, in Input) error {
	*target = new(T)
	if in.Form != nil {
		return runtime.BindForm(*target, in.Form, nil, nil)
	}
	return json.Unmarshal(in.Body, *target)
}

// setHeader sets a header. It adds to Vary, which middleware may have set, and ignores an empty value.
func setHeader[T any](w http.ResponseWriter, name string, value T) {
	text, isText := any(value).(string)
	if !isText {
		text = fmt.Sprint(value)
	}
	if text == "" {
		return
	}
	if name == "Vary" {
		w.Header().Add(name, text)
		return
	}
	w.Header().Set(name, text)
}

// answer is an encoded answer. It is complete before any of it is written, so a failure to encode it never leaves a
// partial answer.
type answer struct{ bytes.Buffer }

var answers = sync.Pool{New: func() any { return new(answer) }}

// maxPooled is the maximum capacity, in bytes, of a buffer that is reused.
const maxPooled = 64 << 10

// reserver is a ResponseWriter that limits the memory of answers. Reserve returns an error if there is no room for an
// answer.
type reserver interface{ Reserve(size int) error }

// encode returns an encoded answer. The caller must send it, which frees its buffer. After an error, no header has been
// set.
func encode(w http.ResponseWriter, body any) (*answer, error) {
	a := answers.Get().(*answer)
	a.Reset()
	if err := json.MarshalWrite(&a.Buffer, body); err != nil {
		a.free()
		return nil, fmt.Errorf("encode an answer: %w", err)
	}
	a.WriteByte('\n')
	if limited, ok := w.(reserver); ok {
		if err := limited.Reserve(a.Cap()); err != nil {
			a.free()
			return nil, err
		}
	}
	return a, nil
}

func (a *answer) send(w http.ResponseWriter, status int, mediaType string) {
	defer a.free()
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(a.Bytes()) // fails only if the client is gone
}

func (a *answer) free() {
	if a.Cap() <= maxPooled {
		answers.Put(a)
	}
}
