package service_test

import (
	"context"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
)

func reliability(t *testing.T, s *service.Service, look service.Look) *service.ReliabilityView {
	t.Helper()
	v, err := s.OutlookReliability(context.Background(), look)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// sound is what must hold of every reliability: the parts of the score add up, the
// runs rise and hold all chances.
func sound(t *testing.T, r *service.Reliability) {
	t.Helper()
	brier, mcb, dsc, unc := float(t, r.Brier), float(t, r.MCB), float(t, r.DSC), float(t, r.UNC)
	if off := brier - mcb + dsc - unc; off > 0.0003 || off < -0.0003 || mcb < 0 || dsc < 0 {
		t.Errorf("%v is not %v − %v + %v", brier, mcb, dsc, unc)
	}
	n, before := 0, luoshi.Over(-1, 1)
	for _, b := range r.Bins {
		if n += b.N; b.Rate.Cmp(before) < 0 || b.From.Cmp(b.To) > 0 || b.Low.Cmp(b.High) > 0 || b.Apart != (b.Rate.Cmp(b.Low) < 0 || b.Rate.Cmp(b.High) > 0) {
			t.Errorf("%+v after %v", b, before)
		}
		before = b.Rate
	}
	if n != r.Chances {
		t.Errorf("%d of %d chances in the runs", n, r.Chances)
	}
}

// The demonstration's past years can be asked; what it has shown of 2020 is open.
func TestReliabilityOfTheDemonstration(t *testing.T) {
	asOf, _ := luoshi.ParseAsOf("2020-07-31")
	v := reliability(t, demotest.Open(t), service.Look{AsOf: asOf, Unit: "340000"})
	if v.Backtest == nil || v.Shown != nil || v.Through != luoshi.ToDate(2020, 6) || !v.Sample {
		t.Fatalf("%+v", v)
	}
	if b := v.Backtest; b.Units != 17 || b.Indicators < 8 || b.Chances < 1000 {
		t.Errorf("%d chances of %d indicators at %d units", b.Chances, b.Indicators, b.Units)
	}
	sound(t, v.Backtest)
}

// What was shown during the year waits until the year is known, and is then held
// against what came; what was calculated afterwards never counts.
func TestReliabilityOfWhatWasShown(t *testing.T) {
	c := &clock{}
	c.on(20200410)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, long...)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2016, 2020, 3), "targets", targetOf("invest", "340100", "level", "350.00", "2020-01-01"))
	refreshed(t, s)
	c.on(20200710)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2020, 2020, 6))
	refreshed(t, s)
	look := service.Look{Unit: "340100"}
	v := reliability(t, s, look)
	if v.Shown != nil || v.Waiting != 2 {
		t.Fatalf("open: %+v, %d wait", v.Shown, v.Waiting)
	}
	c.on(20210110)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2020, 2020, 12))
	for _, year := range []int{2020, 2021} {
		v = reliability(t, s, service.Look{Unit: "340100", Year: year})
		if v.Shown == nil || v.Shown.Chances != 2 || v.Shown.Units != 1 || v.Waiting != 0 {
			t.Fatalf("closed, seen from %d: %+v, %d wait", year, v.Shown, v.Waiting)
		}
		sound(t, v.Shown)
	}
	total := 0.0
	for m := 1; m <= 12; m++ {
		total += monthly(2020, m)
	}
	came := 0
	for _, b := range v.Shown.Bins {
		came += b.Came
	}
	if want := map[bool]int{true: 2, false: 0}[total >= 350]; came != want {
		t.Errorf("%d came, the year ended at %.2f of 350", came, total)
	}
	asOf, _ := luoshi.ParseAsOf("2020-07-31")
	if v = reliability(t, s, service.Look{Unit: "340100", AsOf: asOf}); v.Shown != nil || v.Waiting != 2 {
		t.Errorf("as of July it knows the year: %+v", v.Shown)
	}
}
