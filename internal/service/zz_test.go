package service_test

import (
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

func TestZZ(t *testing.T) {
	s := demotest.Open(t)
	asOf, _ := luoshi.ParseAsOf("2020-07-31")
	look := service.Look{Unit: "340000", AsOf: asOf}
	w, _ := locale.New()
	for _, code := range []string{"gdp", "cpi", "unemployment_rate", "manufacturing_loans", "fdi_growth", "fixed_investment_growth", "business_climate", "livelihood_projects", "assistance_rate", "flood_repair_rate", "blockage_cleared_rate", "industry_growth"} {
		v := outlook(t, s, look, code)
		t.Log(code, w.Say("zh-Hans", v.Says), w.Say("zh-Hans", v.Why), v.Known, v.Through, v.Chance, v.Standing, len(v.Steps), v.Backtest)
		for _, n := range v.Notes {
			t.Log("   ", w.Say("zh-Hans", n))
		}
	}
	_ = service.OutlookOpen
}
