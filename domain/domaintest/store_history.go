package domaintest

import "example.com/postern/domain"

// Begin returns a transaction that holds nobody up. Commit keeps what it did and reports true, or keeps nothing and reports
// false if the store was written to since Begin.
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

// Backup returns a function that puts the store back to what it holds now, as restoring a backup does. The throttles stay.
func (s *Store) Backup() (restore func()) {
	saved := s.snapshot()
	return func() {
		s.turn <- struct{}{}
		defer func() { <-s.turn }()
		s.keep(saved.clone())
	}
}
