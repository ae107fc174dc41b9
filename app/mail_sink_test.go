package main

import (
	"io"
	"log"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// sink is a mail server that remembers what it accepts.
type sink struct {
	url string

	mu    sync.Mutex
	mails map[string]int // by "subject to address": how often it came
}

// serveSink runs a mail server until the test ends.
func serveSink(t *testing.T, listener net.Listener) *sink {
	t.Helper()
	s := &sink{url: "smtp+plain://" + listener.Addr().String(), mails: map[string]int{}}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &sinkSession{sink: s}, nil }))
	server.Domain, server.ErrorLog = "mail.example", log.New(io.Discard, "", 0) // a client that is killed is not an error
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); <-ended })
	return s
}

// seen returns all mails, and how many came more often than once.
func (s *sink) seen() (mails map[string]int, duplicates int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mails = map[string]int{}
	for name, n := range s.mails {
		mails[name] = n
		duplicates += n - 1
	}
	return mails, duplicates
}

type sinkSession struct {
	sink *sink
	to   string
}

func (*sinkSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }

func (s *sinkSession) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	message, err := mail.ReadMessage(strings.NewReader(string(content)))
	if err != nil {
		return err
	}
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.mails[message.Header.Get("Subject")+" to "+s.to]++
	return nil
}

func (*sinkSession) Reset()        {}
func (*sinkSession) Logout() error { return nil }
