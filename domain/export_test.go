package domain

// SetMax sets how many ends are held in memory.
func (e *EndedSessions) SetMax(n int) { e.max = n }
