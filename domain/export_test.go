package domain

// SetMax sets how many ends are held in memory.
func (e *EndedSessions) SetMax(n int) { e.max = n }

// MaxWriters is how many accounts a WriteLimiter counts.
const MaxWriters = maxWriters

// Take counts a write.
func (l *WriteLimiter) Take(id UserID) error { return l.take(id) }

// Len returns how many accounts are counted.
func (l *WriteLimiter) Len() int { return len(l.full) }
