package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// enter records figures on the day.
func (b bench) enter(s *store.Store, on luoshi.Date, figures ...luoshi.Figure) {
	b.Helper()
	b.write(s, on, func(ctx context.Context, tx *store.Tx) error { return tx.AddFigures(ctx, 0, figures) })
}

func TestFiguresAsOf(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 3, "inv")
		b.enter(s, 20200710, figure("inv", 1, 6, "206.11"), figure("inv", 2, 6, "10"))
		b.enter(s, 20200801, figure("inv", 1, 6, "207.00"))
		b.enter(s, 20200901, figure("inv", 1, 8, "300"))
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
		ctx := context.Background()
		vintages, err := s.Vintages(ctx, store.FigureQuery{Indicator: "inv", Unit: 1, Period: luoshi.ToDate(2020, 6)})
		b.must(err)
		if len(vintages) != 2 || vintages[0].Value.Decimal.String() != "206.11" || vintages[1].Seq <= vintages[0].Seq || vintages[0].By != "clerk" {
			t.Errorf("vintages: %v", vintages)
		}
		var exported []string
		b.must(s.Figures(ctx, luoshi.Date(20200731).End(), store.FigureQuery{Period: luoshi.Period{Year: 2020}}, func(f luoshi.Figure) error {
			exported = append(exported, fmt.Sprint(f.Unit, f.Period, f.Value.Decimal))
			return nil
		}))
		if fmt.Sprint(exported) != "[1 2020-01..06 206.11 2 2020-01..06 10.00]" {
			t.Errorf("as of July: %v", exported)
		}
		b.sound(s)
	})
}

// A figure keeps everything it came with.
func TestFigureKeepsAll(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 1, "gdp")
		want := luoshi.Figure{Indicator: "gdp", Unit: 1, Period: luoshi.QuarterOf(2020, 2), Basis: luoshi.Single, Scope: luoshi.Own,
			Growth: number("-6.5"), Status: luoshi.Flash, Sample: true, Source: "https://例子.cn/“数据”", By: "张三"}
		figures := []luoshi.Figure{want}
		b.write(s, 20200720, func(ctx context.Context, tx *store.Tx) error { return tx.AddFigures(ctx, 7, figures) })
		got, err := s.Vintages(context.Background(), store.FigureQuery{Scope: luoshi.Own, Basis: luoshi.Single})
		b.must(err)
		want.Seq, want.Batch, want.RecordedAt = figures[0].Seq, 7, day(20200720).In(luoshi.Zone)
		want.Growth = number("-6.500")
		if len(got) != 1 || got[0] != want {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
		if !figures[0].RecordedAt.Equal(day(20200720)) || figures[0].Seq == 0 || figures[0].Batch != 7 {
			t.Errorf("not filled in: %+v", figures[0])
		}
		strip, err := s.Strip(context.Background(), "gdp", 2020, 1, time.Time{})
		b.must(err)
		if c := strip.Own.Single[5]; c != (luoshi.Cell{Value: luoshi.Missing, Growth: -6500, Status: luoshi.Flash, Sample: true, Seq: figures[0].Seq}) {
			t.Errorf("cell %+v", c)
		}
	})
}

// What happened in 2020 may be loaded in 2026, but not behind what is known.
func TestHistory(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 2, "inv")
		at := func(f luoshi.Figure, on luoshi.Date) luoshi.Figure { f.RecordedAt = day(on); return f }
		b.enter(s, 20260101, at(figure("inv", 1, 6, "3"), 20200901), at(figure("inv", 1, 6, "1"), 20200710), at(figure("inv", 1, 6, "2"), 20200801))
		for on, want := range map[luoshi.Date]string{20200709: "—", 20200710: "1.00", 20200805: "2.00", 20201231: "3.00"} {
			if got := value(b.strips(s, "inv", 2020, on.End())[1], 6); got != want {
				t.Errorf("as of %s: %s, want %s", on, got, want)
			}
		}
		refused := func(f luoshi.Figure) {
			t.Helper()
			err := s.Write(context.Background(), func(tx *store.Tx) error {
				return tx.AddFigures(context.Background(), 0, []luoshi.Figure{f})
			})
			if luoshi.CodeOf(err) != luoshi.Conflict {
				t.Errorf("got %v, want a conflict", err)
			}
		}
		refused(at(figure("inv", 1, 6, "9"), 20200831))
		b.enter(s, 20260102, at(figure("inv", 2, 6, "9"), 20200831)) // another address
		b.enter(s, 20260102, at(figure("inv", 1, 6, "4"), 20200901)) // not later: the same instant
		b.enter(s, 20250101, figure("inv", 1, 6, "5"))               // a clock that is behind still records last
		refused(at(figure("inv", 1, 6, "6"), 20200901))
		if got := value(b.strips(s, "inv", 2020, time.Time{})[1], 6); got != "5.00" {
			t.Errorf("now %s", got)
		}
		days, err := s.Instants(context.Background())
		b.must(err)
		if len(days) != 6 || luoshi.DateOf(days[1]) != 20200710 { // the plan's day first
			t.Errorf("days %v", days)
		}
		b.sound(s)
	})
}

func TestUndo(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 2, "inv")
		load := func(on luoshi.Date, name, first, second string) (id int64) {
			b.write(s, on, func(ctx context.Context, tx *store.Tx) (err error) {
				if id, err = tx.NewBatch(ctx, store.Batch{Name: name, Kind: "import", By: "clerk"}); err != nil {
					return err
				}
				return tx.AddFigures(ctx, id, []luoshi.Figure{figure("inv", 1, 6, first), figure("inv", 2, 6, second)})
			})
			return id
		}
		undo := func(on luoshi.Date, batch int64) (id int64) {
			b.write(s, on, func(ctx context.Context, tx *store.Tx) (err error) {
				id, err = tx.UndoBatch(ctx, batch, "chief", "错表")
				return err
			})
			return id
		}
		expect := func(on luoshi.Date, first, second string) {
			t.Helper()
			got := b.strips(s, "inv", 2020, on.End())
			if value(got[1], 6) != first || value(got[2], 6) != second {
				t.Errorf("as of %s: %s, %s; want %s, %s", on, value(got[1], 6), value(got[2], 6), first, second)
			}
		}
		load(20200701, "right", "1", "2")
		wrong := load(20200702, "wrong", "100", "200")
		b.enter(s, 20200703, figure("inv", 2, 6, "3"))
		undoing := undo(20200704, wrong)
		undo(20200705, undoing)
		for batch, want := range map[int64]store.BatchPart{wrong: {Indicator: "inv", Year: 2020, Figures: 2}, undoing: {Indicator: "inv", Year: 2020, Figures: 2, Withdrawn: 2}} {
			if parts, err := s.BatchParts(context.Background(), batch); err != nil || len(parts) != 1 || parts[0] != want {
				t.Errorf("batch %d: %v %v, want %v", batch, parts, err, want)
			}
		}
		expect(20200701, "1.00", "2.00")
		expect(20200702, "100.00", "200.00")
		expect(20200703, "100.00", "3.00")
		expect(20200704, "1.00", "3.00") // what held before holds again; the later correction stays
		expect(20200705, "100.00", "3.00")
		b.sound(s)
		ctx := context.Background()
		err := s.Write(ctx, func(tx *store.Tx) error { _, err := tx.UndoBatch(ctx, wrong, "chief", ""); return err })
		if luoshi.CodeOf(err) != luoshi.Conflict {
			t.Errorf("undone twice: %v", err)
		}
		err = s.Write(ctx, func(tx *store.Tx) error { _, err := tx.UndoBatch(ctx, 999, "chief", ""); return err })
		if luoshi.CodeOf(err) != luoshi.NotFound {
			t.Errorf("undone nothing: %v", err)
		}
		batches, err := s.Batches(ctx)
		b.must(err)
		if len(batches) != 4 || batches[2].UndoneBy != undoing || batches[1].Undoes != wrong || batches[1].Note != "错表" {
			t.Errorf("batches %+v", batches)
		}
	})
}

func TestBadFigures(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 1, "inv")
		good := figure("inv", 1, 6, "1")
		change := func(fn func(f *luoshi.Figure)) luoshi.Figure { f := good; fn(&f); return f }
		for name, c := range map[string]struct {
			figure luoshi.Figure
			want   luoshi.Code
		}{
			"unknown indicator": {change(func(f *luoshi.Figure) { f.Indicator = "nope" }), luoshi.NotFound},
			"unknown unit":      {change(func(f *luoshi.Figure) { f.Unit = 2 }), luoshi.NotFound},
			"no unit":           {change(func(f *luoshi.Figure) { f.Unit = 0 }), luoshi.NotFound},
			"no period":         {change(func(f *luoshi.Figure) { f.Period = luoshi.Period{} }), luoshi.Invalid},
			"no basis":          {change(func(f *luoshi.Figure) { f.Basis = "" }), luoshi.Invalid},
			"odd scope":         {change(func(f *luoshi.Figure) { f.Scope = "half" }), luoshi.Invalid},
			"odd status":        {change(func(f *luoshi.Figure) { f.Status = "maybe" }), luoshi.Invalid},
			"nothing said":      {change(func(f *luoshi.Figure) { f.Value = luoshi.NullQuantity{} }), luoshi.Invalid},
			"too many decimals": {change(func(f *luoshi.Figure) { f.Value = number("1.234") }), luoshi.Invalid},
			"too large":         {change(func(f *luoshi.Figure) { f.Value = number("999999999999999999") }), luoshi.Invalid},
			"growth too large":  {change(func(f *luoshi.Figure) { f.Growth = number("9999999") }), luoshi.Invalid},
			"source too long":   {change(func(f *luoshi.Figure) { f.Source = string(make([]byte, 3000)) }), luoshi.Invalid},
		} {
			ctx := context.Background()
			if err := s.Submit(ctx, c.figure); luoshi.CodeOf(err) != c.want {
				t.Errorf("%s: submit: %v", name, err)
			}
			err := s.Write(ctx, func(tx *store.Tx) error { return tx.AddFigures(ctx, 0, []luoshi.Figure{good, c.figure}) })
			if luoshi.CodeOf(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := b.strips(s, "inv", 2020, time.Time{}); len(got) != 0 {
			t.Errorf("kept something: %v", got)
		}
	})
}

// The largest value that fits comes back as it went in, through both readings.
func TestExtremes(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 2, "inv")
		most := luoshi.Unscaled(math.MaxInt64, 2)
		f, g := figure("inv", 1, 1, ""), figure("inv", 1, 12, "")
		f.Value, g.Value = most, luoshi.Some(most.Decimal.Neg())
		b.enter(s, 20200710, f, g)
		b.enter(s, 20200711, figure("inv", 2, 12, "0"))
		for _, asOf := range []time.Time{{}, day(20200710)} {
			got := b.strips(s, "inv", 2020, asOf)[1].Whole.Cumulative
			if got[0].Value != math.MaxInt64 || got[11].Value != -math.MaxInt64 {
				t.Errorf("as of %v: %v", asOf, got)
			}
		}
		b.sound(s)
	})
}

// An indicator may gain decimals; views of before keep theirs.
func TestDecimalsGrow(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 1, "inv")
		b.enter(s, 20200710, figure("inv", 1, 6, "206.11"))
		revise := func(on luoshi.Date, decimals int) error {
			b.clock.set(day(on))
			ctx := context.Background()
			return s.Write(ctx, func(tx *store.Tx) error {
				return tx.AddIndicators(ctx, []luoshi.Indicator{{Code: "inv", Decimals: decimals}})
			})
		}
		b.must(revise(20200801, 4))
		b.enter(s, 20200802, figure("inv", 1, 7, "1.2345"))
		b.sound(s)
		got := b.strips(s, "inv", 2020, time.Time{})[1].Whole.Cumulative
		if got[5].Value != 2061100 || got[6].Value != 12345 {
			t.Errorf("now: %v", got)
		}
		if got := b.strips(s, "inv", 2020, day(20200711))[1].Whole.Cumulative; got[5].Value != 20611 {
			t.Errorf("before: %v", got)
		}
		if err := revise(20200803, 3); luoshi.CodeOf(err) != luoshi.Conflict {
			t.Errorf("fewer decimals: %v", err)
		}
		late := figure("inv", 1, 8, "1.2345")
		late.RecordedAt = day(20200715) // when the indicator had two
		ctx := context.Background()
		if err := s.Submit(ctx, late); luoshi.CodeOf(err) != luoshi.Invalid {
			t.Errorf("more decimals than there were: %v", err)
		}
	})
}

// Many writers, some of them wrong, through the path of one figure.
func TestSubmit(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 16, "inv")
		b.enter(s, 20200601, figure("inv", 16, 1, "1"))
		b.clock.set(day(20200710))
		var wg sync.WaitGroup
		for unit := 1; unit <= 16; unit++ {
			wg.Go(func() {
				for month := 1; month <= 12; month++ {
					f := figure("inv", luoshi.UnitID(unit), month, fmt.Sprint(unit*month))
					if err := s.Submit(context.Background(), f); err != nil {
						t.Errorf("unit %d month %d: %v", unit, month, err)
					}
				}
				late := figure("inv", 16, 1, "0")
				late.RecordedAt = day(20200501)
				if err := s.Submit(context.Background(), late); luoshi.CodeOf(err) != luoshi.Conflict {
					t.Errorf("late: %v", err)
				}
			})
		}
		wg.Wait()
		got := b.strips(s, "inv", 2020, time.Time{})
		for unit := 1; unit <= 16; unit++ {
			for month := 1; month <= 12; month++ {
				if want := fmt.Sprintf("%d.00", unit*month); value(got[luoshi.UnitID(unit)], month) != want {
					t.Errorf("unit %d month %d: %s, want %s", unit, month, value(got[luoshi.UnitID(unit)], month), want)
				}
			}
		}
		b.sound(s)
	})
}

func TestAllStrips(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 300, "a", "b")
		b.enter(s, 20200710, year("a", 2020, 300)...)
		b.enter(s, 20200711, append(year("b", 2019, 2), year("b", 2020, 300)...)...)
		for asOf, want := range map[luoshi.Date]int{20200709: 0, 20200710: 300, 20200711: 602} {
			n, last := 0, ""
			b.must(s.AllStrips(context.Background(), asOf.End(), nil, func(code string, year int, strip luoshi.Strip) error {
				n++
				if at := fmt.Sprintf("%s %d %04d", code, year, strip.Unit); at <= last {
					t.Fatalf("%s after %s", at, last)
				} else {
					last = at
				}
				return nil
			}))
			if n != want {
				t.Errorf("as of %s: %d strips, want %d", asOf, n, want)
			}
		}
		stop := fmt.Errorf("enough")
		if err := s.AllStrips(context.Background(), time.Time{}, nil, func(string, int, luoshi.Strip) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("stopped with %v", err)
		}
		for range s.Strips(context.Background(), "a", 2020, time.Time{}) {
			break
		}
	})
}
