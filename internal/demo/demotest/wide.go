package demotest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
)

// The province of [Wide]: every county has a target and a figure of every
// indicator, so that a page of them has 105 × 100 cells.
const (
	WideCities     = 16
	WideCounties   = 105
	WideIndicators = 100
)

// WideAsOf is the day on which it is looked at.
const WideAsOf luoshi.Date = 20200731

var wide = sync.OnceValues(func() (*service.Service, error) {
	dir, err := os.MkdirTemp("", "luoshi-demotest-")
	if err != nil {
		return nil, err
	}
	st, err := store.Open(context.Background(), filepath.Join(dir, "wide.db"), store.Options{Clock: WideAsOf.Start})
	if err != nil {
		return nil, err
	}
	if err := st.Migrate(context.Background()); err != nil {
		return nil, err
	}
	svc := service.New(st, WideAsOf.End)
	report, err := svc.ImportFS(context.Background(), wideFiles(), nil, service.ImportOptions{})
	if err == nil && luoshi.Blocked(report.Problems) {
		err = fmt.Errorf("the wide province has problems: %s", report.Problems[0].Message)
	}
	return svc, err
})

// Wide returns a service on a made-up province at full width, which all tests of
// the process share. They must only read.
func Wide(t testing.TB) *service.Service {
	t.Helper()
	svc, err := wide()
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

func wideFiles() fstest.MapFS {
	var units, indicators, targets, figures strings.Builder
	units.WriteString("code,name,kind,parent code,valid from\n900000,宽省,province,,2019-01-01\n")
	for c := range WideCities {
		fmt.Fprintf(&units, "90%02d00,宽市%d,city,900000,2019-01-01\n", c+1, c+1)
	}
	for k := range WideCounties {
		city := k*WideCities/WideCounties + 1
		fmt.Fprintf(&units, "%s,宽县%d,county,90%02d00,2019-01-01\n", wideCounty(k), k+1, city)
	}
	indicators.WriteString("code,name,group,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at,due days\n")
	targets.WriteString("indicator,unit code,first year,form,value,holds from\n")
	figures.WriteString("indicator,unit code,period,value\n")
	for i := range WideIndicators {
		code := fmt.Sprintf("w%d", i+1)
		fmt.Fprintf(&indicators, "%s,宽指标%d,第%d组,亿元,2,more,flow,sum,sum,cumulative,monthly,county,10\n", code, i+1, i/10+1)
		for k := range WideCounties {
			fmt.Fprintf(&targets, "%s,%s,2020,level,%d.00,2020-01-01\n", code, wideCounty(k), 200+k)
			if (i+k)%29 != 0 { // some are missing
				fmt.Fprintf(&figures, "%s,%s,2020-01..06,%d.%02d\n", code, wideCounty(k), 85+(i*7+k*13)%60, (i*31+k)%100)
			}
		}
	}
	files := fstest.MapFS{}
	for name, text := range map[string]string{"units": units.String(), "indicators": indicators.String(), "targets": targets.String(), "figures": figures.String()} {
		files[name+".csv"] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func wideCounty(k int) string { return fmt.Sprintf("91%04d", k+1) }
