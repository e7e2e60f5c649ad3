package store

import (
	"context"
	"slices"
	"time"

	"luoshi.dev"
)

// item is a row below a version of a set or a goal.
type item[T any] struct {
	code              string
	version, position int
	noun              T
}

// below is the key under which items belong to their version.
type below struct {
	code    string
	version int
}

// readItems returns all rows of an item table by what they belong to.
func readItems[T any](ctx context.Context, s *Store, t table[item[T]]) (map[below][]T, error) {
	rows, err := t.read(ctx, s, s.read, "ORDER BY code, version, position")
	out := map[below][]T{}
	for _, r := range rows {
		k := below{r.code, r.version}
		out[k] = append(out[k], r.noun)
	}
	return out, err
}

func setFacts() facts[luoshi.IndicatorSet, string] {
	return facts[luoshi.IndicatorSet, string]{
		table: table[versioned[luoshi.IndicatorSet]]{
			name:    "indicator_set",
			columns: `code version name_hans name_hant name_en recorded_at`,
			fields: func(v *versioned[luoshi.IndicatorSet]) []any {
				return slices.Concat([]any{&v.noun.Code, &v.version}, names(&v.noun.Names), []any{&v.noun.RecordedAt})
			},
		},
		key:      func(n *luoshi.IndicatorSet) string { return n.Code },
		recorded: func(n *luoshi.IndicatorSet) *int64 { return &n.RecordedAt },
	}
}

func setItems() table[item[luoshi.SetItem]] {
	return table[item[luoshi.SetItem]]{
		name:    "set_item",
		columns: `code version position indicator weight`,
		fields: func(v *item[luoshi.SetItem]) []any {
			return []any{&v.code, &v.version, &v.position, &v.noun.Indicator, &v.noun.Weight}
		},
	}
}

// Sets returns the indicator sets as known at asOf, by code.
func (s *Store) Sets(ctx context.Context, asOf time.Time) ([]luoshi.IndicatorSet, error) {
	list, err := setFacts().newest(ctx, s, s.read, asOf, "code")
	if err != nil {
		return nil, err
	}
	items, err := readItems(ctx, s, setItems())
	for i, v := range list {
		list[i].noun.Items = items[below{v.noun.Code, v.version}]
	}
	return nouns(list), err
}

// AddSets adds indicator sets, or new versions of them.
func (tx *Tx) AddSets(ctx context.Context, list []luoshi.IndicatorSet) error {
	if len(list) == 0 {
		return nil
	}
	added, err := setFacts().add(ctx, tx, list, "")
	if err != nil {
		return err
	}
	var items []item[luoshi.SetItem]
	for _, v := range added {
		for i, it := range v.noun.Items {
			items = append(items, item[luoshi.SetItem]{v.noun.Code, v.version, i + 1, it})
		}
	}
	return setItems().insert(ctx, tx, items)
}

func goalFacts() facts[luoshi.Goal, string] {
	return facts[luoshi.Goal, string]{
		table: table[versioned[luoshi.Goal]]{
			name:    "goal",
			columns: `code version name_hans name_hant name_en parent position combine weight owner recorded_at`,
			fields: func(v *versioned[luoshi.Goal]) []any {
				g := &v.noun
				return slices.Concat([]any{&g.Code, &v.version}, names(&g.Names),
					[]any{&g.Parent, &g.Order, &g.Combine, &g.Weight, &g.Owner, &g.RecordedAt})
			},
		},
		key:      func(n *luoshi.Goal) string { return n.Code },
		recorded: func(n *luoshi.Goal) *int64 { return &n.RecordedAt },
	}
}

func goalItems() table[item[luoshi.GoalItem]] {
	return table[item[luoshi.GoalItem]]{
		name:    "goal_item",
		columns: `code version position indicator unit weight guard`,
		fields: func(v *item[luoshi.GoalItem]) []any {
			return []any{&v.code, &v.version, &v.position, &v.noun.Indicator, &v.noun.Unit, &v.noun.Weight, flag{&v.noun.Guard}}
		},
	}
}

// Goals returns the goals as known at asOf, in their order among each other.
func (s *Store) Goals(ctx context.Context, asOf time.Time) ([]luoshi.Goal, error) {
	list, err := goalFacts().newest(ctx, s, s.read, asOf, "code")
	if err != nil {
		return nil, err
	}
	items, err := readItems(ctx, s, goalItems())
	for i, v := range list {
		list[i].noun.Items = items[below{v.noun.Code, v.version}]
	}
	goals := nouns(list)
	slices.SortStableFunc(goals, func(a, b luoshi.Goal) int { return a.Order - b.Order })
	return goals, err
}

// AddGoals adds goals, or new versions of them.
func (tx *Tx) AddGoals(ctx context.Context, list []luoshi.Goal) error {
	if len(list) == 0 {
		return nil
	}
	added, err := goalFacts().add(ctx, tx, list, "")
	if err != nil {
		return err
	}
	var items []item[luoshi.GoalItem]
	for _, v := range added {
		for i, it := range v.noun.Items {
			items = append(items, item[luoshi.GoalItem]{v.noun.Code, v.version, i + 1, it})
		}
	}
	return goalItems().insert(ctx, tx, items)
}
