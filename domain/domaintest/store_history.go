package domaintest

import "example.com/postern/domain"

// Begin returns a transaction that blocks no others. Commit keeps its changes and reports true. If the store was changed since Begin,
// Commit keeps nothing and reports false.
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

// Backup returns a function that restores the store to its present state. It does not restore the counters of throttles.
func (s *Store) Backup() (restore func()) {
	saved := s.snapshot()
	return func() {
		s.turn <- struct{}{}
		defer func() { <-s.turn }()
		s.keep(saved.clone())
	}
}
