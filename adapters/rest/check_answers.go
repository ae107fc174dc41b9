package rest

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"

	"example.com/postern/api/contract"
)

// withCheckedAnswers buffers every answer and sends it only if it keeps the contract. Otherwise it logs an error and
// answers 500.
func withCheckedAnswers(next http.Handler, answers *contract.Answers) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &bufferedAnswer{header: w.Header().Clone(), hold: &stateOf(r.Context()).hold}
		next.ServeHTTP(answer, r)
		if answer.status == 0 {
			answer.status = http.StatusOK
		}
		if err := answers.Check(r, &http.Response{StatusCode: answer.status, Header: answer.header, Request: r}, answer.body.Bytes()); err != nil {
			writeProblem(w, r, fmt.Errorf("the answer %d breaks the contract: %w", answer.status, err))
			return
		}
		header := w.Header()
		clear(header)
		maps.Copy(header, answer.header)
		w.WriteHeader(answer.status)
		_, _ = w.Write(answer.body.Bytes())
	})
}

// bufferedAnswer keeps an answer in memory. The size of answers is limited: the largest is a page of posts.
type bufferedAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
	hold   *budgetHold
}

func (a *bufferedAnswer) Reserve(size int) error { return a.hold.addAnswer(int64(size)) }

func (a *bufferedAnswer) Header() http.Header { return a.header }

func (a *bufferedAnswer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *bufferedAnswer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}
