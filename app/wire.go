package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"

	"example.com/postern/adapters/argon2id"
	"example.com/postern/adapters/jwt"
	"example.com/postern/adapters/rest"
	"example.com/postern/domain"
)

// service is everything that is wired together.
type service struct {
	handler     http.Handler
	store       store
	ring        *jwt.Ring
	keysCreated bool
	draining    atomic.Bool
}

// open makes the adapters and the services on them.
func (c *config) open(ctx context.Context, log *slog.Logger) (_ *service, err error) {
	if !c.databaseURL.IsSet() {
		if err := c.makeDataDir(); err != nil {
			return nil, err
		}
	}
	s := &service{}
	if s.ring, s.keysCreated, err = c.serviceRing(log); err != nil {
		return nil, fmt.Errorf("the keys of POSTERN_KEYS_FILE: %w", err)
	}
	if s.store, err = c.openStore(ctx); err != nil {
		return nil, err
	}
	if s.handler, err = c.newHandler(ctx, s, log); err != nil {
		_ = s.close()
		return nil, err
	}
	return s, nil
}

// serviceRing returns the keys to serve with, and tells whether they were made just now, which only those of the embedded
// store ever are.
func (c *config) serviceRing(log *slog.Logger) (*jwt.Ring, bool, error) {
	if !c.databaseURL.IsSet() {
		return c.openOrCreateRing(log)
	}
	ring, err := c.openRing(log)
	return ring, false, err
}

func (c *config) newHandler(ctx context.Context, s *service, log *slog.Logger) (http.Handler, error) {
	hasher, err := argon2id.New(argon2id.Options{Workers: c.HashWorkers, Queue: c.HashQueue})
	if err != nil {
		return nil, err
	}
	tokens := jwt.NewTokenService(s.ring, jwt.Options{Issuer: c.TokenIssuer, Audience: c.TokenAudience})
	auth, err := domain.NewAuthService(ctx, s.store, tokens, hasher, clock, c.TokenTTL)
	if err != nil {
		return nil, err
	}
	return rest.NewHandler(rest.Options{
		Auth:           auth,
		Users:          domain.NewUserService(s.store),
		Posts:          domain.NewPostService(s.store, clock),
		Cursors:        s.ring,
		Ready:          s.ready,
		Log:            log,
		AllowedOrigins: c.CORSOrigins,
		TrustedProxies: c.TrustedProxies,
		UntrustedForward: func() {
			log.Warn("X-Forwarded-For is ignored: its sender is not in POSTERN_TRUSTED_PROXIES")
		},
	})
}

// ready tells whether the service may be sent requests.
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
