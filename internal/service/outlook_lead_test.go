package service_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// Two cities whose investment follows new starts by five months, ten years long; what
// is on order besides has nothing to do with it.
func led(seed uint64, through int) string {
	r := rand.New(rand.NewPCG(seed, 3))
	var b strings.Builder
	b.WriteString(figureHead)
	for _, unit := range []string{"340100", "340200"} {
		level, speed := make([]float64, 150), 0.0
		for i := 1; i < len(level); i++ {
			speed = 0.85*speed + 0.02*r.NormFloat64()
			level[i] = level[i-1] + speed + 0.004
		}
		other := 0.0
		for year := 2010; year <= 2020; year++ {
			var invest, starts float64
			for m := 1; m <= 12 && (year < 2020 || m <= through); m++ {
				t := 12*(year-2010) + m
				invest += math.Round(10000*math.Exp(level[t]+0.15*math.Sin(float64(m)*math.Pi/6)+0.02*r.NormFloat64())) / 100
				starts += math.Round(4000*math.Exp(level[t+5]+0.2*math.Cos(float64(m)*math.Pi/6)+0.03*r.NormFloat64())) / 100
				other = 0.9*other + 0.05*r.NormFloat64()
				fmt.Fprintf(&b, "invest,%s,%d-01..%02d,%.2f\n", unit, year, m, invest)
				fmt.Fprintf(&b, "starts,%s,%d-01..%02d,%.2f\n", unit, year, m, starts)
				fmt.Fprintf(&b, "orders,%s,%d-%02d,%.2f\n", unit, year, m, 50*math.Exp(other))
			}
		}
	}
	return b.String()
}

// What runs ahead is heard and said, what does not is named with the reason; the
// total is the outlook's, units add up, and what a leader says later changes nothing
// that was said before.
func TestOutlookHearsWhatRunsAhead(t *testing.T) {
	c := &clock{}
	c.on(20200105)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, "units", `
code,name,kind,parent code,valid from
340000,安徽省,province,,2010-01-01
340100,合肥市,city,340000,2010-01-01
340200,芜湖市,city,340000,2010-01-01
`, "indicators", `
code,name,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at,due days,leads
invest,投资,亿元,2,more,flow,sum,sum,cumulative,monthly,city,10,
starts,新开工,亿元,2,more,flow,sum,sum,cumulative,monthly,city,10,invest
orders,订单,亿元,2,more,stock,last,sum,single,monthly,city,10,invest
`)
	c.on(20200710)
	mustTake(t, s, service.ImportOptions{}, "figures", led(4, 6))
	asOf, _ := luoshi.ParseAsOf("2020-07-10")
	look := service.Look{AsOf: asOf, Unit: "340000", Year: 2020}
	v := outlook(t, s, look, "invest")
	by := map[string]service.OutlookLead{}
	for _, l := range v.Leads {
		by[l.Indicator.Code] = l
	}
	starts, orders := by["starts"], by["orders"]
	if starts.Hearing != "heard" || starts.Years < 3 || starts.With.Decimal.Cmp(starts.Without.Decimal) >= 0 || !starts.Shift.Valid {
		t.Errorf("new starts: %+v", starts)
	}
	if orders.Hearing == "heard" || orders.Hearing == "" || orders.Shift.Valid {
		t.Errorf("orders: %+v", orders)
	}
	if !slices.Contains(noteKeys(v.Notes), "outlook.lead.more.says") && !slices.Contains(noteKeys(v.Notes), "outlook.lead.less.says") {
		t.Error(noteKeys(v.Notes))
	}
	if n := outlooksAddUp(t, s, look, "invest"); n != 2 {
		t.Errorf("%d units add up", n)
	}
	c.on(20200910)
	mustTake(t, s, service.ImportOptions{SaveRight: true}, "figures", led(4, 8))
	again := outlook(t, s, look, "invest")
	if again.Total != v.Total || again.Chance != v.Chance || len(again.Leads) != 2 || again.Leads[0].Shift != v.Leads[0].Shift {
		t.Errorf("said %v in July, %v of it in September", v.Total, again.Total)
	}
}
