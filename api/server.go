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

// setHeader adds to Vary, which others may have set for reasons of their own, and sets any other field.
func setHeader(w http.ResponseWriter, name string, value any) {
	if name == "Vary" {
		w.Header().Add(name, fmt.Sprint(value))
		return
	}
	w.Header().Set(name, fmt.Sprint(value))
}

// buffers hold answers until they are whole, so that one that cannot be encoded becomes an error instead of half an answer.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxKeptBuffer bounds, in octets, what a buffer may hold on to for the next answer.
const maxKeptBuffer = 64 << 10

func writeJSON(w http.ResponseWriter, status int, mediaType string, body any) error {
	buffer := buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	defer func() {
		if buffer.Cap() <= maxKeptBuffer {
			buffers.Put(buffer)
		}
	}()
	if err := json.MarshalWrite(buffer, body); err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}
	buffer.WriteByte('\n')
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(buffer.Bytes()) // the client is gone
	return nil
}
