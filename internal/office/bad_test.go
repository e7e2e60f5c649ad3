package office

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"luoshi.dev"
	"luoshi.dev/internal/locale"
)

// Each case is a CSV, the problems it must have, and how many rows come through.
var badCSV = []struct {
	name, text, want string
	rows             int
}{
	{"all well", "指标代码,单位代码,时期,口径,数值\ngdp,340000,2020-06,累计,17551.1\n", "", 1},
	{"heads in traditional characters", "指標代碼,單位代碼,時期,口徑,數值\ngdp,340000,2020-06,累計,1\n", "", 1},
	{"heads in English, any order", "value,period,unit code,indicator code\n1,2020-06,340000,gdp\n", "", 1},
	{"duplicate heads", "指标代码,单位代码,时期,数值,数值\ngdp,340000,2020-06,1,2\n", "E1 blocking office.column.twice", 0},
	{"missing column", "指标代码,单位代码,数值,状态\ngdp,340000,x,初步\n", "1 blocking office.column.missing\nC2 blocking office.cell.number", 0},
	{"unknown column", "指标代码,单位代码,时期,数值,壮态\ngdp,340000,2020,1,\n", "E1 warning office.column.unknown_near", 1},
	{"unknown word", "指标代码,单位代码,时期,口径,数值\ngdp,340000,2020,累积,1\n", "D2 blocking office.cell.word_near", 0},
	{"unreadable period", "指标代码,单位代码,时期,数值\ngdp,340000,去年,1\ngdp,340000,2020-13,1\n", "C2 blocking office.cell.period\nC3 blocking office.cell.period", 0},
	{"1e400", "指标代码,单位代码,时期,数值\ngdp,340000,2020,1e400\n", "D2 blocking office.cell.range", 0},
	{"full-width digits", "指标代码,单位代码,时期,数值\nｇｄｐ,３４００００,２０２０－０６,１２．５\n", "", 1},
	{"words in a number cell", "指标代码,单位代码,时期,数值\ngdp,340000,2020,约200\n", "D2 blocking office.cell.number", 0},
	{"unit of measure in a number cell", "指标代码,单位代码,时期,数值\ngdp,340000,2020,206.11亿元\n", "D2 blocking office.cell.measure", 0},
	{"thousands, currency", "指标代码,单位代码,时期,数值\ngdp,340000,2020,\"1,234.5\"\ngdp,340100,2020,¥12\n", "", 2},
	{"decimal comma", "指标代码;单位代码;时期;数值\ngdp;340000;2020;206,11\n", "D2 blocking office.cell.groups", 0},
	{"tabs", "指标代码\t单位代码\t时期\t数值\ngdp\t340000\t2020\t1\n", "", 1},
	{"a mark for nothing", "指标代码,单位代码,时期,数值\ngdp,340000,2020,—\ngdp,340100,2020,1\n", "D2 warning office.cell.placeholder", 1},
	{"percent in growth", "指标代码,单位代码,时期,同比\ngdp,340000,2020,3.2%\n", "", 1},
	{"percent in a value", "指标代码,单位代码,时期,数值\ngdp,340000,2020,63.86%\n", "D2 warning office.cell.percent", 1},
	{"date count in a period", "指标代码,单位代码,时期,数值\ngdp,340000,43983,1\n", "C2 warning office.cell.serial", 1},
	{"day in a period", "指标代码,单位代码,时期,数值\ngdp,340000,2020-1-15,1\n", "C2 blocking office.cell.day", 0},
	{"total and note", "指标代码,单位,时期,数值\ngdp,安徽省,2020,1\ngdp,合 计,2020,1\n注：初步核算数。\n", "3 warning office.row.total\nA4 warning office.row.note", 1},
	{"empty rows", "指标代码,单位代码,时期,数值\n\n,,,\ngdp,340000,2020,1\n\n", "", 1},
	{"row not filled", "指标代码,单位代码,时期,数值\ngdp,340000,2020,\n", "", 0},
	{"no indicator", "指标代码,单位代码,时期,数值\n,340000,2020,1\n", "A2 blocking office.cell.required", 0},
	{"twice the same", "指标代码,单位代码,时期,数值\ngdp,340000,2020,1\ngdp,340000,2020,1.0\n", "3 warning office.row.twice", 2},
	{"twice, different", "指标代码,单位代码,时期,数值\ngdp,340000,2020,1\ngdp,340000,2020,2\nx,340000,2020,1\n", "2 blocking office.row.conflict\n3 blocking office.row.conflict", 1},
	{"two vintages", "指标代码,单位代码,时期,数值,状态\ngdp,340000,2020,1,快报\ngdp,340000,2020,2,最终\n", "", 2},
	{"garbled", "指标代码,单位代码,时期,数值\ngdp,34\ufffd,2020,1\n", "B2 blocking office.cell.garbled", 0},
	{"everything that can be checked is", "指标代码,单位代码,时期,口径,数值\n,,x,y,z\n",
		"A2 blocking office.cell.required\nB2 blocking office.cell.required\nC2 blocking office.cell.period\nD2 blocking office.cell.word\nE2 blocking office.cell.number", 0},
	{"unknown table", "颜色,形状\n红,圆\n", "1 warning office.sheet.unknown", 0},
	{"title above the heads", "安徽省2020年上半年,,,\n指标代码,单位代码,时期,数值\ngdp,340000,2020,1\n", "", 1},
	{"quotes, line breaks", "指标代码,单位代码,时期,数值,来源\r\n\"gdp\",340000,2020,\"1\",\"统计局\"\"初步\"\"\n第二行\"\r\n", "", 1},
	{"old Macintosh line ends", "指标代码,单位代码,时期,数值\rgdp,340000,2020,1\r", "", 1},
	{"separator said", "sep=;\n指标代码;单位代码;时期;数值\ngdp;340000;2020;1\n", "", 1},
	{"grid without a year", "指标,gdp\n单位代码,1月,2月\n340000,1,2\n", "B2 blocking office.grid.year", 0},
}

func TestBadCSV(t *testing.T) {
	for _, c := range badCSV {
		t.Run(c.name, func(t *testing.T) {
			d := readText(t, "test.csv", c.text)
			if got := says(d); got != c.want {
				t.Errorf("says\n%s\nwant\n%s", got, c.want)
			}
			if len(d.Figures) != c.rows {
				t.Errorf("%d rows, want %d: %+v", len(d.Figures), c.rows, d.Figures)
			}
		})
	}
}

// Other sheets: what the checks of their own say.
func TestBadSheets(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"units", "units.csv", "代码,名称,级别,有效期起,有效期至\n340000,安徽省,升,2020-1-1,2019-12-31\n", "C2 blocking office.cell.word\nE2 blocking office.unit.ends_before"},
		{"shares", "changes.csv", "日期,变动,原代码,新代码,份额\n2020-6-5,拆分,340203,340209,1.2\n2020-6-5,拆分,340203,340207,60%\n", "E2 blocking office.cell.share"},
		{"decimals", "indicators.csv", "代码,名称,计量单位,小数位,方向,性质,时间汇总,单位汇总,口径,频度\ngdp,生产总值,亿元,1.5,越高越好,流量,相加,相加,累计,季\n", "D2 blocking office.cell.whole"},
		{"rules of the indicator", "indicators.csv", "代码,名称,计量单位,小数位,方向,性质,时间汇总,单位汇总,口径,频度\ncpi,物价指数,%,1,区间,指数,不汇总,相加,当期,月\n", "2 blocking indicator.never_adds"},
		{"years", "targets.csv", "指标代码,单位代码,起始年,终止年,目标值\ngdp,340000,2020,2019,1\ngdp,340000,明年,,1\n", "D2 blocking office.target.years\nC3 blocking office.cell.year"},
		{"goal without name", "goals.csv", "目标代码,目标名称,合成方式,指标代码\nwin,,,\n", "B2 blocking office.goal.name"},
		{"targets under the name of goals", "目标.csv", "指标代码,单位代码,年份,目标值\ngdp,340000,2020,1\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := says(readText(t, c.file, c.text)); got != c.want {
				t.Errorf("says\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestGrids(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"periods", "指标：gdp,,\n年份,2020,口径,累计\n单位代码,单位,1–3月,二季度,全年\n340000,安徽省,1,2,\n340100,合肥市,,3,4\n",
			[]string{"gdp 340000 2020-01..03 cumulative 1 C4", "gdp 340000 2020-01..06 cumulative 2 D4", "gdp 340100 2020-01..06 cumulative 3 D5", "gdp 340100 2020 cumulative 4 E5"}},
		{"a basis in each head", "指标,gdp\n年份,2020年\n地区代码,5月当月,1-5月累计,核对\n340000,1,2,✓\n",
			[]string{"gdp 340000 2020-05 single 1 B4", "gdp 340000 2020-01..05 cumulative 2 C4"}},
		{"indicators", "时期,2020-06,口径,累计\n单位代码,地区生产总值（亿元）[gdp],零售额\n340000,1,2\n",
			[]string{"gdp 340000 2020-01..06 cumulative 1 B3", "零售额 340000 2020-01..06 cumulative 2 C3"}},
		{"indicators down, periods across", "单位代码,指标代码,口径,2020-05,2020-06\n340000,gdp,当月,1,2\n340000,tax,当月,,3\n",
			[]string{"gdp 340000 2020-05 single 1 D2", "gdp 340000 2020-06 single 2 E2", "tax 340000 2020-06 single 3 E3"}},
		{"English months", "indicator,gdp\nyear,2020\nunit code,Jan,Jan-Feb\n340000,1,2\n",
			[]string{"gdp 340000 2020-01  1 B4", "gdp 340000 2020-01..02  2 C4"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := readText(t, "数据.csv", c.text)
			if len(d.Problems) > 0 {
				t.Errorf("says\n%s", says(d))
			}
			var got []string
			for _, f := range d.Figures {
				got = append(got, strings.Join([]string{f.Indicator, f.UnitCode, f.Period.String(), string(f.Basis), f.Value.Decimal.String(), f.At("value").Ref()}, " "))
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestEncodings(t *testing.T) {
	text := "指标代码,单位代码,单位,时期,数值\n" + strings.Repeat("gdp,340000,安徽省,2020,1\n", 3)
	trad := "指標代碼,單位代碼,單位,時期,數值\ngdp,340000,臺灣,2020,1\n"
	for name, c := range map[string]struct {
		text string
		as   encoding.Encoding
	}{
		"UTF-8":                 {text, unicode.UTF8},
		"UTF-8 with mark":       {text, unicode.UTF8BOM},
		"GB18030":               {text, simplifiedchinese.GB18030},
		"GBK":                   {text, simplifiedchinese.GBK},
		"GB18030 far down":      {"indicator code,unit code,region,period,value\n" + strings.Repeat("gdp,340000,,2020,\n", 9000) + "gdp,340000,安徽省,2020,1\n", simplifiedchinese.GB18030},
		"Big5":                  {trad, traditionalchinese.Big5},
		"UTF-16 little endian":  {text, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
		"UTF-16 big endian":     {text, unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
		"UTF-16 without a mark": {text, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := c.as.NewEncoder().String(c.text)
			if err != nil {
				t.Fatal(err)
			}
			d := readText(t, "x.csv", data)
			if len(d.Figures) == 0 || d.Figures[0].UnitName != "安徽省" && d.Figures[0].UnitName != "臺灣" {
				t.Errorf("%+v\n%s", d.Figures, says(d))
			}
		})
	}
}

// Whole files that cannot be read say why.
func TestBadFiles(t *testing.T) {
	good := workbook(t, nil)
	for _, c := range []struct {
		name string
		data []byte
		opt  Options
		code luoshi.Code
		key  string
	}{
		{"empty", nil, Options{}, luoshi.Invalid, "office.file.empty"},
		{"old binary", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600) + "W\x00o\x00r\x00k\x00b\x00o\x00o\x00k\x00"), Options{}, luoshi.Invalid, "office.file.xls"},
		{"password", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600) + "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"), Options{}, luoshi.Invalid, "office.file.encrypted"},
		{"web page", []byte("<html><table><tr><td>1"), Options{}, luoshi.Invalid, "office.file.html"},
		{"PDF", []byte("%PDF-1.7 ..."), Options{}, luoshi.Invalid, "office.file.unknown"},
		{"picture", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), Options{}, luoshi.Invalid, "office.file.unknown"},
		{"cut off", good[:len(good)/2], Options{}, luoshi.Invalid, "office.file.corrupt"},
		{"too large", []byte(strings.Repeat("a,b\n", 1000)), Options{MaxBytes: 1000}, luoshi.TooLarge, "office.file.too_large"},
		{"too many rows", []byte("指标代码,单位代码,时期,数值\n" + strings.Repeat("gdp,1,2020,\n", 100)), Options{MaxRows: 50}, luoshi.TooLarge, "office.rows.too_many"},
		{"open quote", []byte("指标代码,单位代码,时期,数值\ngdp,1,2020,\"1" + strings.Repeat("\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 40000)), Options{}, "", "office.file.quote"},
		{"zip bomb", bomb(t), Options{MaxBytes: 32 << 20}, luoshi.TooLarge, "office.file.too_large"},
		{"bomb in a workbook", bombBook(t), Options{MaxBytes: 32 << 20}, luoshi.TooLarge, "office.file.too_large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opt.Name = "x"
			d, err := Read(context.Background(), bytes.NewReader(c.data), int64(len(c.data)), c.opt)
			if c.code == "" { // said as a problem: the rest is there
				if err != nil || !strings.Contains(says(d), c.key) {
					t.Fatalf("%v\n%v", err, d)
				}
				return
			}
			var e *luoshi.Error
			if !errors.As(err, &e) || e.Code != c.code || e.Message.Key != c.key {
				t.Fatalf("error %v, want %s %s", err, c.code, c.key)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	text := "指标代码,单位代码,时期,数值\ngdp,340000,2020,1\n"
	if _, err := Read(ctx, strings.NewReader(text), int64(len(text)), Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

// Every problem has words and a way out in three languages, and leaves no hole.
func TestProblemsHaveWords(t *testing.T) {
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range badCSV {
		for _, p := range readText(t, "test.csv", c.text).Problems {
			for _, lang := range locale.Langs {
				if !words.Written(lang, p.Message.Key) || !words.Written(lang, p.Message.Key+".fix") {
					t.Errorf("%s has no words or no fix in %s", p.Message.Key, lang)
				}
				if says := words.Problem(lang, p); strings.ContainsAny(says, "{}") {
					t.Errorf("%s: %s", p.Message.Key, says)
				}
			}
		}
	}
}

// A column of bad cells is one mistake: the first hundred are listed.
func TestManyProblems(t *testing.T) {
	d := readText(t, "x.csv", "指标代码,单位代码,时期,数值\n"+strings.Repeat("gdp,1,2020,x\n", 5000))
	if len(d.Problems) != keptPerRule+1 || d.Problems[0].Message.Key != "office.problems.more" || d.Problems[0].Message.Args["count"] != 4900 || d.Sheets[0].Blocked != 5000 {
		t.Errorf("%d problems, %v, %+v", len(d.Problems), d.Problems[0], d.Sheets)
	}
}
