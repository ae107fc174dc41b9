package rest

import "net/http"

// newUnmatched answers requests that are no operation. It knows a path that does not exist from one that lacks the method: the mux,
// which holds the operations alone, says which methods there are.
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

// headerRecorder keeps the status and header of an answer.
type headerRecorder struct {
	header http.Header
	status int
}

func (d *headerRecorder) Header() http.Header         { return d.header }
func (d *headerRecorder) WriteHeader(status int)      { d.status = status }
func (d *headerRecorder) Write(b []byte) (int, error) { return len(b), nil }
