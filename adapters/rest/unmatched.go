package rest

import "net/http"

// newUnmatched answers requests that match nothing: 405 if operations has the path with other methods, otherwise 404.
// It asks operations itself, because the mux that it belongs to matches every request.
func newUnmatched(operations *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, _ := operations.Handler(r)
		answer := headerRecorder{header: http.Header{}}
		handler.ServeHTTP(&answer, r)
		if answer.status != http.StatusMethodNotAllowed {
			writeProblem(w, r, errNotFound)
			return
		}
		w.Header().Set("Allow", answer.header.Get("Allow"))
		writeProblem(w, r, errMethodNotAllowed)
	})
}

// headerRecorder records the status and header of an answer and drops its body.
type headerRecorder struct {
	header http.Header
	status int
}

func (d *headerRecorder) Header() http.Header         { return d.header }
func (d *headerRecorder) WriteHeader(status int)      { d.status = status }
func (d *headerRecorder) Write(b []byte) (int, error) { return len(b), nil }
