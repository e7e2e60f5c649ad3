package assess

import (
	"github.com/govalues/decimal"

	"luoshi.dev"
)

func whole(n int64) luoshi.Quantity { return decimal.MustNew(n, 0) }

func presetPace() luoshi.Scheme {
	return luoshi.Scheme{Code: "pace", Kind: luoshi.ByPace, Yellow: whole(0), Red: whole(10),
		Names: luoshi.Names{Hans: "序时", Hant: "序時", En: "Pace"}}
}

func presetForm() luoshi.Scheme {
	return luoshi.Scheme{Code: "form", Kind: luoshi.ByTarget, Yellow: whole(0), Red: whole(3),
		Names: luoshi.Names{Hans: "目标形式", Hant: "目標形式", En: "The target's form"}}
}

func presetBound() luoshi.Scheme {
	return luoshi.Scheme{Code: "bound", Kind: luoshi.ByTarget, Yellow: whole(0), Red: whole(0),
		Names: luoshi.Names{Hans: "底线", Hant: "底線", En: "Bound"}}
}

// Presets are the schemes that come with the product: three of our own, which
// [Default] picks from, and those that places have published, as they published
// them. Each is a value to copy and change.
func Presets() []luoshi.Scheme {
	return []luoshi.Scheme{
		presetPace(), presetForm(), presetBound(),
		{Code: "yinchuan", Kind: luoshi.ByPace, Yellow: whole(0), Red: whole(30),
			Names:  luoshi.Names{Hans: "银川·序时", Hant: "銀川·序時", En: "Yinchuan, pace"},
			Source: "银川市发展和改革委员会，2025-03-18：达到序时绿；低10至30个百分点（含）黄；低30个百分点以上红"},
		{Code: "sanya_project", Kind: luoshi.ByPaceShare, Yellow: whole(0), Red: whole(50),
			Names:  luoshi.Names{Hans: "三亚·项目", Hant: "三亞·項目", En: "Sanya, projects"},
			Source: "三亚市推进项目建设红黄绿亮牌督办机制，2022-05，海南日报2022-05-13"},
		{Code: "sanya_district", Kind: luoshi.ByMonths, Yellow: whole(0), Red: whole(1),
			Names:  luoshi.Names{Hans: "三亚·各区", Hant: "三亞·各區", En: "Sanya, districts"},
			Source: "三亚市推进项目建设红黄绿亮牌督办机制，2022-05，海南日报2022-05-13"},
		{Code: "tianjin", Kind: luoshi.ByGrowth, Yellow: whole(0), Red: whole(0),
			Names:  luoshi.Names{Hans: "天津·投资", Hant: "天津·投資", En: "Tianjin, investment"},
			Source: "天津市投资亮灯规则（转述，原文待核）"},
		{Code: "xinhuang", Kind: luoshi.ByMonthShare, Yellow: whole(20), Red: whole(40),
			Names:  luoshi.Names{Hans: "新晃·当月任务", Hant: "新晃·當月任務", En: "Xinhuang, month's task"},
			Source: "新晃侗族自治县亮牌规则（转述，原文待核）"},
		{Code: "ouhai", Kind: luoshi.ByMonths, Yellow: whole(0), Red: whole(0), MadeUp: true,
			Names:  luoshi.Names{Hans: "瓯海·三色", Hant: "甌海·三色", En: "Ouhai, three colours"},
			Source: "温州日报2020-05-21：当月未按期完成为红，补齐后转黄，不转绿"},
	}
}

// Preset returns the preset of a code.
func Preset(code string) (luoshi.Scheme, bool) {
	for _, s := range Presets() {
		if s.Code == code {
			return s, true
		}
	}
	return luoshi.Scheme{}, false
}

// Describe is the rule as a sentence.
func Describe(s luoshi.Scheme) luoshi.Message {
	var m luoshi.Message
	switch s.Kind {
	case "":
		m = luoshi.Say("rule.default")
	case luoshi.ByGrowth:
		m = luoshi.Say("rule.growth")
	case luoshi.ByExpression:
		m = luoshi.Say("rule.expression", "yellow", s.YellowWhen, "red", s.RedWhen)
	case luoshi.ByMonthShare:
		m = luoshi.Say("rule.month_share", "yellow", rest(s.Yellow), "red", rest(s.Red))
	case luoshi.ByMonths:
		key := "rule.months"
		switch {
		case s.Red.IsZero():
			key = "rule.months.once"
		case s.Red.Cmp(s.Yellow) <= 0:
			key = "rule.months.red"
		case !s.Yellow.IsZero():
			key = "rule.months.tolerant"
		}
		m = luoshi.Say(key, "red", next(s.Red), "yellow", next(s.Yellow))
	default:
		key := "rule." + string(s.Kind)
		switch {
		case s.Yellow.IsZero() && s.Red.IsZero():
			key += ".red"
		case !s.Yellow.IsZero():
			key += ".tolerant"
		}
		m = luoshi.Say(key, "yellow", s.Yellow, "red", s.Red)
	}
	if s.MadeUp {
		m = luoshi.Say("rule.made_up", "rule", m)
	}
	return m
}

// rest is the share that is left beside a shortfall in percent.
func rest(q luoshi.Quantity) luoshi.Quantity {
	r, err := whole(100).Sub(q)
	if err != nil {
		return q
	}
	return r.Trim(0)
}

// next is the smallest whole number past a threshold of months.
func next(q luoshi.Quantity) int {
	n, _, _ := q.Floor(0).Int64(0)
	return int(n) + 1
}

// CheckScheme returns what is wrong with a scheme, so that an own rule is refused
// when it is written and not when it is needed.
func CheckScheme(s luoshi.Scheme) []luoshi.Problem {
	var problems []luoshi.Problem
	rule := func(ok bool, key string, pairs ...any) {
		if !ok {
			problems = append(problems, luoshi.Problem{Severity: luoshi.Blocking, Message: luoshi.Say(key, append([]any{"scheme", s.Code}, pairs...)...)})
		}
	}
	rule(s.Code != "", "scheme.code")
	rule(s.Names.Hans != "", "scheme.name")
	switch s.Kind {
	case luoshi.ByExpression:
		_, found := Compile(s)
		problems = append(problems, found...)
		return problems
	case luoshi.ByPace, luoshi.ByPaceShare, luoshi.ByMonths, luoshi.ByGrowth, luoshi.ByMonthShare, luoshi.ByTarget:
	default:
		rule(false, "scheme.kind", "text", string(s.Kind))
		return problems
	}
	rule(!s.Yellow.IsNeg() && !s.Red.IsNeg(), "scheme.negative", "yellow", s.Yellow, "red", s.Red)
	rule(s.Yellow.Cmp(s.Red) <= 0, "scheme.order", "yellow", s.Yellow, "red", s.Red)
	rule(s.YellowWhen == "" && s.RedWhen == "", "scheme.conditions", "kind", s.Kind)
	switch s.Kind {
	case luoshi.ByPace, luoshi.ByPaceShare, luoshi.ByMonthShare:
		rule(s.Red.Cmp(whole(100)) <= 0, "scheme.percent", "red", s.Red)
	case luoshi.ByMonths:
		rule(s.Red.Cmp(whole(12)) < 0 && s.Yellow.IsInt() && s.Red.IsInt(), "scheme.months", "yellow", s.Yellow, "red", s.Red)
	}
	return problems
}
