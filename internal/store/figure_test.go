package store_test

import (
	"context"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

func TestFiguresAsOf(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 3, "inv")
		enter := func(on luoshi.Date, figures ...luoshi.Figure) {
			t.Helper()
			b.write(s, on, func(ctx context.Context, tx *store.Tx) error { return tx.AddFigures(ctx, 0, figures) })
		}
		enter(20200710, figure("inv", 1, 6, "206.11"), figure("inv", 2, 6, "10"))
		enter(20200801, figure("inv", 1, 6, "207.00"))
		enter(20200901, figure("inv", 1, 8, "300"))
		for _, c := range []struct {
			asOf      luoshi.Date
			june, aug string
		}{{20200709, "—", "—"}, {20200710, "206.11", "—"}, {20200731, "206.11", "—"}, {20200801, "207.00", "—"}, {20200901, "207.00", "300.00"}} {
			got := b.strips(s, "inv", 2020, c.asOf.End())[1]
			if value(got, 6) != c.june || value(got, 8) != c.aug {
				t.Errorf("as of %s: June %s, August %s; want %s, %s", c.asOf, value(got, 6), value(got, 8), c.june, c.aug)
			}
		}
		if got := b.strips(s, "inv", 2020, time.Time{}); len(got) != 2 || value(got[1], 8) != "300.00" {
			t.Errorf("now: %v", got)
		}
		vintages, err := s.Vintages(context.Background(), store.FigureQuery{Indicator: "inv", Unit: 1, Period: luoshi.ToDate(2020, 6)})
		b.must(err)
		if len(vintages) != 2 || vintages[0].Value.Decimal.String() != "206.11" || vintages[1].Seq <= vintages[0].Seq || vintages[0].By != "clerk" {
			t.Errorf("vintages: %v", vintages)
		}
		b.sound(s)
	})
}
