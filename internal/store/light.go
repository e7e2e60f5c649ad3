package store

import (
	"context"
	"slices"
	"time"

	"luoshi.dev"
)

func schemeFacts() facts[luoshi.Scheme, string] {
	return facts[luoshi.Scheme, string]{
		table: table[versioned[luoshi.Scheme]]{
			name:    "scheme",
			columns: `code version name_hans name_hant name_en kind yellow red made_up yellow_when red_when source recorded_at`,
			fields: func(v *versioned[luoshi.Scheme]) []any {
				n := &v.noun
				return slices.Concat([]any{&n.Code, &v.version}, names(&n.Names), []any{&n.Kind, &n.Yellow, &n.Red, flag{&n.MadeUp},
					&n.YellowWhen, &n.RedWhen, &n.Source, &n.RecordedAt})
			},
		},
		key:      func(n *luoshi.Scheme) string { return n.Code },
		recorded: func(n *luoshi.Scheme) *int64 { return &n.RecordedAt },
	}
}

// Schemes returns the light schemes as known at asOf, by code.
func (s *Store) Schemes(ctx context.Context, asOf time.Time) ([]luoshi.Scheme, error) {
	list, err := schemeFacts().newest(ctx, s, s.read, asOf, "code")
	return nouns(list), err
}

// AddSchemes adds light schemes, or new versions of them.
func (tx *Tx) AddSchemes(ctx context.Context, list []luoshi.Scheme) error {
	if len(list) == 0 {
		return nil
	}
	_, err := schemeFacts().add(ctx, tx, list, "")
	return err
}
