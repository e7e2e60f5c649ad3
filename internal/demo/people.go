package demo

import (
	"math/rand/v2"
	"slices"
	"strings"

	"luoshi.dev"
)

// Person is somebody of the demonstration: made up, and marked so. Units are named
// by code.
type Person struct {
	Login, Name string
	Posts       []Post
	Leads       []string // units of which they are the leader in charge (分管领导)
	Charges     []Charge // targets that they are in charge of (责任人)
	SignsIn     bool     // gets a password: one for each role, at each rung where it matters
}

// Post is what somebody holds, at a unit by its code.
type Post struct {
	Role  luoshi.Role
	Unit  string
	Title string
}

// Charge is a target by indicator and unit.
type Charge struct{ Indicator, Unit string }

// PeopleFrom is the day from which posts and duties are held.
const PeopleFrom luoshi.Date = 20200101

// The units at which the demonstration is walked through: a city with counties that
// have targets of their own.
const (
	WalkCity   = "341800" // 宣城
	WalkCounty = "341882" // 广德
)

// madeUp marks a name as made up wherever it is shown.
const madeUp = "（示例）"

// walkers are those who sign in: who runs the accounts, who plans, reports,
// approves, leads, inspects and audits.
var walkers = []struct {
	role  luoshi.Role
	unit  string
	title string
}{
	{luoshi.Administrator, Root, "系统管理员"},
	{luoshi.Planner, Root, "省发展改革委规划处处长"},
	{luoshi.Reporter, WalkCity, "宣城市统计局综合科科长"},
	{luoshi.Reporter, WalkCounty, "广德市统计局统计员"},
	{luoshi.Reviewer, WalkCity, "宣城市发展改革委副主任"},
	{luoshi.Leader, Root, "副省长"},
	{luoshi.Leader, WalkCity, "宣城市副市长"},
	{luoshi.Inspector, Root, "省政府督查室督查专员"},
	{luoshi.Auditor, Root, "安全审计员"},
	{luoshi.Viewer, Root, "省政府办公厅秘书"},
}

// offices are what a department is called below the province.
var offices = map[string]string{
	"ah-stats": "统计局", "ah-commerce": "商务局", "ah-customs": "商务局", "ah-eit": "经信局", "ah-emergency": "应急局", "ah-energy": "发展改革委",
	"ah-finance": "财政局", "ah-finreg": "金融监管局", "ah-hrss": "人社局", "ah-market": "市场监管局", "ah-ndrc": "发展改革委", "ah-poverty": "扶贫办",
	"ah-water": "水利局", "ah-agri": "农业农村局", "ah-gov": "政府办",
}

// People returns the people of the demonstration, the same at every call.
func People() []Person {
	names := namer{random: rand.New(rand.NewPCG(20200731, 1)), seen: map[string]bool{}} //nolint:gosec // names, not secrets
	var list []Person
	for _, w := range walkers {
		p := names.next()
		p.SignsIn = true
		p.Posts = []Post{{w.role, w.unit, w.title + madeUp}}
		if w.role == luoshi.Leader {
			p.Leads = []string{w.unit}
		}
		list = append(list, p)
	}
	short := map[string]string{}
	for r := range lines(data, "data/units.csv") {
		short[r["code"]] = r["short"]
		if luoshi.UnitKind(r["kind"]) == luoshi.City {
			if r["code"] != WalkCity {
				p := names.next()
				p.Posts, p.Leads = []Post{{luoshi.Leader, r["code"], r["name"] + "副市长" + madeUp}}, []string{r["code"]}
				list = append(list, p)
			}
		}
	}
	return append(list, charged(&names, short)...)
}

// charged are those in charge of the targets of the province and its cities: one for
// each office that has any.
func charged(names *namer, short map[string]string) []Person {
	department := map[string]string{}
	for r := range lines(data, "data/indicators.csv") {
		department[r["code"]] = r["department"]
	}
	type desk struct{ unit, office string }
	var order []desk
	charges := map[desk][]Charge{}
	for r := range lines(data, "data/targets.csv") {
		unit := r["unit_code"]
		office := department[r["indicator"]]
		if _, known := offices[r["owner"]]; known {
			office = r["owner"]
		}
		if unit != Root && !strings.HasSuffix(unit, "00") || office == "" {
			continue // counties, and what no office answers for
		}
		at := desk{unit, office}
		if unit != Root {
			at.office = offices[office]
		}
		if _, met := charges[at]; !met {
			order = append(order, at)
		}
		if c := (Charge{r["indicator"], unit}); !slices.Contains(charges[at], c) {
			charges[at] = append(charges[at], c)
		}
	}
	var list []Person
	for _, at := range order {
		p := names.next()
		title := short[at.office] + "副主任"
		switch {
		case at.unit != Root:
			title = short[at.unit] + "市" + at.office + "负责人"
		case strings.HasSuffix(short[at.office], "厅"):
			title = short[at.office] + "副厅长"
		case strings.HasSuffix(short[at.office], "局"):
			title = short[at.office] + "副局长"
		case strings.HasSuffix(short[at.office], "海关"):
			title = short[at.office] + "副关长"
		}
		p.Posts, p.Charges = []Post{{luoshi.Viewer, at.unit, title + madeUp}}, charges[at]
		list = append(list, p)
	}
	return list
}

// namer makes names that nobody else of the demonstration has, each character with
// its reading.
type namer struct {
	random *rand.Rand
	seen   map[string]bool
}

var (
	surnames = syllables("王wang 李li 张zhang 刘liu 陈chen 杨yang 赵zhao 黄huang 周zhou 吴wu 徐xu 孙sun 胡hu 朱zhu 高gao 林lin 何he 郭guo 马ma 罗luo 梁liang 宋song 郑zheng 谢xie " +
		"韩han 唐tang 冯feng 于yu 董dong 萧xiao 程cheng 曹cao 袁yuan 邓deng 许xu 傅fu 沈shen 彭peng 吕lv 苏su 卢lu 蒋jiang 蔡cai 贾jia 丁ding 魏wei 薛xue 叶ye 阎yan 余yu")
	firsts  = syllables("明ming 建jian 志zhi 文wen 海hai 国guo 晓xiao 永yong 春chun 立li 思si 学xue 远yuan 新xin 秀xiu 玉yu 少shao 宏hong 庆qing 兴xing 怀huai 书shu 景jing 泽ze")
	seconds = syllables("远yuan 华hua 平ping 军jun 强qiang 峰feng 林lin 清qing 敏min 静jing 梅mei 芳fang 涛tao 勇yong 杰jie 宁ning 川chuan 松song 禾he 岚lan 青qing 琴qin 安an 舟zhou")
)

type syllable struct{ character, reading string }

func syllables(text string) []syllable {
	var list []syllable
	for _, word := range strings.Fields(text) {
		runes := []rune(word)
		list = append(list, syllable{string(runes[:1]), string(runes[1:])})
	}
	return list
}

func (n *namer) next() Person {
	for {
		a, b, c := pick(n.random, surnames), pick(n.random, firsts), pick(n.random, seconds)
		p := Person{Login: a.reading + b.reading + c.reading, Name: a.character + b.character + c.character + madeUp}
		if b.character != c.character && !n.seen[p.Name] && !n.seen[p.Login] {
			n.seen[p.Name], n.seen[p.Login] = true, true
			return p
		}
	}
}

func pick(r *rand.Rand, list []syllable) syllable { return list[r.IntN(len(list))] }
