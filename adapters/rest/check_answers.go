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
		answer := &bufferedAnswer{ResponseWriter: w, header: w.Header().Clone(), memory: &stateOf(r.Context()).memory}
		answer.check = func(part []byte) error {
			return answers.Check(r, &http.Response{StatusCode: answer.status, Header: answer.header, Request: r}, part)
		}
		next.ServeHTTP(answer, r)
		if answer.streams {
			return
		}
		if answer.status == 0 {
			answer.status = http.StatusOK
		}
		if err := answer.check(answer.body.Bytes()); err != nil {
			writeProblem(w, r, fmt.Errorf("the answer %d breaks the contract: %w", answer.status, err))
			return
		}
		answer.sendHeader()
		_, _ = w.Write(answer.body.Bytes())
	})
}

// bufferedAnswer keeps an answer in memory. The largest is a page of posts. An answer of lines has no limit, so each line is
// checked and sent as soon as it is complete.
type bufferedAnswer struct {
	http.ResponseWriter // gets the answer
	header              http.Header
	status              int
	body                bytes.Buffer
	memory              *memory
	check               func(part []byte) error // checks the answer, or whole lines of it
	streams             bool                    // lines were sent
}

// Unwrap supports [http.ResponseController].
func (a *bufferedAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *bufferedAnswer) sendHeader() {
	header := a.ResponseWriter.Header()
	clear(header)
	maps.Copy(header, a.header)
	a.ResponseWriter.WriteHeader(a.status)
}

func (a *bufferedAnswer) Reserve(size int) error { return a.memory.addAnswer(int64(size)) }

func (a *bufferedAnswer) Header() http.Header { return a.header }

func (a *bufferedAnswer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *bufferedAnswer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	n, _ := a.body.Write(b)
	if a.header.Get("Content-Type") != contract.MediaLines {
		return n, nil
	}
	lines := a.body.Next(bytes.LastIndexByte(a.body.Bytes(), '\n') + 1)
	if err := a.check(lines); err != nil {
		return 0, fmt.Errorf("a line of the answer breaks the contract: %w", err)
	}
	if !a.streams {
		a.streams = true
		a.sendHeader()
	}
	_, err := a.ResponseWriter.Write(lines)
	return n, err
}
