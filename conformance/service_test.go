package conformance_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest"
	"example.com/postern/adapters/token"
	"example.com/postern/conformance"
	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
	"example.com/postern/domain/throttle"
)

// clock returns the time in the precision of the stores.
func clock() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

type systemClock struct{}

func (systemClock) Now() time.Time         { return clock() }
func (systemClock) Elapsed() time.Duration { return time.Since(started) }

var started = time.Now()

// newHandler returns the service with a fake store and password hasher.
func newHandler(t *testing.T) http.Handler {
	t.Helper()
	ring, err := token.FromSecret([]byte(rand.Text()+rand.Text()), nil)
	require.NoError(t, err)
	store, events := domaintest.NewStore(), &domaintest.Events{}
	store.Clock = clock
	limits := throttle.DefaultLimits()
	limits.SignUps = 10_000 // many runs share one service
	ended := domain.NewRevocations(store, systemClock{})
	auth, err := domain.NewAuth(domain.AuthOptions{
		Store: store, Tokens: token.NewService(ring, token.Options{Issuer: "postern", Audience: "postern"}), Refresh: ring,
		Hasher: &domaintest.Hasher{}, Clock: systemClock{}, Revocations: ended, Events: events, TokenLife: 30 * time.Minute,
		SessionIdle: time.Hour, SessionLife: 24 * time.Hour, MinPassword: domain.MinPassword, Limits: limits, KeyedHash: domaintest.KeyedHash,
	})
	require.NoError(t, err)
	handler, err := rest.NewHandler(rest.Options{
		Auth: auth, Sessions: domain.NewSessions(store, systemClock{}, ring, ended, events), Users: domain.NewUsers(store, nil),
		Posts: domain.NewPosts(store, systemClock{}, 0, nil), Exports: domain.NewExports(store, ended, 100, time.Minute),
		Keys: ring.JWKS, Cursors: ring,
		Emails: domain.NewEmails(auth, ring, &url.URL{Scheme: "https", Host: "postern.example"}),
		Ready:  func(context.Context) error { return nil }, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	return handler
}

// conform runs the cases that match a pattern against a handler. An empty pattern matches all.
func conform(t *testing.T, handler http.Handler, pattern string, change ...func(*conformance.Options)) *conformance.Report {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	options := conformance.Options{Target: server.URL, Pattern: regexp.MustCompile(pattern), Level: conformance.Hardening, Timeout: 5 * time.Second}
	for _, c := range change {
		c(&options)
	}
	report, err := conformance.Run(t.Context(), options)
	require.NoError(t, err)
	return report
}

// sharedReport is a report that several tests read. The first of them makes it.
type sharedReport struct {
	once   sync.Once
	report *conformance.Report
}

func (s *sharedReport) get(t *testing.T, make func() *conformance.Report) *conformance.Report {
	t.Helper()
	s.once.Do(func() { s.report = make() })
	require.NotNil(t, s.report, "the test that made the report failed")
	return s.report
}

func requireNoBreach(t *testing.T, report *conformance.Report) {
	t.Helper()
	for _, failed := range report.Breaches() {
		t.Error(failed)
	}
}
