package main

import (
	"context"
	"strings"
	"syscall"
	"time"

	"example.com/postern/adapters/metrics"
	"example.com/postern/adapters/password"
	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/rest"
	"example.com/postern/adapters/sqlite"
	"example.com/postern/domain"
)

// docs/operations.md describes every metric.

// openCountedStore opens the store of the service, with metrics.
func (c *config) openCountedStore(ctx context.Context, m *metrics.Registry) (store, error) {
	if c.databaseURL.IsSet() {
		return c.openStore(ctx, c.DataDir, sqlite.Options{}, postgres.Options{
			Retried:        m.Counter("postern_store_retries_total"),
			OutcomeUnknown: m.Counter("postern_store_unknown_outcomes_total"),
			MaxReadTxs:     c.Exports,
		})
	}
	m.Gauge("postern_disk_free_bytes", func() float64 { return freeBytes(c.DataDir) })
	observe := m.Histogram("postern_commit_group_writes", []float64{1, 2, 4, 8, 16, 32, 64, 128, 256})
	return c.openStore(ctx, c.DataDir, sqlite.Options{
		Synchronous: strings.ToUpper(c.SQLiteSynchronous),
		Committed:   func(writes int) { observe(float64(writes)) },
	}, postgres.Options{})
}

// freeBytes returns how much an unprivileged user may still write to the file system of a folder, or 0 if that is unknown.
func freeBytes(folder string) float64 {
	var state syscall.Statfs_t
	if err := syscall.Statfs(folder, &state); err != nil {
		return 0
	}
	return float64(state.Bavail) * float64(state.Bsize)
}

// addMetrics adds the metrics of an open service whose values are read at each scrape.
func (s *service) addMetrics() {
	m := s.metrics
	version, commit := build()
	m.Gauge("postern_build_info", func() float64 { return 1 }, "version", version, "commit", commit)
	m.Gauge("postern_revocation_staleness_seconds", func() float64 { return s.ended.Staleness().Seconds() })
	m.Gauge("postern_search_backlog_posts", func() float64 { return float64(s.searchBacklog.Load()) })
	m.Gauge("postern_mails_waiting", func() float64 { return float64(s.mailBacklog.Last().Waiting) })
	m.Gauge("postern_mails_buried", func() float64 { return float64(s.mailBacklog.Last().Buried) })
	m.Gauge("postern_mail_oldest_age_seconds", func() float64 { return s.mailBacklog.Last().Age.Seconds() })
	for _, kind := range domain.MailKinds {
		for _, outcome := range domain.MailOutcomes {
			countMail(m, kind, outcome)
		}
	}
	const connections = "db_client_connection_count"
	m.Gauge(connections, func() float64 { used, _ := s.store.Connections(); return float64(used) }, "state", "used")
	m.Gauge(connections, func() float64 { _, idle := s.store.Connections(); return float64(idle) }, "state", "idle")
	for _, limit := range rest.Limits {
		m.AddLimit(limit)
	}
	for _, name := range domain.SecurityEventNames {
		countEvent(m, name)
	}
}

// newHasher is [password.New]. Tests replace it, because they need no strong hashes.
var newHasher = password.New

// newCountedHasher returns a hasher with metrics of its queue.
func (c *config) newCountedHasher(m *metrics.Registry) (*password.Hasher, error) {
	observe := m.Histogram("postern_hash_wait_seconds", []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2})
	hasher, err := newHasher(password.Options{
		Workers: c.HashWorkers, Queue: c.HashQueue, Waited: func(d time.Duration) { observe(d.Seconds()) },
	})
	if err != nil {
		return nil, err
	}
	m.Gauge("postern_hash_queue_length", func() float64 { return float64(hasher.Waiting()) })
	m.Gauge("postern_hash_queue_capacity", func() float64 { return float64(hasher.QueueSize()) })
	return hasher, nil
}

// countedEvents counts the security events that it passes on.
type countedEvents struct {
	domain.SecurityLog
	metrics *metrics.Registry
}

// Record implements [domain.SecurityLog].
func (l countedEvents) Record(ctx context.Context, e domain.SecurityEvent) {
	countEvent(l.metrics, e.Name)()
	l.SecurityLog.Record(ctx, e)
}

// countEvent returns the function that counts a security event. The metric exists from then on.
func countEvent(m *metrics.Registry, name domain.SecurityEventName) func() {
	return m.Counter("postern_security_events_total", "event", string(name))
}

// counted returns the task with metrics of its runs. Until the first success, the start of the process counts as one.
func counted(t task, m *metrics.Registry) task {
	succeeded := m.Time("postern_background_task_last_success_timestamp_seconds", "task", t.name)
	failed := m.Counter("postern_background_task_failures_total", "task", t.name)
	run := t.run
	t.run = func(ctx context.Context) error {
		err := run(ctx)
		if err != nil {
			failed()
		} else {
			succeeded()
		}
		return err
	}
	return t
}
