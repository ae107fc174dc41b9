package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"example.com/postern/adapters/metrics"
	"example.com/postern/adapters/rest"
	"example.com/postern/adapters/token"
	"example.com/postern/domain"
	"example.com/postern/domain/revocation"
	"example.com/postern/domain/throttle"
)

// service is a store with the handler and the background tasks that use it.
type service struct {
	handler     http.Handler
	store       store
	ring        *token.Ring
	ended       *revocation.List
	metrics     *metrics.Registry
	keysCreated bool
	draining    atomic.Bool

	searchBacklog atomic.Int64 // see countBacklog

	mail        *domain.MailSender
	mailBacklog *domain.MailBacklog
}

// open opens the keys and the store, and loads what must be known before the first request.
func (c *config) open(ctx context.Context, log *slog.Logger) (_ *service, err error) {
	if !c.databaseURL.IsSet() {
		if err := refuseForeign(c.DataDir, databaseName); err != nil {
			return nil, refuse("POSTERN_DATA_DIR",
				"(--data-dir) is not a folder for root: "+err.Error()+": start the service as that user")
		}
		if err := c.makeDataDir(); err != nil {
			return nil, err
		}
	}
	s := &service{metrics: metrics.New()}
	if s.ring, s.keysCreated, err = c.serviceRing(log); err != nil {
		return nil, fmt.Errorf("the keys of POSTERN_KEYS_FILE: %w", err)
	}
	s.store, err = c.openCountedStore(ctx, s.metrics)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = s.close()
		}
	}()
	// No access token may be accepted before the ended sessions are known.
	s.ended = domain.NewRevocations(s.store.Monitor(), systemClock{})
	if err := s.ended.Load(ctx); err != nil {
		return nil, fmt.Errorf("load the ended sessions: %w", err)
	}
	s.mailBacklog = domain.NewMailBacklog(s.store, c.MailBacklog)
	// An error is ignored, because the task that counts mails logs it, and the service can start without the number.
	_ = s.mailBacklog.Sample(ctx)
	s.addMetrics()
	return s, nil
}

// connect creates the domain's services and the handler, and connects them. local is the URL of the service on this machine.
func (c *config) connect(s *service, local string, log *slog.Logger) error {
	hasher, err := c.newCountedHasher(s.metrics)
	if err != nil {
		return err
	}
	tokens := token.NewService(s.ring, token.Options{Issuer: c.TokenIssuer, Audience: c.TokenAudience})
	events := countedEvents{securityLog{log}, s.metrics}
	auth, err := domain.NewAuth(domain.AuthOptions{
		Store:       s.store,
		Tokens:      tokens,
		Refresh:     s.ring,
		Hasher:      hasher,
		Clock:       systemClock{},
		Revocations: s.ended,
		Events:      events,
		TokenLife:   c.TokenTTL,
		SessionIdle: c.SessionIdle,
		SessionLife: c.SessionLifetime,
		MinPassword: c.PasswordMin,
		MaxLogins:   2 * hasher.QueueSize(), // one network may have half of them, enough to fill the queue
		Limits:      throttle.Limits(c.Guessing),
		KeyedHash:   s.ring.KeyedHash,
		Notices:     c.MailNotices == "on",
		Backlog:     s.mailBacklog,
	})
	if err != nil {
		return err
	}
	link, err := url.Parse(c.mailLink(local))
	if err != nil {
		return refuse("POSTERN_MAIL_LINK", "is not a URL")
	}
	if c.hasUselessLinks(local) {
		log.Warn("links in mails lead to this machine: set POSTERN_PUBLIC_URL or POSTERN_MAIL_LINK", slog.String("link", link.String()))
	}
	emails := domain.NewEmails(auth, s.ring, link)
	s.mail = domain.NewMailSender(domain.MailSenderOptions{
		Store: s.store, Clock: systemClock{}, Mailer: c.newMailer(c.DataDir, log), Compose: emails.Compose,
		Observe: (&mailLog{log: log, metrics: s.metrics}).attempted,
	})
	writes := throttle.NewLimiter(systemClock{}, c.WritesBurst, c.WritesPerMinute)
	name, _ := build()
	s.handler, err = rest.NewHandler(rest.Options{
		Auth:           auth,
		Sessions:       domain.NewSessions(s.store, systemClock{}, s.ring, s.ended, events),
		Users:          domain.NewUsers(s.store, writes),
		Posts:          domain.NewPosts(s.store, systemClock{}, c.SearchWorkers, writes),
		Exports:        domain.NewExports(s.store, s.ended, c.Exports, c.ExportTimeout),
		Emails:         emails,
		VerifiedSignUp: c.Signup == "verified",
		Cursors:        s.ring,
		Keys:           s.ring.JWKS,
		Ready:          s.ready,
		Log:            log,
		Observe:        s.metrics,
		AllowedOrigins: c.CORSOrigins,
		TrustedProxies: c.TrustedProxies,
		CheckAnswers:   c.ValidateResponses == "on",
		UntrustedForward: func() {
			log.Warn("X-Forwarded-For is ignored: its sender is not in POSTERN_TRUSTED_PROXIES")
		},
		PublicURL:    c.PublicURL,
		WorkMemory:   c.WorkMemory << 20,
		WorkRequests: c.WorkRequests,
		Version:      name,
	})
	return err
}

// ready returns nil if the service can answer requests.
func (s *service) ready(ctx context.Context) error {
	if s.draining.Load() {
		return rest.ErrDraining
	}
	return s.store.Ping(ctx)
}

func (s *service) close() error {
	if err := s.store.Close(); err != nil {
		return fmt.Errorf("close the store: %w", err)
	}
	return nil
}

// started is the start of the process.
var started = time.Now()

// systemClock is the [domain.Clock] of the process.
type systemClock struct{}

var _ domain.Clock = systemClock{}

// Now implements [domain.Clock].
func (systemClock) Now() time.Time { return clock() }

// Elapsed returns the time since the start of the process, by the monotonic clock. That clock stops while the machine sleeps.
func (systemClock) Elapsed() time.Duration { return time.Since(started) }

// clock returns the current time in UTC, in the precision of the stores.
func clock() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
