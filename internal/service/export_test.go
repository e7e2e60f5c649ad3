package service

// WeightOf is what a view counts as while it is kept.
func WeightOf(v any) int { return weigh(v) }

// Accords is of how many indicators the agreement of all units is at hand.
func (s *Service) Accords() int {
	s.accords.mu.Lock()
	defer s.accords.mu.Unlock()
	return len(s.accords.by)
}
