package service_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

// tall is a province of three cities, one with two counties, and indicators judged
// by a share, by growth, by a bound and by the value itself.
var tall = []string{
	"units", `
code,name,short name,kind,parent code,valid from
340000,安徽省,安徽,province,,2019-01-01
340100,合肥市,合肥,city,340000,2019-01-01
340102,瑶海区,,county,340100,2019-01-01
340103,庐阳区,,county,340100,2019-01-01
340200,芜湖市,芜湖,city,340000,2019-01-01
340300,=蚌埠市,蚌埠,city,340000,2019-01-01
d1,省发展改革委,发改,department,340000,2019-01-01
d2,省统计局,统计,department,340000,2019-01-01
`,
	"indicators", `
code,name,group,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at,due days,department
invest,重点项目投资,投资,亿元,2,more,flow,sum,sum,cumulative,monthly,city,10,d1
trade,进出口增速,外贸,%,1,more,growth,none,none,cumulative,monthly,city,10,d2
jobless,失业率,就业,%,2,less,rate,last,none,single,monthly,city,10,d2
repair,修复率,粮食,%,2,more,rate,last,none,single,monthly,city,10,d1
`,
	"targets", `
indicator,unit code,first year,form,value,low,high,holds from,owner
invest,340000,2020,level,300.00,,,2020-01-01,d1
invest,340100,2020,level,100.00,,,2020-01-01,
invest,340200,2020,level,100.00,,,2020-01-01,
invest,340300,2020,level,100.00,,,2020-01-01,
invest,340102,2020,level,40.00,,,2020-01-01,
trade,340100,2020,growth,3.0,,,2020-01-01,
trade,340200,2020,growth,5.0,,,2020-01-01,
jobless,340000,2020,at_most,,,4.50,2020-01-01,
repair,340100,2020,level,90.00,,,2020-01-01,
repair,340200,2020,level,90.00,,,2020-01-01,
`,
	"sets", `
code,name,indicator,weight
six,六项,trade,1
six,六项,invest,1
`,
	"goals", `
code,name,parent goal,order,combine,indicator
win,双胜利,,1,all_of,
open,稳外贸,win,1,all_of,
open,,,,,trade
build,稳投资,win,2,all_of,
build,,,,,invest
build,,,,,jobless
`,
}

const tallFigures = `
indicator,unit code,period,value
invest,340100,2020-01..06,61.00
invest,340200,2020-01..06,49.999
invest,340300,2020-01..06,30.00
trade,340100,2020-01..06,2.9
jobless,340000,2020-06,4.60
repair,340100,2020-06,90.00
repair,340200,2020-06,85.00
`

func tallService(t *testing.T, dsn string) *service.Service {
	t.Helper()
	c := &clock{}
	c.on(20200102)
	s := open(t, dsn, c)
	mustTake(t, s, service.ImportOptions{}, tall...)
	c.on(20200713)
	mustTake(t, s, service.ImportOptions{}, "figures", strings.Replace(tallFigures, "49.999", "49.99", 1))
	return s
}

func matrix(t testing.TB, s *service.Service, q service.MatrixQuery) *service.Matrix {
	t.Helper()
	m, err := s.Matrix(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// units and columns name what a matrix shows, in its order.
func units(m *service.Matrix) string {
	var list []string
	for _, r := range m.Rows {
		list = append(list, strings.Repeat(".", r.Depth)+r.Unit.Short.Hans)
	}
	return strings.Join(list, " ")
}

func columns(m *service.Matrix) string {
	var list []string
	for _, c := range m.Columns {
		name := c.Indicator
		if c.First {
			name = "|" + name
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

// cell is one cell as a word: light, number, points.
func cell(c *service.MatrixCell) string {
	show := func(q luoshi.NullQuantity) string {
		if !q.Valid {
			return "-"
		}
		return q.Decimal.String()
	}
	return strings.Join([]string{c.Light.String(), show(c.Value), show(c.Points), string(c.Presence)}, " ")
}

func TestMatrix(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		s := tallService(t, dsn)
		m := matrix(t, s, service.MatrixQuery{All: true, Open: []string{"340100"}})
		// trade has the goal before invest's; jobless has a target of the province alone
		if got := columns(m); got != "|trade |invest jobless |repair" {
			t.Errorf("columns %s", got)
		}
		if got := units(m); got != "芜湖 蚌埠 合肥 .瑶海区 .庐阳区" {
			t.Errorf("rows %s", got)
		}
		want := map[string]string{
			"340000 invest":  "yellow 47.00 -3.00 present", // (61+49.99+30)/300 = 46.9967
			"340000 trade":   "none - - late",              // no target
			"340000 jobless": "red 4.60 -0.10 present",     // over the bound
			"340100 invest":  "green 61.00 11.00 present",  // 61/100 against 6/12
			"340200 invest":  "yellow 49.99 -0.01 present", // a hair behind
			"340300 invest":  "red 30.00 -20.00 present",   // more than ten points
			"340102 invest":  "none - - late",              // due on the 10th, today is the 13th
			"340100 trade":   "yellow 2.9 -0.1 present",    // 2.9 against 3.0
			"340200 trade":   "none - - late",              // nothing published
			"340100 repair":  "green 90.00 0.00 present",   // as asked
			"340200 repair":  "red 85.00 -5.00 present",    // by form: beyond three points
			"340300 repair":  "none - - late",              // no target there
			"340103 invest":  "none - - late",              // nor there
		}
		for _, r := range append([]service.MatrixRow{m.Whole}, m.Rows...) {
			for k, c := range r.Cells {
				at := r.Unit.Code + " " + m.Columns[k].Indicator
				if w, ok := want[at]; ok && cell(c) != w {
					t.Errorf("%s: %s, want %s", at, cell(c), w)
				}
			}
		}
		if c := m.Rows[3].Cells[1]; c.Late != 3 || c.Due != 20200710 || !c.Target {
			t.Errorf("three days late: %+v", c)
		}
		if m.Whole.Counts != (service.Counts{Yellow: 1, Red: 1}) || m.Counts != (service.Counts{Green: 2, Yellow: 2, Red: 2, NotJudged: 2}) {
			t.Errorf("counts %+v %+v", m.Whole.Counts, m.Counts)
		}
		if c := m.Columns[1]; c.Have != 3 || c.Want != 4 || c.Gauge != service.GaugeShare || c.Asked.Value.Decimal.String() != "50.00" || c.Asked.Varies {
			t.Errorf("invest %+v", c)
		}
		if c := m.Columns[0]; !c.Asked.Varies || c.Asked.Value.Valid { // 3.0 and 5.0, and none of the province
			t.Errorf("trade %+v", c.Asked)
		}
		if c := m.Columns[2]; c.Asked.Sign != "le" || c.Asked.Value.Decimal.String() != "4.50" {
			t.Errorf("jobless %+v", c.Asked)
		}
		if m.Headline.Key != "matrix.head.red.places" || m.Cell == nil || m.Cell.Of.Code != "340200" || m.Cell.Judgement.Proof.Rule.Key == "" {
			t.Errorf("%v, first %+v", m.Headline, m.Cell)
		}
	})
}

func TestMatrixArranged(t *testing.T) {
	s := tallService(t, filepath.Join(t.TempDir(), "luoshi.db"))
	for _, tc := range []struct {
		name          string
		q             service.MatrixQuery
		rows, columns string
	}{
		{"by need of action", service.MatrixQuery{}, "芜湖 蚌埠 合肥", "|trade |invest |repair"},
		{"what only the province has", service.MatrixQuery{All: true}, "芜湖 蚌埠 合肥", "|trade |invest jobless |repair"},
		{"least need first", service.MatrixQuery{Up: true}, "合肥 蚌埠 芜湖", "|trade |invest |repair"},
		{"by register", service.MatrixQuery{Sort: service.ByUnit}, "合肥 芜湖 蚌埠", "|trade |invest |repair"},
		{"by register, backwards", service.MatrixQuery{Sort: service.ByUnit, Up: true, Open: []string{"340100"}}, "蚌埠 芜湖 合肥 .庐阳区 .瑶海区", "|trade |invest |repair"},
		{"by a column", service.MatrixQuery{Sort: "invest"}, "合肥 芜湖 蚌埠", "|trade |invest |repair"},
		{"by a column, upwards", service.MatrixQuery{Sort: "invest", Up: true}, "蚌埠 芜湖 合肥", "|trade |invest |repair"},
		{"no number comes last", service.MatrixQuery{Sort: "repair"}, "合肥 芜湖 蚌埠", "|trade |invest |repair"},
		{"no number comes last upwards too", service.MatrixQuery{Sort: "repair", Up: true}, "芜湖 合肥 蚌埠", "|trade |invest |repair"},
		{"by a column that is not there", service.MatrixQuery{Sort: "nothing"}, "芜湖 蚌埠 合肥", "|trade |invest |repair"},
		{"a set", service.MatrixQuery{Choice: service.Choice{Set: "six"}}, "蚌埠 合肥 芜湖", "|trade |invest"},
		{"a group", service.MatrixQuery{Choice: service.Choice{Group: "就业"}}, "合肥 芜湖 蚌埠", "|jobless"},
		{"a department by indicator", service.MatrixQuery{Choice: service.Choice{Department: "d2"}}, "合肥 芜湖 蚌埠", "|trade |jobless"},
		{"a goal and what is under it", service.MatrixQuery{Choice: service.Choice{Goal: "win"}}, "蚌埠 合肥 芜湖", "|trade |invest jobless"},
		{"one goal of it", service.MatrixQuery{Choice: service.Choice{Goal: "build"}}, "蚌埠 芜湖 合肥", "|invest jobless"},
		{"a list", service.MatrixQuery{Choice: service.Choice{Indicators: []string{"repair"}}}, "芜湖 合肥 蚌埠", "|repair"},
		{"red rows", service.MatrixQuery{Lights: []luoshi.Light{luoshi.Red}}, "芜湖 蚌埠", "|trade |invest |repair"},
		{"yellow or green rows", service.MatrixQuery{Lights: []luoshi.Light{luoshi.Green, luoshi.Yellow}}, "芜湖 合肥", "|trade |invest |repair"},
		{"what is off", service.MatrixQuery{Off: true, Choice: service.Choice{Indicators: []string{"invest", "trade"}}}, "蚌埠 合肥 芜湖", "|trade |invest"},
		{"a name", service.MatrixQuery{Find: "芜"}, "芜湖", "|trade |invest |repair"},
		{"a full-width code", service.MatrixQuery{Find: "３４０３"}, "蚌埠", "|trade |invest |repair"},
		{"pinyin", service.MatrixQuery{Find: "wuhu"}, "芜湖", "|trade |invest |repair"},
		{"initials of it", service.MatrixQuery{Find: "HF"}, "合肥", "|trade |invest |repair"},
		{"a name below, unfolded", service.MatrixQuery{Find: "瑶海", Open: []string{"340100"}}, "合肥 .瑶海区", "|trade |invest |repair"},
		{"a name nowhere", service.MatrixQuery{Find: "滁州"}, "", "|trade |invest |repair"},
		{"the rung below", service.MatrixQuery{Below: luoshi.County}, "瑶海区 庐阳区", "|invest"},
		{"a city", service.MatrixQuery{Look: service.Look{Unit: "340100"}}, "瑶海区 庐阳区", "|invest"},
		{"a city, asked for a rung that it has not", service.MatrixQuery{Look: service.Look{Unit: "340100"}, Below: luoshi.City}, "瑶海区 庐阳区", "|invest"},
		{"a county alone", service.MatrixQuery{Look: service.Look{Unit: "340102"}}, "", "|invest"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := matrix(t, s, tc.q)
			if units(m) != tc.rows || columns(m) != tc.columns {
				t.Errorf("%s × %s, want %s × %s", units(m), columns(m), tc.rows, tc.columns)
			}
			widths := 0
			for _, g := range m.Groups {
				widths += g.Columns
			}
			for _, r := range append([]service.MatrixRow{m.Whole}, m.Rows...) {
				if len(r.Cells) != len(m.Columns) || widths != len(m.Columns) {
					t.Errorf("%s has %d cells under %d heads", r.Unit.Code, len(r.Cells), widths)
				}
			}
			if again := matrix(t, s, tc.q); again != m {
				t.Error("asked again, it was made again")
			}
		})
	}
}

func TestMatrixRefuses(t *testing.T) {
	s := tallService(t, filepath.Join(t.TempDir(), "luoshi.db"))
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	for key, q := range map[string]service.MatrixQuery{
		"board.set_unknown":         {Choice: service.Choice{Set: "x"}},
		"matrix.group_unknown":      {Choice: service.Choice{Group: "x"}},
		"matrix.department_unknown": {Choice: service.Choice{Department: "x"}},
		"matrix.goal_unknown":       {Choice: service.Choice{Goal: "x"}},
		"import.indicator_unknown":  {Choice: service.Choice{Indicators: []string{"x"}}},
		"matrix.rung_unknown":       {Below: "village"},
		"import.unit_unknown":       {Look: service.Look{Unit: "zzzzzz"}},
	} {
		_, err := s.Matrix(context.Background(), q)
		if err == nil || !strings.HasPrefix(err.Error(), key) {
			t.Errorf("%s: %v", key, err)
		}
		if said := words.Error(locale.ZhHans, err); strings.Contains(said, "{") || !strings.Contains(said, "。") {
			t.Errorf("%s is told as %q, without a way out", key, said)
		}
	}
	if _, err := s.MatrixCell(context.Background(), service.Look{}, "340100", "x"); luoshi.CodeOf(err) != luoshi.NotFound {
		t.Errorf("a cell of an unknown indicator: %v", err)
	}
	empty := open(t, filepath.Join(t.TempDir(), "luoshi.db"), &clock{at: time.Date(2020, 7, 1, 0, 0, 0, 0, luoshi.Zone)})
	if m := matrix(t, empty, service.MatrixQuery{}); m.Unit.Code != "" || len(m.Rows) > 0 {
		t.Errorf("an empty database shows %+v", m)
	}
}

// A column that most units have only up to an earlier month says so in its head, and
// who is ahead of the others is told apart.
func TestMatrixPeriods(t *testing.T) {
	c := &clock{}
	c.on(20200102)
	s := open(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	mustTake(t, s, service.ImportOptions{}, tall...)
	c.on(20200705) // the figures of June are due on the 10th
	mustTake(t, s, service.ImportOptions{}, "figures", `
indicator,unit code,period,value
invest,340100,2020-01..05,45.00
invest,340200,2020-01..05,40.00
invest,340300,2020-01..05,41.00
invest,340100,2020-01..06,61.00
trade,340100,2020-01..06,2.9
trade,340200,2020-01..06,5.1
`)
	m := matrix(t, s, service.MatrixQuery{Sort: service.ByUnit})
	invest, trade := m.Columns[1], m.Columns[0]
	if m.Through.To != 6 || !invest.Older || invest.Period != luoshi.ToDate(2020, 5) || trade.Older || trade.Period != luoshi.ToDate(2020, 6) {
		t.Errorf("through %v: invest %v %v, trade %v %v", m.Through, invest.Period, invest.Older, trade.Period, trade.Older)
	}
	if got := invest.Shown(false).String(); !strings.HasPrefix(got, "matrix.until") || !strings.Contains(got, "month.5") {
		t.Errorf("the head says %s", got)
	}
	if ahead, others := m.Rows[0].Cells[1], m.Rows[1].Cells[1]; ahead.Period.To != 6 || others.Period.To != 5 || invest.Asked.Value.Decimal.String() != "41.67" {
		t.Errorf("%v and %v, asked for %v", ahead.Period, others.Period, invest.Asked.Value)
	}
}

// A figure written shows at once: what was judged before is not served any more.
func TestMatrixFollowsWrites(t *testing.T) {
	c := &clock{}
	c.on(20200102)
	s := open(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	mustTake(t, s, service.ImportOptions{}, tall...)
	c.on(20200713)
	if got := cell(matrix(t, s, service.MatrixQuery{Sort: service.ByUnit}).Rows[0].Cells[1]); got != "none - - late" {
		t.Errorf("before: %s", got)
	}
	mustTake(t, s, service.ImportOptions{}, "figures", "indicator,unit code,period,value\ninvest,340100,2020-01..06,61.00\n")
	if got := cell(matrix(t, s, service.MatrixQuery{Sort: service.ByUnit}).Rows[0].Cells[1]); got != "green 61.00 11.00 present" {
		t.Errorf("after: %s", got)
	}
}

// Whatever is asked for, the matrix says of each cell what a judgement of it by
// itself says, leaves nothing out that fits and sorts what it shows.
func TestMatrixAgreesWithJudgements(t *testing.T) {
	s := demotest.Open(t)
	look := service.Look{AsOf: luoshi.Date(20200731).End()}
	whole := matrix(t, s, service.MatrixQuery{Look: look, All: true, Open: []string{"340100", "341500"}})
	board, err := s.Board(context.Background(), service.BoardQuery{Look: look})
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]service.MatrixRow{whole.Whole.Unit.Code: whole.Whole}
	for _, r := range whole.Rows {
		rows[r.Unit.Code] = r
	}
	for _, r := range board.Rows {
		for i, c := range board.Columns {
			k := slices.IndexFunc(whole.Columns, func(m service.MatrixColumn) bool { return m.Indicator == c.Indicator })
			got, want := rows[r.Unit.Code].Cells[k], r.Cells[i].Judgement
			if got.Light != want.Light || got.Period != want.Period || got.Gauge == service.GaugeShare && got.Target && got.Value.Valid && got.Light == luoshi.Green && got.Value != want.Share.Percent(2) {
				t.Errorf("%s %s: %s, judged %v %v", r.Unit.Code, c.Indicator, cell(got), want.Light, want.Share.Percent(2))
			}
		}
	}
	random := rand.New(rand.NewPCG(3, 20200731))
	for range 60 {
		q := service.MatrixQuery{Look: look, Points: random.IntN(2) == 0, Up: random.IntN(2) == 0, Off: random.IntN(3) == 0}
		q.Sort = whole.Columns[random.IntN(len(whole.Columns))].Indicator
		q.All, q.Below = true, []luoshi.UnitKind{"", luoshi.City, luoshi.County}[random.IntN(3)]
		for l := luoshi.NotJudged; l <= luoshi.Red; l++ {
			if random.IntN(4) == 0 {
				q.Lights = append(q.Lights, l)
			}
		}
		m := matrix(t, s, q)
		if err := sorted(m); err != nil {
			t.Errorf("%+v: %v", q, err)
		}
		for _, r := range m.Rows {
			fits := len(q.Lights) == 0 || slices.ContainsFunc(r.Cells, func(c *service.MatrixCell) bool { return c.Target && slices.Contains(q.Lights, c.Light) })
			if !fits || q.Off && r.Counts.Yellow+r.Counts.Red == 0 {
				t.Errorf("%+v shows %s", q, r.Unit.Code)
			}
		}
	}
}

func sorted(m *service.Matrix) error {
	k := slices.IndexFunc(m.Columns, func(c service.MatrixColumn) bool { return c.Indicator == m.Sort })
	if k < 0 {
		return nil
	}
	var before luoshi.NullQuantity
	for i, r := range m.Rows {
		now := r.Cells[k].Number(m.Points)
		if r.Cells[k].Gauge != m.Columns[k].Gauge && !m.Points {
			now.Valid = false
		}
		if i > 0 && now.Valid && (!before.Valid || m.Up && now.Decimal.Cmp(before.Decimal) < 0 || !m.Up && now.Decimal.Cmp(before.Decimal) > 0) {
			return fmt.Errorf("%s comes after %v with %v", r.Unit.Code, before, now)
		}
		before = now
	}
	return nil
}

// What is downloaded is what is seen: the same rows and columns in the same order,
// numbers as numbers, lights in words, and nothing that a spreadsheet would run.
func TestWriteMatrix(t *testing.T) {
	s := tallService(t, filepath.Join(t.TempDir(), "luoshi.db"))
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	write := func(q service.MatrixQuery, plain bool) *bytes.Buffer {
		var b bytes.Buffer
		opt := service.TableOptions{CSV: plain, Lang: "zh-Hans", Say: func(v any) string { return words.Show(locale.ZhHans, v, "") }}
		if err := s.WriteMatrix(context.Background(), &b, q, opt); err != nil {
			t.Fatal(err)
		}
		return &b
	}
	q := service.MatrixQuery{Sort: "invest", Up: true, Open: []string{"340100"}, Choice: service.Choice{Set: "six"}}
	got, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(write(q, true).Bytes(), []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, record := range got {
		lines = append(lines, strings.Join(record, "|"))
	}
	want := []string{
		"单位|代码|上级|正常|预警|滞后|进出口增速（增速%）|进出口增速·灯|重点项目投资（占年%）|重点项目投资·灯|截至|区划日期|含示例数据",
		"应达到|||||||各异|50.00||2020-07-13 23:59|2020-01-01|",
		"安徽省|340000||0|1|0||没有目标|47.00|预警|2020-07-13 23:59|2020-01-01|",
		"'=蚌埠市|340300|安徽省|0|0|1||没有目标|30.00|滞后|2020-07-13 23:59|2020-01-01|",
		"芜湖市|340200|安徽省|0|1|0||迟3日|49.99|预警|2020-07-13 23:59|2020-01-01|",
		"合肥市|340100|安徽省|1|1|0|2.9|预警|61.00|正常|2020-07-13 23:59|2020-01-01|",
		"瑶海区|340102|合肥市|0|0|0||没有目标||迟3日|2020-07-13 23:59|2020-01-01|",
		"庐阳区|340103|合肥市|0|0|0||没有目标||没有目标|2020-07-13 23:59|2020-01-01|",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	for name, q := range map[string]service.MatrixQuery{"points": {Points: true, Choice: q.Choice}, "chances": {Chance: true, Choice: q.Choice}} {
		if text := write(q, true).String(); strings.Contains(text, "应达到") || !strings.Contains(text, "安徽省,340000") {
			t.Errorf("%s have a line of what is asked:\n%s", name, text)
		}
	}
	book, err := excelize.OpenReader(write(q, false))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	sheet := book.GetSheetName(0)
	for at, want := range map[string]string{"A1": "安徽省：单位×指标，截至2020-07-13 23:59", "G2": "进出口增速（增速%）", "A5": "=蚌埠市", "I5": "30.00", "J5": "滞后", "I6": "49.99", "G6": "", "H6": "迟3日", "A12": "区划按2020年1月1日"} {
		if got, err := book.GetCellValue(sheet, at); err != nil || got != want {
			t.Errorf("%s = %q, want %q (%v)", at, got, want, err)
		}
	}
	if kind, _ := book.GetCellType(sheet, "I5"); kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString {
		t.Error("a number came as text")
	}
	if formula, _ := book.GetCellFormula(sheet, "A5"); formula != "" {
		t.Errorf("a name became the formula %s", formula)
	}
}

// The whole of 105 × 100 cells: judged anew, arranged anew, and asked for again.
func BenchmarkMatrix(b *testing.B) {
	s := demotest.Wide(b)
	look := service.Look{AsOf: demotest.WideAsOf.End(), Unit: "900000"}
	b.Run("anew", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			at := look
			at.AsOf = at.AsOf.Add(-time.Duration(n+1) * time.Microsecond) // another instant is another snapshot
			matrix(b, s, service.MatrixQuery{Look: at, Below: luoshi.County})
		}
	})
	b.Run("arranged", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			matrix(b, s, service.MatrixQuery{Look: look, Below: luoshi.County, Sort: "w7", Find: strings.Repeat(" ", n%5000+1)})
		}
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			matrix(b, s, service.MatrixQuery{Look: look, Below: luoshi.County})
		}
	})
}
