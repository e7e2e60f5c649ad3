package service_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
)

// BenchmarkCatchUp is another lock on a plan whose outlooks are in memory: of a
// province's 16 cities, and of 105 counties directly below one unit.
func BenchmarkCatchUp(b *testing.B) {
	for _, c := range []struct {
		name string
		make func(*testing.B) (*service.Service, service.CatchUpQuery, string)
	}{
		{"16x6", func(b *testing.B) (*service.Service, service.CatchUpQuery, string) {
			return demotest.Open(b), service.CatchUpQuery{Look: midyear("340000"), Indicator: "key_projects", Total: luoshi.Some(amount("350"))}, "340100"
		}},
		{"105x6", counties},
	} {
		b.Run(c.name, func(b *testing.B) {
			s, q, code := c.make(b)
			if v, err := s.CatchUp(context.Background(), q); err != nil || v.Why.Key != "" {
				b.Fatal(err, v.Why)
			}
			n := 0
			for b.Loop() {
				n++
				q.Locks = map[string]map[int]luoshi.Quantity{code: {9: luoshi.Unscaled(int64(100+n%100), 2).Decimal}}
				if v, err := s.CatchUp(context.Background(), q); err != nil || !v.Sum.Valid {
					b.Fatal(err, v.Problems)
				}
			}
		})
	}
}

// counties is a province of 105 counties with four and a half years of figures.
func counties(b *testing.B) (*service.Service, service.CatchUpQuery, string) {
	b.Helper()
	c := &clock{}
	c.on(20200710)
	st, err := store.Open(context.Background(), filepath.Join(b.TempDir(), "counties.db"), store.Options{Clock: c.now})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	if err := st.Migrate(context.Background()); err != nil {
		b.Fatal(err)
	}
	s := service.New(st, c.now)
	units, targets, figures := &strings.Builder{}, &strings.Builder{}, &strings.Builder{}
	units.WriteString("code,name,kind,parent code,valid from\n34,安徽省,province,,2015-01-01\n")
	targets.WriteString("indicator,unit code,first year,form,value,holds from\ninvest,34,2020,level,14000,2020-01-01\n")
	figures.WriteString("indicator,unit code,period,value\n")
	for i := range 105 {
		code := fmt.Sprint(340001 + i)
		fmt.Fprintf(units, "%s,%s县,county,34,2015-01-01\n", code, code)
		fmt.Fprintf(targets, "invest,%s,2020,level,133,2020-01-01\n", code)
		for year := 2016; year <= 2020; year++ {
			for m := 1; m <= 12 && (year < 2020 || m <= 6); m++ {
				fmt.Fprintf(figures, "invest,%s,%d-%02d,%.2f\n", code, year, m, 8+float64((i*year*m)%17)/10+float64(year-2016)/2)
			}
		}
	}
	r, err := s.ImportFS(context.Background(), sheets("units", units.String(), "indicators", `
code,name,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at,due days
invest,投资,亿元,2,more,flow,sum,sum,single,monthly,county,10
`, "targets", targets.String(), "figures", figures.String()), nil, service.ImportOptions{})
	if err != nil || !r.Saved {
		b.Fatal(err, r.Problems)
	}
	return s, service.CatchUpQuery{Look: service.Look{Year: 2020, Unit: "34"}, Indicator: "invest", Unbound: true}, "340001"
}
