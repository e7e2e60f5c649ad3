package service

// WeightOf is what a view counts as while it is kept.
func WeightOf(v any) int { return weigh(v) }
