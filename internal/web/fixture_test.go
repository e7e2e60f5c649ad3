package web_test

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
	"luoshi.dev/workflow"
)

// anybody is a board of which nothing is asked but what a test gives it, and on
// which whoever is trusted may do what they are trusted with.
type anybody struct{ web.Board }

func (anybody) May(ctx context.Context, intent workflow.Intent, _ string) workflow.Verdict {
	return workflow.Holds((*service.Guarded)(nil).By(ctx).Actor, intent, luoshi.Date(20260101))
}

func (a anybody) MayAt(ctx context.Context, intent workflow.Intent, code string) workflow.Verdict {
	return a.May(ctx, intent, code)
}

// fixed is a board that always shows the same overview and remembers what it was
// asked for.
type fixed struct {
	anybody
	overview *service.Overview
	err      error
	asked    *service.Look
}

func (f fixed) Overview(_ context.Context, look service.Look) (*service.Overview, error) {
	if f.asked != nil {
		*f.asked = look
	}
	if f.err != nil {
		return nil, f.err
	}
	if look.AsOf.IsZero() {
		return f.overview, nil
	}
	o := *f.overview
	o.AsOf, o.Now = look.AsOf, false
	return &o, nil
}

// quiet keeps the access log out of the tests.
var quiet = slog.New(slog.DiscardHandler)

func names(hans, hant, en string) luoshi.Names { return luoshi.Names{Hans: hans, Hant: hant, En: en} }

// says is a sentence that is written out in each language.
func says(hans, hant, en string) luoshi.Message {
	return luoshi.Say("page.map.plain", "period", names(hans, hant, en))
}

var province = service.UnitRef{Code: "340000", Name: names("安徽省", "安徽省", "Anhui"), Kind: luoshi.Province}

func cities() []service.UnitRef {
	var list []service.UnitRef
	for line := range strings.Lines(`340100 合肥 合肥 Hefei
340200 芜湖 蕪湖 Wuhu
340300 蚌埠 蚌埠 Bengbu
340400 淮南 淮南 Huainan
340500 马鞍山 馬鞍山 Ma'anshan
340600 淮北 淮北 Huaibei
340700 铜陵 銅陵 Tongling
340800 安庆 安慶 Anqing
341000 黄山 黃山 Huangshan
341100 滁州 滁州 Chuzhou
341200 阜阳 阜陽 Fuyang
341300 宿州 宿州 Suzhou
341500 六安 六安 Lu'an
341600 亳州 亳州 Bozhou
341700 池州 池州 Chizhou
341800 宣城 宣城 Xuancheng
`) {
		f := strings.Fields(line)
		list = append(list, service.UnitRef{Code: f[0], Kind: luoshi.City, Name: names(f[1]+"市", f[2]+"市", f[3]), Short: names(f[1], f[2], f[3])})
	}
	return list
}

// judged is a judgement by the pace: share and pace in hundredths of a percent.
func judged(light luoshi.Light, share, pace int64, m luoshi.Message) luoshi.Judgement {
	return luoshi.Judgement{
		Light: light, Says: m, Period: luoshi.ToDate(2020, 6), Presence: luoshi.Present,
		Share: luoshi.Over(share, 10000), Pace: luoshi.Over(pace, 10000), Ahead: luoshi.Over(share-pace, 10000),
		Proof: luoshi.Proof{Scheme: "yinchuan", Target: 1, TargetFrom: 20200112, Figures: []int64{881, 912}, Status: luoshi.Preliminary, Source: "《奋战下半年》", Boundaries: 20200731, Complete: luoshi.Coverage{Have: 14, Want: 16, Weight: luoshi.Over(93, 100)}},
	}
}

func plainly(light luoshi.Light, m luoshi.Message) luoshi.Judgement {
	return luoshi.Judgement{Light: light, Says: m, Period: luoshi.ToDate(2020, 6), Presence: luoshi.Present, Proof: luoshi.Proof{Boundaries: 20200731}}
}

// anhui is the plan year 2020 as of 31 July, much as the demonstration has it.
func anhui() *service.Overview {
	o := &service.Overview{Frame: service.Frame{
		AsOf: time.Date(2020, 7, 31, 9, 0, 0, 0, luoshi.Zone), Now: true, Year: 2020, Through: luoshi.ToDate(2020, 6),
		Boundaries: 20200731, Choices: []luoshi.Date{20201225, 20200701}, Unit: province, Children: cities(),
		Instants: []luoshi.Date{20200112, 20200316, 20200418, 20200516, 20200616, 20200713, 20200717, 20200816, 20200916}, Sample: true,
	}}
	o.Headline = says("上半年由负转正；“双胜利”眼下判黄，要追就业、产业链，粮食能源一处为红。", "上半年由負轉正；「雙勝利」眼下判黃，要追就業、產業鏈，糧食能源一處為紅。", "The first half turned positive; the two victories stand at yellow: jobs and supply chains need to catch up, food and energy is red.")
	o.Lead = []luoshi.Message{luoshi.Say("page.off.say", "total", 28, "shown", 8)}
	o.HasGoals, o.HasFigure = true, true
	o.Goals = goals()
	o.Off, o.OffTotal = off(), 28
	o.Reports, o.Expected, o.Received = reported(), 112, 109
	o.Maps = []*service.MapView{spread(), grown()}
	o.Turns = turned()
	o.Sources = []service.SourceNote{
		{Number: 1, Source: "《奋战下半年 勇夺“双胜利”》，2020年夏", What: []luoshi.Names{names("利用外资", "利用外資", "Foreign capital used"), names("重点项目投资", "重點項目投資", "Key project investment")}},
		{Number: 2, Source: "2020年一季度、上半年全省地区生产总值增速（初步数），据 yybnet.net 所载"},
	}
	return o
}

func goals() []service.GoalRow {
	yi := luoshi.Measure{Symbol: names("亿元", "億元", "100 m yuan"), Currency: "CNY", Power: 8}
	governor, deputy := names("省长 程予安", "省長 程予安", "Governor Cheng Yu'an"), names("副省长 许望舒", "副省長 許望舒", "Vice-governor Xu Wangshu")
	paced := func(code string, depth int, n luoshi.Names, j luoshi.Judgement, source int) service.GoalRow {
		return service.GoalRow{Code: code, Depth: depth, Name: n, Judgement: j, Before: j.Light, Indicator: code, Measure: yi, Decimals: 2, Paced: true, Owner: deputy, Source: source, Sample: source == 0}
	}
	head := func(code string, depth int, n luoshi.Names, j luoshi.Judgement) service.GoalRow {
		return service.GoalRow{Code: code, Depth: depth, Heading: true, Name: n, Judgement: j, Before: j.Light, Owner: governor}
	}
	rows := []service.GoalRow{
		head("double", 0, names("双胜利", "雙勝利", "Both victories"), plainly(luoshi.Yellow, says("两项都胜才算胜；现由小康一侧的就业、产业链、粮食能源三处拉低", "兩項都勝才算勝；現由小康一側的就業、產業鏈、糧食能源三處拉低", "Both must be won; jobs, supply chains, food and energy pull it down"))),
		head("xiaokang", 1, names("决胜全面小康", "決勝全面小康", "Moderate prosperity"), plainly(luoshi.Yellow, says("13个分目标：8正常、3预警、1滞后、1未判；护栏为红，总灯不得为绿", "13個分目標：8正常、3預警、1滯後、1未判；護欄為紅，總燈不得為綠", "13 goals: 8 on track, 3 at risk, 1 behind, 1 not judged; a red guard keeps it from green"))),
		{Code: "growth", Depth: 2, Name: names("较好的正增长", "較好的正增長", "Fairly good growth"), Judgement: plainly(luoshi.Green, says("GDP一季度−6.5%，上半年+0.7%，由负转正", "GDP一季度−6.5%，上半年+0.7%，由負轉正", "GDP −6.5% in Q1, +0.7% in H1: turned positive")), Before: luoshi.Red, Indicator: "gdp", Owner: governor, Source: 2},
		head("six_stabilise", 2, names("六稳", "六穩", "Six areas of stability"), plainly(luoshi.Yellow, says("取最差：稳就业为黄", "取最差：穩就業為黃", "Weakest link: jobs at yellow"))),
		paced("jobs", 3, names("稳就业", "穩就業", "Employment"), judged(luoshi.Yellow, 4730, 5000, luoshi.Say("page.ruler", "share", luoshi.Over(4730, 10000), "pace", luoshi.Over(5000, 10000))), 0),
		{Code: "finance", Depth: 3, Name: names("稳金融", "穩金融", "Financial sector"), Judgement: plainly(luoshi.Green, says("制造业贷款余额增长12.6%，高于目标2.6个百分点", "製造業貸款餘額增長12.6%，高於目標2.6個百分點", "Loans to manufacturing grew 12.6%, 2.6 points above target")), Before: luoshi.Green, Indicator: "loans", Owner: deputy},
		paced("trade", 3, names("稳外贸", "穩外貿", "Foreign trade"), judged(luoshi.Green, 5082, 5000, says("进出口2429亿元，+8.4%；目标是增幅好于全国", "進出口2429億元，+8.4%；目標是增幅好於全國", "Trade 2429, +8.4%; the goal is to outgrow the nation")), 2),
		paced("fdi", 3, names("稳外资", "穩外資", "Foreign investment"), judged(luoshi.Green, 5541, 5000, says("利用外资102.5亿美元，+3.2%；领先序时5.41个百分点", "利用外資102.5億美元，+3.2%；領先序時5.41個百分點", "US$10.25 bn used, +3.2%; 5.41 points ahead of the pace")), 1),
		paced("invest", 3, names("稳投资", "穩投資", "Investment"), judged(luoshi.Green, 6386, 5000, luoshi.Say("page.ruler", "share", luoshi.Over(20611, 32275), "pace", luoshi.Over(5000, 10000))), 1),
		{Code: "expect", Depth: 3, Name: names("稳预期", "穩預期", "Expectations"), Judgement: luoshi.Judgement{Says: says("企业景气调查按季报，8月10日到期，现在不判", "企業景氣調查按季報，8月10日到期，現在不判", "The quarterly business survey is due on 10 August; not judged yet"), Presence: luoshi.NotDue}, Indicator: "survey", Owner: deputy},
		head("six_guarantee", 2, names("六保", "六保", "Six guarantees"), plainly(luoshi.Red, says("取最差：保粮食能源安全为红", "取最差：保糧食能源安全為紅", "Weakest link: food and energy security at red"))),
		paced("market", 3, names("保市场主体", "保市場主體", "Market entities"), judged(luoshi.Green, 5024, 5000, says("新登记45.22万户，二季度环比+111.76%", "新登記45.22萬戶，二季度環比+111.76%", "452 200 newly registered, Q2 +111.76% on Q1")), 1),
		paced("food", 3, names("保粮食能源安全", "保糧食能源安全", "Food and energy security"), judged(luoshi.Red, 4120, 6500, says("水毁农田设施修复41.20%，落后计划23.80个百分点，六安占近六成", "水毀農田設施修復41.20%，落後計劃23.80個百分點，六安占近六成", "41.20% of flood damage repaired, 23.80 points behind plan, mostly in Lu'an")), 0),
		paced("chain", 3, names("保产业链供应链", "保產業鏈供應鏈", "Supply chains"), judged(luoshi.Yellow, 5781, 6000, says("登记堵点64个，销号37个，落后计划2.19个百分点", "登記堵點64個，銷號37個，落後計劃2.19個百分點", "37 of 64 blockages cleared, 2.19 points behind plan")), 0),
		paced("poverty", 1, names("决战脱贫攻坚", "決戰脫貧攻堅", "End of poverty"), judged(luoshi.Green, 5860, 5000, says("剩余贫困人口脱贫验收按期；灾后新增监测户帮扶率91.3%", "剩餘貧困人口脫貧驗收按期；災後新增監測戶幫扶率91.3%", "Acceptance on schedule; 91.3% of newly watched households helped")), 0),
	}
	rows[14].Before = luoshi.Green
	return rows
}

func off() []service.OffRow {
	var list []service.OffRow
	all := cities()
	repair, jobs, invest := names("水毁农田设施修复率", "水毀農田設施修復率", "Flood damage repaired"), names("城镇新增就业", "城鎮新增就業", "New urban jobs"), names("重点项目投资", "重點項目投資", "Key project investment")
	for _, r := range []struct {
		city   int
		name   luoshi.Names
		code   string
		light  luoshi.Light
		ahead  int64
		missed int
	}{
		{12, repair, "repair", luoshi.Red, -3840, 2}, {3, jobs, "jobs", luoshi.Red, -1162, 3}, {8, invest, "invest", luoshi.Red, -1155, 3}, {12, invest, "invest", luoshi.Red, -1080, 1},
		{1, repair, "repair", luoshi.Yellow, -833, 2}, {3, invest, "invest", luoshi.Yellow, -483, 2}, {11, jobs, "jobs", luoshi.Yellow, -210, 1}, {7, invest, "invest", luoshi.Yellow, -31, 1},
	} {
		j := judged(r.light, 5000+r.ahead, 5000, luoshi.Message{})
		j.Missed = r.missed
		list = append(list, service.OffRow{Unit: all[r.city], Indicator: r.code, Name: r.name, Judgement: j, Owner: names("副市长 江照野", "副市長 江照野", "Vice-mayor Jiang Zhaoye")})
	}
	list[6].Judgement.Ahead = luoshi.Ratio{}
	return list
}

func reported() []service.ReportRow {
	all := cities()
	var rows []service.ReportRow
	for i, n := range []luoshi.Names{
		names("重点项目投资", "重點項目投資", "Key project investment"), names("城镇新增就业", "城鎮新增就業", "New urban jobs"), names("进出口", "進出口", "Foreign trade"),
		names("新登记市场主体", "新登記市場主體", "New market entities"), names("民生支出", "民生支出", "Spending on livelihoods"), names("水毁设施修复", "水毀設施修復", "Flood damage repaired"), names("企业景气指数", "企業景氣指數", "Business climate"),
	} {
		row := service.ReportRow{Indicator: []string{"invest", "jobs", "trade", "market", "people", "repair", "survey"}[i], Name: n, Kind: luoshi.City}
		for month := 2; month <= 7; month++ {
			if i == 5 && month < 6 || i == 6 && month%3 != 0 {
				continue
			}
			c := service.ReportCell{Period: luoshi.MonthOf(2020, month), Want: 16, Units: all}
			if month == 2 {
				c.Period = luoshi.ToDate(2020, 2)
			}
			for k := range all {
				s := luoshi.Present
				switch {
				case month == 7:
					s = luoshi.NotDue
				case i == 4 && month == 6 && k == 8, i == 5 && (k == 3 || k == 12):
					s = luoshi.Absent
				case i == 4 && month == 6 && k == 14:
					s = luoshi.Late
				case i == 6 && month == 6:
					s = luoshi.Due
				}
				if s == luoshi.Present {
					c.Have++
				}
				c.States = append(c.States, s)
			}
			row.Periods = append(row.Periods, c)
		}
		rows = append(rows, row)
	}
	return rows
}

func spread() *service.MapView {
	m := &service.MapView{Indicator: "invest", Name: names("重点项目投资", "重點項目投資", "Key project investment"), Period: luoshi.ToDate(2020, 6), Pace: luoshi.Over(1, 2), Sample: true}
	for i, ahead := range []int64{2280, 2020, 1549, -483, 1892, 976, 1117, -31, -1155, 2421, 1111, 679, -1080, 559, 284, 1683} {
		light := luoshi.Green
		switch {
		case ahead < -1000:
			light = luoshi.Red
		case ahead < 0:
			light = luoshi.Yellow
		}
		j := judged(light, 5000+ahead, 5000, luoshi.Message{})
		if i == 14 {
			j = luoshi.Judgement{Presence: luoshi.Absent}
		}
		m.Areas = append(m.Areas, service.MapArea{Unit: cities()[i], Judgement: j})
	}
	return m
}

// grown is the growth of the regional product, which ten of the cities published.
func grown() *service.MapView {
	m := &service.MapView{Indicator: "gdp", Name: names("地区生产总值", "地區生產總值", "Gross regional product"), Period: luoshi.ToDate(2020, 6)}
	for i, growth := range []string{"", "1.2", "", "", "1.7", "1.5", "1.7", "", "", "3.1", "1.0", "1.2", "", "1.2", "1.0", "0.7"} {
		j := luoshi.Judgement{Presence: luoshi.Absent}
		if growth != "" {
			q, _ := luoshi.ParseQuantity(growth)
			j = plainly(luoshi.Green, luoshi.Message{})
			j.Growth = luoshi.Some(q)
		}
		m.Areas = append(m.Areas, service.MapArea{Unit: cities()[i], Judgement: j})
	}
	return m
}

// turned is what changed since the end of June.
func turned() service.Turns {
	t := service.Turns{Since: 20200630, GoalCounts: service.WayCounts{Worse: 1, Better: 1}, Counts: service.WayCounts{Worse: 1, Better: 9, First: 1, Lost: 1}}
	goal := func(code string, name luoshi.Names, before, now luoshi.Light, way service.Way) {
		t.Goals = append(t.Goals, service.Turn{Goal: code, Unit: province, Indicator: code, Name: name, Before: before, Way: way, Judgement: judged(now, 5000, 5000, luoshi.Message{}), Owner: names("省人社厅", "省人社廳", "Human resources")})
	}
	goal("food", names("保粮食能源安全", "保糧食能源安全", "Food and energy security"), luoshi.Yellow, luoshi.Red, service.Worse)
	goal("growth", names("较好的正增长", "較好的正增長", "Fairly good growth"), luoshi.Red, luoshi.Green, service.Better)
	for i, turn := range []struct {
		before, now luoshi.Light
		way         service.Way
	}{{luoshi.Green, luoshi.Red, service.Worse}, {luoshi.Yellow, luoshi.NotJudged, service.Lost}, {luoshi.NotJudged, luoshi.Yellow, service.First}, {luoshi.Yellow, luoshi.Green, service.Better}} {
		u := cities()[8+i]
		t.Below = append(t.Below, service.Turn{Unit: u, Indicator: "invest", Name: names("重点项目投资", "重點項目投資", "Key project investment"), Before: turn.before, Way: turn.way, Judgement: judged(turn.now, 5000, 5000, luoshi.Message{}), Owner: u.Name})
	}
	return t
}
