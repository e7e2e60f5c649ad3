package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

func TestUnitsAsOf(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		ctx := context.Background()
		var ids []luoshi.UnitID
		fact := func(id luoshi.UnitID, code string, from luoshi.Date, learned luoshi.Date) luoshi.Unit {
			u := luoshi.Unit{ID: id, Code: code, Names: luoshi.Names{Hans: code, Hant: "繁", En: "en"}, Short: luoshi.Names{Hans: "短"},
				Kind: luoshi.County, Parent: 0, Order: 3, From: from}
			if learned != 0 {
				u.RecordedAt = day(learned).UnixMicro()
			}
			return u
		}
		b.write(s, 20230101, func(ctx context.Context, tx *store.Tx) (err error) {
			if ids, err = tx.NewUnitIDs(ctx, 2); err != nil {
				return err
			}
			return tx.AddUnits(ctx, []luoshi.Unit{fact(ids[0], "340225", 20190101, 20191231), fact(ids[0], "340281", 20191216, 0)})
		})
		b.write(s, 20230201, func(ctx context.Context, tx *store.Tx) error {
			return tx.AddUnits(ctx, []luoshi.Unit{fact(ids[0], "340282", 20191216, 0)}) // a correction
		})
		for on, want := range map[luoshi.Date]string{20191230: "[]", 20200101: "[340225]", 20230101: "[340225 340281]", 20230301: "[340225 340281 340282]"} {
			units, err := s.Units(ctx, on.End())
			b.must(err)
			codes := []string{}
			for _, u := range units {
				codes = append(codes, u.Code)
			}
			if fmt.Sprint(codes) != want {
				t.Errorf("as of %s: %v, want %s", on, codes, want)
			}
		}
		for name, u := range map[string]luoshi.Unit{"no such identity": fact(99, "x", 20200101, 0), "none": fact(0, "x", 20200101, 0)} {
			if err := s.Write(ctx, func(tx *store.Tx) error { return tx.AddUnits(ctx, []luoshi.Unit{u}) }); luoshi.CodeOf(err) != luoshi.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		late := fact(ids[0], "x", 20191216, 20200101)
		if err := s.Write(ctx, func(tx *store.Tx) error { return tx.AddUnits(ctx, []luoshi.Unit{late}) }); luoshi.CodeOf(err) != luoshi.Conflict {
			t.Errorf("behind a correction: %v", err)
		}
	})
}

// An indicator keeps every one of its fields, and its versions.
func TestIndicatorKeepsAll(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		want := luoshi.Indicator{Code: "inv", Names: luoshi.Names{Hans: "固定资产投资", Hant: "固定資產投資", En: "Investment"}, Group: "投资",
			Measure: luoshi.Measure{Symbol: luoshi.Names{Hans: "亿元"}, Currency: "CNY", Power: 8}, Decimals: 2, Direction: luoshi.More, Kind: luoshi.Flow,
			OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum, Weight: "w", Numerator: "n", Denominator: "d", Power: 2, Basis: luoshi.Cumulative,
			Calendar: luoshi.MonthlyJanFeb, ReportedAt: luoshi.City, DueDays: 10, Formula: "a / b", Department: "fgw", Leads: []string{"gdp", "tax"},
			Source: "统计局", Note: "注", Retired: true}
		if v := reflect.ValueOf(want); slices.ContainsFunc(reflect.VisibleFields(v.Type()), func(f reflect.StructField) bool {
			return f.Name != "RecordedAt" && v.FieldByIndex(f.Index).IsZero()
		}) {
			t.Fatal("the case leaves a field of Indicator empty")
		}
		b.write(s, 20200101, func(ctx context.Context, tx *store.Tx) error { return tx.AddIndicators(ctx, []luoshi.Indicator{want}) })
		changed := want
		changed.DueDays = 12
		b.write(s, 20200201, func(ctx context.Context, tx *store.Tx) error {
			return tx.AddIndicators(ctx, []luoshi.Indicator{changed})
		})
		for asOf, due := range map[luoshi.Date]int{20200115: 10, 20200201: 12} {
			got, err := s.Indicators(context.Background(), asOf.End())
			b.must(err)
			w := want
			w.DueDays = due
			if len(got) == 1 {
				w.RecordedAt = got[0].RecordedAt
			}
			if len(got) != 1 || !reflect.DeepEqual(got[0], w) {
				t.Errorf("as of %s: got %+v\nwant %+v", asOf, got, w)
			}
		}
	})
}

func TestTargets(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 2, "inv", "gdp")
		ctx := context.Background()
		full := luoshi.Target{Indicator: "inv", Unit: 1, FirstYear: 2020, LastYear: 2020, Form: luoshi.FormBand, Value: number("322.75"), Low: number("-1.5"),
			High: number("400"), Date: 20201231, Reference: luoshi.Reference{Indicator: "gdp", Unit: 2}, Strict: true, Reserve: number("0.00"),
			Curve: []luoshi.NullQuantity{number("1.50"), {}, number("3")}, Owner: "fgw", Scheme: "pace", Reason: "中期 调整", From: 20200101,
			By: "clerk", Sample: true, Source: "政府工作报告"}
		list := []luoshi.Target{full}
		b.write(s, 20200110, func(ctx context.Context, tx *store.Tx) error { return tx.AddTargets(ctx, list) })
		second := full
		second.Value = number("300")
		b.write(s, 20200701, func(ctx context.Context, tx *store.Tx) error { return tx.AddTargets(ctx, []luoshi.Target{second}) })
		got, err := s.Targets(ctx, day(20200601), store.TargetQuery{Indicator: "inv", Unit: 1, FirstYear: 2020, LastYear: 2020})
		b.must(err)
		full.Revision, full.RecordedAt = 1, day(20200110).In(luoshi.Zone)
		if len(got) != 1 || !reflect.DeepEqual(got[0], full) || list[0].Revision != 1 {
			t.Errorf("got %+v\nwant %+v", got, full)
		}
		for name, c := range map[string]struct {
			query store.TargetQuery
			want  int
		}{"all": {store.TargetQuery{}, 2}, "other unit": {store.TargetQuery{Unit: 2}, 0}, "later years": {store.TargetQuery{FirstYear: 2021}, 0}, "earlier years": {store.TargetQuery{LastYear: 2019}, 0}} {
			if got, err := s.Targets(ctx, time.Time{}, c.query); err != nil || len(got) != c.want {
				t.Errorf("%s: %d, %v", name, len(got), err)
			}
		}
		for name, c := range map[string]struct {
			change func(*luoshi.Target)
			want   luoshi.Code
		}{
			"a revision that exists": {func(t *luoshi.Target) { t.Revision = 2 }, luoshi.Conflict},
			"behind the last":        {func(t *luoshi.Target) { t.RecordedAt = day(20200301) }, luoshi.Conflict},
			"unknown indicator":      {func(t *luoshi.Target) { t.Indicator = "x" }, luoshi.NotFound},
			"unknown unit":           {func(t *luoshi.Target) { t.Unit = 9 }, luoshi.NotFound},
		} {
			bad := second
			bad.Revision = 0
			c.change(&bad)
			if err := s.Write(ctx, func(tx *store.Tx) error { return tx.AddTargets(ctx, []luoshi.Target{bad}) }); luoshi.CodeOf(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := s.Targets(ctx, time.Time{}, store.TargetQuery{Indicator: "x"}); luoshi.CodeOf(err) != luoshi.NotFound {
			t.Errorf("of an unknown indicator: %v", err)
		}
	})
}

// Sets and goals keep their items by version; order is the same on both databases.
func TestGoalsAndSets(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.fillSome(s)
		ctx := context.Background()
		b.write(s, 20200901, func(ctx context.Context, tx *store.Tx) error {
			return tx.AddSets(ctx, []luoshi.IndicatorSet{{Code: "six", Items: []luoshi.SetItem{{Indicator: "gdp", Weight: number("1").Decimal}}}})
		})
		for asOf, want := range map[luoshi.Date]int{20200801: 2, 20200902: 1} {
			sets, err := s.Sets(ctx, asOf.End())
			b.must(err)
			if len(sets) != 1 || len(sets[0].Items) != want {
				t.Errorf("as of %s: %+v", asOf, sets)
			}
		}
		goals, err := s.Goals(ctx, time.Time{})
		b.must(err)
		if len(goals) != 2 || goals[0].Code != "Z" || len(goals[1].Items) != 1 || !goals[1].Items[0].Guard {
			t.Errorf("goals %+v", goals)
		}
	})
}

// A table that a backup leaves out must be one that is computed, or of the moment: who is
// signed in just now, who failed to be.
func TestBackupKnowsAllTables(t *testing.T) {
	b := bench{t, t.TempDir() + "/a.db", newClock()}
	b.open()
	db, err := sql.Open("sqlite", b.dsn)
	b.must(err)
	defer db.Close()
	rows, err := db.Query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
	b.must(err)
	defer rows.Close()
	known := append(store.BackupTables(), "packed", "event_object", "session", "attempt", "serial", "luoshi_migration")
	for rows.Next() {
		var name string
		b.must(rows.Scan(&name))
		if !slices.Contains(known, name) {
			t.Errorf("table %s is in no backup", name)
		}
	}
	b.must(rows.Err())
}

// Every version of a noun can be read again, as far as it was known at an instant.
func TestVersions(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 1, "inv", "gdp")
		ctx := context.Background()
		one := number("1").Decimal
		for i, on := range []luoshi.Date{20200201, 20200301, 20200401} {
			name := luoshi.Names{Hans: fmt.Sprint("第", i+1)}
			b.write(s, on, func(ctx context.Context, tx *store.Tx) error {
				items := []luoshi.SetItem{{Indicator: "inv", Weight: one}, {Indicator: "gdp", Weight: one}}[:1+i%2]
				if err := tx.AddSets(ctx, []luoshi.IndicatorSet{{Code: "six", Names: name, Items: items}, {Code: "other", Items: items}}); err != nil {
					return err
				}
				if err := tx.AddSchemes(ctx, []luoshi.Scheme{{Code: "own", Names: name, Kind: luoshi.ByPace, Red: number(fmt.Sprint(i)).Decimal}}); err != nil {
					return err
				}
				if err := tx.AddIndicators(ctx, []luoshi.Indicator{{Code: "inv", Names: name, Decimals: 2}}); err != nil {
					return err
				}
				return tx.AddGoals(ctx, []luoshi.Goal{{Code: "win", Names: name, Combine: luoshi.AllOf, Items: []luoshi.GoalItem{{Indicator: "inv", Weight: one, Guard: i == 1}}}})
			})
		}
		for asOf, want := range map[luoshi.Date]int{20200115: 0, 20200315: 2, 20200501: 3} {
			sets, err := s.SetVersions(ctx, "six", asOf.End())
			b.must(err)
			schemes, err := s.SchemeVersions(ctx, "own", asOf.End())
			b.must(err)
			goals, err := s.GoalVersions(ctx, "win", asOf.End())
			b.must(err)
			indicators, err := s.IndicatorVersions(ctx, "inv", asOf.End())
			b.must(err)
			if len(sets) != want || len(schemes) != want || len(goals) != want || len(indicators) != want+1 { // the plan of the bench has one of it
				t.Errorf("as of %s: %d sets, %d schemes, %d goals, %d indicators", asOf, len(sets), len(schemes), len(goals), len(indicators))
				continue
			}
			for i := range want {
				name := fmt.Sprint("第", i+1)
				if len(sets[i].Items) != 1+i%2 || sets[i].Names.Hans != name || schemes[i].Names.Hans != name || goals[i].Names.Hans != name || indicators[i+1].Names.Hans != name {
					t.Errorf("version %d: %+v %+v %+v", i+1, sets[i], schemes[i], goals[i])
				}
				if len(goals[i].Items) != 1 || goals[i].Items[0].Guard != (i == 1) || i > 0 && schemes[i].RecordedAt <= schemes[i-1].RecordedAt {
					t.Errorf("version %d: %+v %+v", i+1, goals[i], schemes[i])
				}
			}
		}
		if none, err := s.SchemeVersions(ctx, "nothing", time.Time{}); err != nil || len(none) != 0 {
			t.Errorf("of nothing: %v, %v", none, err)
		}
	})
}
