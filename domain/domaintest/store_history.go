package domaintest

import "example.com/postern/domain"

// Begin returns a transaction that does not block others. commit reports whether it committed: it does not if the store has
// changed since Begin.
func (s *Store) Begin() (_ domain.Repositories, commit func() bool) {
	t := &tx{tables: s.snapshot().clone()}
	return t, func() bool {
		s.turn <- struct{}{}
		defer func() { <-s.turn }()
		done := t.end()
		if s.snapshot().version != done.version {
			return false
		}
		s.keep(done)
		return true
	}
}

// Backup returns a function that restores the current state of the store, except for the counters of throttles.
func (s *Store) Backup() (restore func()) {
	saved := s.snapshot()
	return func() {
		s.turn <- struct{}{}
		defer func() { <-s.turn }()
		s.keep(saved.clone())
	}
}
