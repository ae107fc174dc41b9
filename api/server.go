package api

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/oapi-codegen/runtime"
)

// Handler binds a request that fits the contract to the arguments of its operation, calls it, and writes its answer. If it
// returns an error, it has written nothing.
type Handler[Call any] func(w http.ResponseWriter, r *http.Request, call Call, in Input) error

// BindError is a request that fits the contract, but not the generated types.
type BindError struct{ cause error }

// Error implements error. The cause may repeat what was sent, so only its type is told.
func (e *BindError) Error() string { return fmt.Sprintf("bind a request: %T", e.cause) }

// bindRequired sets the target to a value that the contract has checked.
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

// setHeader sets a field, or adds to Vary, which middleware may have set. An empty value leaves the field as middleware set it.
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

// answer is an encoded answer. It is whole before any of it is written, so that one that cannot be encoded becomes an error instead
// of half an answer.
type answer struct{ bytes.Buffer }

var answers = sync.Pool{New: func() any { return new(answer) }}

// maxKept bounds, in octets, what an answer may hold on to for the next one.
const maxKept = 64 << 10

// reserver is a ResponseWriter that counts the memory of answers. An error means that there is no room for this one.
type reserver interface{ Reserve(octets int) error }

// encode returns an answer, which must be sent. If it returns an error, nothing was written, and no header was set.
func encode(w http.ResponseWriter, body any) (*answer, error) {
	a := answers.Get().(*answer)
	a.Reset()
	if err := json.MarshalWrite(&a.Buffer, body); err != nil {
		a.free()
		return nil, fmt.Errorf("encode an answer: %w", err)
	}
	a.WriteByte('\n')
	if counted, ok := w.(reserver); ok {
		if err := counted.Reserve(a.Cap()); err != nil {
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
	_, _ = w.Write(a.Bytes()) // the client is gone
}

func (a *answer) free() {
	if a.Cap() <= maxKept {
		answers.Put(a)
	}
}
