package store_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// A load hands out each indicator-year in one run, by unit, and what it has handed
// out stays as it was while the rest is read.
func TestLoadInRuns(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		codes := []string{"a", "b", "c"}
		b.plan(s, 600, codes...)
		for _, code := range codes {
			b.write(s, 20200710, func(ctx context.Context, tx *store.Tx) error {
				list := append(year(code, 2019, 600), year(code, 2020, 600)...)
				for i := range list {
					if i%7 == 0 {
						list[i].Scope = luoshi.Own
					}
				}
				return tx.AddFigures(ctx, 0, list)
			})
		}
		var last store.IndicatorYear
		kept := map[store.IndicatorYear][]luoshi.Strip{}
		b.must(s.AllStrips(context.Background(), time.Time{}, nil, func(code string, year int, strip luoshi.Strip) error {
			key := store.IndicatorYear{Indicator: code, Year: year}
			n := len(kept[key])
			if key != last && n > 0 || n > 0 && kept[key][n-1].Unit >= strip.Unit {
				t.Errorf("%v comes again with unit %d", key, strip.Unit)
			}
			last = key
			kept[key] = append(kept[key], strip)
			return nil
		}))
		for _, code := range codes {
			for _, y := range []int{2019, 2020} {
				want := b.strips(s, code, y, time.Time{})
				got := kept[store.IndicatorYear{Indicator: code, Year: y}]
				if len(got) != 600 || len(want) != 600 {
					t.Fatalf("%s %d: %d strips, want %d", code, y, len(got), len(want))
				}
				for i := range got {
					if !reflect.DeepEqual(got[i], want[got[i].Unit]) {
						t.Fatalf("%s %d unit %d: %+v", code, y, got[i].Unit, got[i])
					}
				}
			}
		}
	})
}
