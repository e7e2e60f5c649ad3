package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// said is an outlook of 2020 with everything in it.
func said(unit luoshi.UnitID, total int64, chance int) store.Outlook {
	return store.Outlook{Unit: unit, Through: 6, Scale: 2, Known: 500, Total: total, Low80: total - 10, High80: total + 10, Low95: total - 20, High95: total + 20,
		Revision: 1, Asked: 1000, Upper: luoshi.Missing, Better: luoshi.More, Chance: chance, Standing: 1, Method: 1, Inputs: total * 7}
}

func (b bench) keep(s *store.Store, on luoshi.Date, code string, list ...store.Outlook) {
	b.Helper()
	b.write(s, on, func(ctx context.Context, tx *store.Tx) error { return tx.KeepOutlooks(ctx, code, 2020, list) })
}

func (b bench) shown(s *store.Store, code string, on luoshi.Date, units ...luoshi.UnitID) string {
	b.Helper()
	asOf := time.Time{}
	if on != 0 {
		asOf = on.End()
	}
	list, err := s.Outlooks(context.Background(), code, 2020, asOf, units)
	b.must(err)
	text := ""
	for _, o := range list {
		text += fmt.Sprintf("%d:%d/%d ", o.Unit, o.Total, o.Chance)
	}
	return text
}

// What was shown stays: later outlooks are further rows, and a day sees the newest
// that it knew.
func TestOutlooksAreKept(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 3, "inv", "gdp")
		b.keep(s, 20200710, "inv", said(1, 900, 200), said(2, 1100, 800))
		b.keep(s, 20200715, "inv", said(1, 950, 350))
		none := said(3, 0, -1)
		none.Why, none.Total, none.Low80, none.High80, none.Low95, none.High95 = "short", luoshi.Missing, luoshi.Missing, luoshi.Missing, luoshi.Missing, luoshi.Missing
		b.keep(s, 20200810, "inv", said(2, 1200, 900), none)
		for _, c := range []struct {
			on    luoshi.Date
			units []luoshi.UnitID
			want  string
		}{
			{20200709, []luoshi.UnitID{1, 2, 3}, ""},
			{20200710, []luoshi.UnitID{1, 2, 3}, "1:900/200 2:1100/800 "},
			{20200720, []luoshi.UnitID{3, 2, 1}, "1:950/350 2:1100/800 "},
			{0, []luoshi.UnitID{1, 2, 3}, fmt.Sprintf("1:950/350 2:1200/900 3:%d/-1 ", luoshi.Missing)},
			{0, []luoshi.UnitID{2}, "2:1200/900 "},
			{0, nil, ""},
		} {
			if got := b.shown(s, "inv", c.on, c.units...); got != c.want {
				t.Errorf("as of %v at %v: %q, want %q", c.on, c.units, got, c.want)
			}
		}
		if got := b.shown(s, "gdp", 0, 1, 2); got != "" {
			t.Errorf("of another indicator: %q", got)
		}
		trail, err := s.OutlookTrail(context.Background(), "inv", 2020, 1, time.Time{})
		b.must(err)
		want := said(1, 900, 200)
		if len(trail) != 2 || trail[0].Total != 900 || trail[1].Total != 950 || trail[0].RecordedAt.IsZero() {
			t.Errorf("trail: %+v", trail)
		}
		want.RecordedAt = trail[0].RecordedAt
		if !reflect.DeepEqual(trail[0], want) {
			t.Errorf("kept as %+v, written %+v", trail[0], want)
		}
		b.sound(s)
	})
}

// Outlooks calculated afterwards carry the instant that they are about and say so;
// before what is kept already there is no place for one.
func TestOutlooksAfterwards(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 2, "inv")
		past := said(1, 900, 200)
		past.RecordedAt = luoshi.Date(20200331).End()
		b.keep(s, 20200710, "inv", past)
		b.keep(s, 20200710, "inv", said(1, 950, 300))
		trail, err := s.OutlookTrail(context.Background(), "inv", 2020, 1, time.Time{})
		b.must(err)
		if len(trail) != 2 || !trail[0].After || trail[1].After || !trail[0].RecordedAt.Equal(past.RecordedAt) {
			t.Errorf("%+v", trail)
		}
		b.clock.set(day(20200711))
		err = s.Write(context.Background(), func(tx *store.Tx) error {
			return tx.KeepOutlooks(context.Background(), "inv", 2020, []store.Outlook{past})
		})
		if luoshi.CodeOf(err) != luoshi.Conflict {
			t.Errorf("before what is kept: %v", err)
		}
		b.sound(s)
	})
}

// The mark says what all outlooks have seen; its number grows with every outlook, and
// so does the number of the whole.
func TestOutlookMarks(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 2, "inv")
		ctx := context.Background()
		number := func() int64 {
			n, err := s.OutlooksNumber(ctx)
			b.must(err)
			return n
		}
		first := number()
		b.keep(s, 20200710, "inv", said(1, 900, 200), said(2, 900, 200))
		second := number()
		seen := store.OutlookSeen{Plan: -7, Figures: 12, Method: 3}
		b.write(s, 20200710, func(ctx context.Context, tx *store.Tx) error { return tx.MarkOutlooks(ctx, "inv", 2020, seen) })
		marks, err := s.OutlookMarks(ctx)
		b.must(err)
		m := marks[store.IndicatorYear{Indicator: "inv", Year: 2020}]
		if m.Seen != seen || m.Rows != 2 || first >= second || second >= number() || len(marks) != 1 {
			t.Errorf("%+v, numbers %d %d %d", m, first, second, number())
		}
	})
}

// Whatever is kept in whatever order, each day shows the last outlook recorded by it.
func TestOutlooksLikeAList(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := bench{t, filepath.Join(t.TempDir(), fmt.Sprint(time.Now().UnixNano())+".db"), newClock()}
		s := b.open()
		b.plan(s, 4, "inv")
		type one struct {
			on   luoshi.Date
			unit luoshi.UnitID
			said int64
		}
		var all []one
		on := luoshi.Date(20200201)
		for range rapid.IntRange(1, 8).Draw(rt, "writes") {
			on = on.AddDays(rapid.IntRange(0, 20).Draw(rt, "days"))
			units := rapid.SliceOfNDistinct(rapid.Int64Range(1, 4), 1, 4, rapid.ID).Draw(rt, "units")
			var list []store.Outlook
			for _, u := range units {
				total := rapid.Int64Range(0, 999).Draw(rt, "total")
				list = append(list, said(luoshi.UnitID(u), total, 500))
				all = append(all, one{on, luoshi.UnitID(u), total})
			}
			b.keep(s, on, "inv", list...)
		}
		for _, asOf := range []luoshi.Date{20200131, on.AddDays(-15), on} {
			want := ""
			for unit := luoshi.UnitID(1); unit <= 4; unit++ {
				for i := len(all) - 1; i >= 0; i-- {
					if all[i].unit == unit && all[i].on <= asOf {
						want += fmt.Sprintf("%d:%d/500 ", unit, all[i].said)
						break
					}
				}
			}
			if got := b.shown(s, "inv", asOf, 1, 2, 3, 4); got != want {
				rt.Fatalf("as of %v: %q, want %q", asOf, got, want)
			}
		}
		b.sound(s)
	})
}

// A kept outlook that was changed, taken out or put in by another hand is found.
func TestVerifyOutlooks(t *testing.T) {
	for name, statement := range map[string]string{
		"chance changed":  `UPDATE outlook SET chance = 900 WHERE unit = 1`,
		"one taken out":   `DELETE FROM outlook WHERE unit = 2`,
		"all taken out":   `DELETE FROM outlook`,
		"mark taken out":  `DELETE FROM outlook_mark`,
		"one put in":      `INSERT INTO outlook SELECT indicator, year, unit, recorded_at + 1, month_to, scale, known, total, low80, high80, low95, high95, revision, asked, upper, better, chance, standing, flags, why, method, inputs FROM outlook WHERE unit = 1`,
		"recorded sooner": `UPDATE outlook SET recorded_at = recorded_at - 1 WHERE unit = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			b := bench{t, filepath.Join(t.TempDir(), "luoshi.db"), newClock()}
			s := b.open()
			b.plan(s, 2, "inv")
			b.keep(s, 20200710, "inv", said(1, 900, 200), said(2, 900, 200))
			b.sound(s)
			db, err := sql.Open("sqlite", b.dsn)
			b.must(err)
			defer db.Close()
			_, err = db.Exec(statement)
			b.must(err)
			found, err := s.Verify(context.Background(), nil)
			b.must(err)
			if len(found) == 0 || found[0].Key != "store.outlooks_differ" {
				t.Errorf("found %v", found)
			}
		})
	}
}

// Outlooks travel with a backup; one made before there were any is restored too.
func TestOutlooksInBackups(t *testing.T) {
	ctx := context.Background()
	b := bench{t, filepath.Join(t.TempDir(), "luoshi.db"), newClock()}
	s := b.open()
	b.plan(s, 2, "inv")
	b.keep(s, 20200710, "inv", said(1, 900, 200), said(2, 900, 200))
	path := filepath.Join(t.TempDir(), "a.luoshi")
	b.must(s.Backup(ctx, path, nil))
	copied := bench{t, filepath.Join(t.TempDir(), "copy.db"), b.clock}
	b.must(store.Restore(ctx, path, copied.dsn, nil))
	r := copied.open()
	if got, want := copied.shown(r, "inv", 0, 1, 2), b.shown(s, "inv", 0, 1, 2); got != want || got == "" {
		t.Errorf("restored %q, kept %q", got, want)
	}
	copied.sound(r)

	old, err := store.Open(ctx, filepath.Join(t.TempDir(), "old.db"), store.Options{Clock: b.clock.read})
	b.must(err)
	defer old.Close()
	b.must(old.MigrateTo(ctx, 3))
	path = filepath.Join(t.TempDir(), "old.luoshi")
	b.must(old.Backup(ctx, path, nil))
	copied = bench{t, filepath.Join(t.TempDir(), "new.db"), b.clock}
	b.must(store.Restore(ctx, path, copied.dsn, nil))
	copied.sound(copied.open())
}

// BenchmarkOutlooks reads the newest outlooks of one indicator at 1,600 units, of
// twelve kept of each.
func BenchmarkOutlooks(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, x bench) {
		s := x.open()
		x.plan(s, 1600, "inv")
		units := make([]luoshi.UnitID, 1600)
		list := make([]store.Outlook, 1600)
		for month := range 12 {
			for i := range units {
				units[i] = luoshi.UnitID(i + 1)
				list[i] = said(units[i], int64(1000*month+i), 500)
			}
			x.keep(s, luoshi.Date(20200110+int32(100*month)), "inv", list...)
		}
		for name, asOf := range map[string]time.Time{"now": {}, "then": luoshi.Date(20200630).End()} {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					if got, err := s.Outlooks(context.Background(), "inv", 2020, asOf, units); err != nil || len(got) != 1600 {
						b.Fatal(len(got), err)
					}
				}
			})
		}
	})
}
