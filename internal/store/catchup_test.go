package store_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// What a unit has stated is corrected beside what it said before, seen as of its
// instant, in every backup, and answered for by the history.
func TestCapacities(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		ctx := context.Background()
		most := func(text string) luoshi.NullQuantity {
			if text == "" {
				return luoshi.NullQuantity{}
			}
			q, err := luoshi.ParseQuantity(text)
			b.must(err)
			return luoshi.Some(q)
		}
		for _, c := range []struct {
			on    luoshi.Date
			month int
			most  string
		}{{20200710, 9, "12.50"}, {20200720, 9, "11"}, {20200720, 10, "9"}, {20200801, 9, ""}} {
			b.write(s, c.on, func(ctx context.Context, tx *store.Tx) error {
				return tx.AddCapacities(ctx, []luoshi.Capacity{{Indicator: "inv", Unit: 3, Year: 2020, Month: c.month, Most: most(c.most), Reason: "检修", By: 7}})
			})
		}
		for on, want := range map[luoshi.Date]int{20200709: 0, 20200715: 1, 20200725: 3, 20200805: 4} {
			list, err := s.Capacities(ctx, day(on))
			b.must(err)
			if len(list) != want {
				t.Errorf("%v: %d statements, want %d", on, len(list), want)
			}
		}
		list, err := s.Capacities(ctx, time.Time{})
		b.must(err)
		if got := list[2]; got.Month != 9 || got.Most.Valid || got.By != 7 || got.RecordedAt == 0 || list[0].Most.Decimal.String() != "12.50" || list[3].Month != 10 {
			t.Errorf("%+v", list)
		}
		b.write(s, 20200802, func(ctx context.Context, tx *store.Tx) error {
			return tx.AddCatchUp(ctx, luoshi.CatchUp{Batch: 5, Indicator: "inv", Unit: 1, Year: 2020, Plan: `{"months":[9]}`})
		})
		plans, err := s.CatchUps(ctx, day(20200801))
		b.must(err)
		later, err := s.CatchUps(ctx, time.Time{})
		b.must(err)
		if len(plans) != 0 || len(later) != 1 || later[0].Plan != `{"months":[9]}` || later[0].Batch != 5 || later[0].RecordedAt == 0 {
			t.Errorf("plans: %v, %+v", plans, later)
		}
		r, err := s.VerifyHistory(ctx, nil, true, nil)
		b.must(err)
		if !r.Intact() {
			t.Errorf("the history broke: %v", r.Found)
		}
		b.must(s.Backup(ctx, filepath.Join(t.TempDir(), "backup"), nil))
	})
}
