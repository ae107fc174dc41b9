package rest

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"

	"example.com/postern/api/contract"
)

// withCheckedAnswers holds every answer back until it is whole, and sends it only if the contract has it. One that breaks the
// contract is a fault of ours: 500, and logged.
func withCheckedAnswers(next http.Handler, answers *contract.Answers) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		held := &heldAnswer{header: w.Header().Clone(), work: &callOf(r.Context()).work}
		next.ServeHTTP(held, r)
		if held.status == 0 {
			held.status = http.StatusOK
		}
		if err := answers.Check(r, &http.Response{StatusCode: held.status, Header: held.header, Request: r}, held.body.Bytes()); err != nil {
			writeProblem(w, r, fmt.Errorf("the answer %d breaks the contract: %w", held.status, err))
			return
		}
		header := w.Header()
		clear(header)
		maps.Copy(header, held.header)
		w.WriteHeader(held.status)
		_, _ = w.Write(held.body.Bytes())
	})
}

// heldAnswer is an answer in memory. Answers are bounded: the largest is a page of posts.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
	work   *work
}

func (h *heldAnswer) Reserve(octets int) error { return h.work.holdAnswer(int64(octets)) }

func (h *heldAnswer) Header() http.Header { return h.header }

func (h *heldAnswer) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

func (h *heldAnswer) Write(b []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(b)
}
