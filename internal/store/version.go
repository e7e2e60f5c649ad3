package store

import (
	"context"
	"time"

	"luoshi.dev"
)

// A noun of the plan is never overwritten: these are all its versions recorded by
// an instant, the oldest first, each with the instant from which it was known.

const ofCode = `WHERE code = $1 AND recorded_at <= $2 ORDER BY version`

// SchemeVersions returns every version of a light scheme.
func (s *Store) SchemeVersions(ctx context.Context, code string, asOf time.Time) ([]luoshi.Scheme, error) {
	list, err := schemeFacts().read(ctx, s, s.read, ofCode, code, micros(asOf))
	return nouns(list), err
}

// IndicatorVersions returns every version of an indicator.
func (s *Store) IndicatorVersions(ctx context.Context, code string, asOf time.Time) ([]luoshi.Indicator, error) {
	list, err := indicatorFacts().read(ctx, s, s.read, ofCode, code, micros(asOf))
	out := make([]luoshi.Indicator, len(list))
	for i, v := range list {
		out[i] = v.noun.Indicator
	}
	return out, err
}

// SetVersions returns every version of an indicator set, with its items.
func (s *Store) SetVersions(ctx context.Context, code string, asOf time.Time) ([]luoshi.IndicatorSet, error) {
	list, err := setFacts().read(ctx, s, s.read, ofCode, code, micros(asOf))
	if err != nil {
		return nil, err
	}
	items, err := itemsOf(ctx, s, setItems(), code)
	for i, v := range list {
		list[i].noun.Items = items[v.version]
	}
	return nouns(list), err
}

// GoalVersions returns every version of a goal, with its items.
func (s *Store) GoalVersions(ctx context.Context, code string, asOf time.Time) ([]luoshi.Goal, error) {
	list, err := goalFacts().read(ctx, s, s.read, ofCode, code, micros(asOf))
	if err != nil {
		return nil, err
	}
	items, err := itemsOf(ctx, s, goalItems(), code)
	for i, v := range list {
		list[i].noun.Items = items[v.version]
	}
	return nouns(list), err
}

// itemsOf returns the items of one set or goal by the version that they belong to.
func itemsOf[T any](ctx context.Context, s *Store, t table[item[T]], code string) (map[int][]T, error) {
	rows, err := t.read(ctx, s, s.read, "WHERE code = $1 ORDER BY version, position", code)
	out := map[int][]T{}
	for _, r := range rows {
		out[r.version] = append(out[r.version], r.noun)
	}
	return out, err
}
