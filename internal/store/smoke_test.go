package store

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"luoshi.dev"
)

func TestSmoke(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "a.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	q, _ := luoshi.ParseQuantity("206.11")
	f := luoshi.Figure{Indicator: "inv", Unit: 1, Period: luoshi.ToDate(2020, 6), Basis: luoshi.Cumulative, Value: luoshi.Some(q), Status: luoshi.Final, Source: "x", By: "y"}
	err = s.Write(ctx, func(tx *Tx) error {
		ids, err := tx.NewUnitIDs(ctx, 2)
		if err != nil {
			return err
		}
		if err := tx.AddUnits(ctx, []luoshi.Unit{{ID: ids[0], Code: "34", Names: luoshi.Names{Hans: "安徽"}, From: 20200101}}); err != nil {
			return err
		}
		if err := tx.AddIndicators(ctx, []luoshi.Indicator{{Code: "inv", Decimals: 2, Leads: []string{"a", "b"}}}); err != nil {
			return err
		}
		if err := tx.AddTargets(ctx, []luoshi.Target{{Indicator: "inv", Unit: 1, FirstYear: 2020, LastYear: 2020, Value: luoshi.Some(q), Curve: []luoshi.NullQuantity{{}, luoshi.Some(q)}}}); err != nil {
			return err
		}
		b, err := tx.NewBatch(ctx, Batch{Name: "first"})
		if err != nil {
			return err
		}
		return tx.AddFigures(ctx, b, []luoshi.Figure{f})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Submit(ctx, f); err != nil {
		t.Fatal(err)
	}
	for st, err := range s.Strips(ctx, "inv", 2020, time.Time{}) {
		t.Log(st.Whole.Cumulative[5], err)
	}
	ts, err := s.Targets(ctx, time.Time{}, TargetQuery{Indicator: "inv"})
	t.Log(ts, err)
	vs, err := s.Vintages(ctx, FigureQuery{})
	t.Log(vs, err)
	t.Log(s.Verify(ctx, nil))
	t.Log(s.Instants(ctx))
	t.Log(s.Indicators(ctx, time.Time{}))
	t.Log(s.Units(ctx, time.Time{}))
	t.Log(s.Changes(ctx))
	t.Log(s.Batches(ctx))
}
