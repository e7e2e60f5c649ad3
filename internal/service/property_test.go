package service_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// TestMain runs fewer draws than rapid's hundred: each is a database of its own.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "10"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// Whatever is reported, revised, planned or changed in the unit tree later, the
// page of an earlier instant stays the same to the letter.
func TestNoPastViewChanges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp("", "luoshi-")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		c := &clock{}
		c.on(20200102)
		s := open(t, filepath.Join(dir, "luoshi.db"), c)
		mustTake(t, s, service.ImportOptions{}, small...)
		day, split := luoshi.Date(20200102), false
		seen := map[luoshi.Date]string{}
		for step := range rapid.IntRange(2, 8).Draw(rt, "steps") {
			seen[day] = page(t, s, day)
			day = day.AddDays(rapid.IntRange(1, 60).Draw(rt, "days"))
			c.on(day)
			switch kind := rapid.IntRange(0, 3).Draw(rt, "kind"); {
			case kind == 1:
				take(t, s, service.ImportOptions{SaveRight: true}, "targets", fmt.Sprintf("indicator,unit code,first year,form,value,holds from,reason\ninvest,340100,2020,level,%d.00,%v,第%d次\n", rapid.IntRange(100, 300).Draw(rt, "target"), day, step))
			case kind == 2 && !split:
				split = true
				take(t, s, service.ImportOptions{SaveRight: true}, "changes", fmt.Sprintf("date,change,old code,new code,new name\n%v,recode,340200,340299,新市\n", day))
			default:
				take(t, s, service.ImportOptions{SaveRight: true}, "figures", fmt.Sprintf("indicator,unit code,period,value\ninvest,340%d00,2020-01..%02d,%d.50\n", rapid.IntRange(1, 2).Draw(rt, "city"), rapid.IntRange(1, 12).Draw(rt, "month"), rapid.IntRange(0, 400).Draw(rt, "value")))
			}
			for then, want := range seen {
				if got := page(t, s, then); got != want {
					rt.Fatalf("as of %v the page changed on %v\nwas %s\nis  %s", then, day, want, got)
				}
			}
		}
		// Nor does it matter what else a server has in memory of other instants.
		for then, want := range seen {
			if got := page(t, open(t, filepath.Join(dir, "luoshi.db"), c), then); got != want {
				rt.Fatalf("as of %v a new server shows another page\nwas %s\nis  %s", then, want, got)
			}
		}
	})
}

// page is everything that a reader sees, written down.
func page(t *testing.T, s *service.Service, on luoshi.Date) string {
	look := service.Look{AsOf: on.End(), Year: 2020}
	v := *overview(t, s, look)
	v.Now, v.Instants = false, nil // where one may go from here, not what is here
	text, err := json.Marshal(struct {
		Overview service.Overview
		Headline string
	}{v, v.Headline.String()})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Readers and a writer at once: under -race nothing is shared that is written to,
// and every page is of one state.
func TestReadersBesideAWriter(t *testing.T) {
	c := &clock{}
	c.on(20200102)
	s := open(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	mustTake(t, s, service.ImportOptions{}, small...)
	c.on(20200710)
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				v, err := s.Overview(context.Background(), service.Look{})
				if err != nil {
					t.Error(err)
					return
				}
				if got := v.Goals[0].Judgement.Actual; got.Valid && got.Decimal.String() != "206.11" && !strings.HasSuffix(got.Decimal.String(), ".22") {
					t.Errorf("a page of no state: %v", got)
				}
			}
		})
	}
	for i := range 20 {
		text := june
		if i%2 == 1 {
			text = "indicator,unit code,period,value\ninvest,340100,2020-01..06,100.11\ninvest,340200,2020-01..06,50.11\n"
		}
		take(t, s, service.ImportOptions{}, "figures", text)
	}
	close(stop)
	readers.Wait()
}

// Anhui's lists of 2019 and 2023, as published: import both, with what became of
// whom in between, and 2020's figures add up the same by the boundaries of either.
func TestRealReorganisation(t *testing.T) {
	data := os.Getenv("LUOSHI_TEST_DATA")
	if data == "" {
		t.Skip("LUOSHI_TEST_DATA is not set: the lists of units of 2019 and 2023 are not at hand")
	}
	c := &clock{}
	c.on(20200102)
	s := open(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	old := list(t, filepath.Join(data, "gbt2260_anhui_mca2019.csv"), "2019-01-01", nil)
	mustTake(t, s, service.ImportOptions{}, "units", old.String(),
		"indicators", "code,name,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at\ninvest,投资,亿元,2,more,flow,sum,sum,cumulative,monthly,county\n",
		"targets", "indicator,unit code,first year,form,value,holds from\ninvest,340000,2020,level,1000,2020-01-01\n")
	var figures strings.Builder
	figures.WriteString("indicator,unit code,period,value\n")
	sum := 0
	for i, code := range old.counties {
		v := 137 + 29*i%411
		sum += v
		fmt.Fprintf(&figures, "invest,%s,2020-01..12,%d.%02d\n", code, v/100, v%100)
	}
	c.on(20210120)
	mustTake(t, s, service.ImportOptions{}, "figures", figures.String())

	c.on(20230105)
	now := list(t, filepath.Join(data, "anhui_counties_2023.csv"), "2021-01-01", old.cities)
	r := take(t, s, service.ImportOptions{DryRun: true}, "units", now.String())
	asked := map[string]bool{}
	for _, p := range r.Problems {
		if code, ok := p.Message.Args["code"].(string); ok {
			asked[code] = true
		}
	}
	for _, code := range []string{"340203", "340208", "340221", "340222", "340225"} {
		if !asked[code] {
			t.Errorf("the list of 2023 does not ask what became of %s", code)
		}
	}
	mustTake(t, s, service.ImportOptions{}, "changes", `date,change,old code,new code,new name
2020-01-01,recode,340225,340281,无为市
2021-01-01,recode,340203,340209,
2021-01-01,merge,340208,340209,
2021-01-01,recode,340221,340210,湾沚区
2021-01-01,recode,340222,340212,繁昌区
`)
	if r := take(t, s, service.ImportOptions{}, "units", now.String()); luoshi.Blocked(r.Problems) {
		t.Fatal(r.Problems)
	}
	want := fmt.Sprintf("%d.%02d", sum/100, sum%100)
	for _, on := range []luoshi.Date{20200101, 20210101} {
		b, err := s.Board(context.Background(), service.BoardQuery{Look: service.Look{Year: 2020, Unit: "340000", Boundaries: on}, Below: luoshi.County})
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, row := range b.Rows[1:] {
			if a := row.Cells[0].Judgement.Actual; a.Valid {
				v, _ := luoshi.Scaled(a.Decimal, 2)
				total += int(v)
			}
		}
		if total != sum {
			t.Errorf("by %v the counties add to %d, want %d", on, total, sum)
		}
		if on == 20200101 && b.Rows[0].Cells[0].Judgement.Actual.Decimal.String() != want {
			t.Errorf("by %v the province has %v, want %s", on, b.Rows[0].Cells[0].Judgement.Actual, want)
		}
	}
}

// register is a list of units as a sheet.
type register struct {
	strings.Builder
	counties, cities []string
}

// list reads code and name; places without figures of their own (development
// zones, 340x7y) are told by their kind.
func list(t *testing.T, path, from string, cities []string) *register {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	r := &register{}
	r.WriteString("code,name,kind,parent code,valid from\n")
	if cities != nil {
		fmt.Fprintf(r, "340000,安徽省,,,2019-01-01\n")
		for _, city := range cities {
			fmt.Fprintf(r, "%s,,,2019-01-01\n", city)
		}
	}
	for _, row := range rows[1:] {
		code, name := row[0], row[1]
		switch {
		case strings.HasSuffix(code, "0000"):
		case strings.HasSuffix(code, "00"):
			r.cities = append(r.cities, code+","+name)
		case code[4] == '7':
			fmt.Fprintf(r, "%s,%s,zone,%s00,%s\n", code, name, code[:4], from)
			continue
		default:
			r.counties = append(r.counties, code)
		}
		fmt.Fprintf(r, "%s,%s,,,%s\n", code, name, from)
	}
	return r
}
