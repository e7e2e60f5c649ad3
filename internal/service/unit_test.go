package service_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

// wuhu is a city of three counties with figures and targets.
func wuhu(t *testing.T, dsn string, c *clock) *service.Service {
	t.Helper()
	c.on(20200102)
	s := open(t, dsn, c)
	mustTake(t, s, service.ImportOptions{}, "units", "code,name,short,valid from\n340000,安徽省,安徽,2019-01-01\n340200,芜湖市,芜湖,2019-01-01\n340203,弋江区,弋江,2019-01-01\n340208,三山区,三山,2019-01-01\n340221,芜湖县,芜湖县,2019-01-01\n",
		"indicators", "code,name,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at\ninvest,投资,亿元,2,more,flow,sum,sum,cumulative,monthly,county\n",
		"targets", "indicator,unit code,first year,form,value,holds from\ninvest,340200,2020,level,60,2020-01-01\ninvest,340203,2020,level,20,2020-01-01\ninvest,340208,2020,level,15,2020-01-01\ninvest,340221,2020,level,25,2020-01-01\n")
	c.on(20200710)
	mustTake(t, s, service.ImportOptions{}, "figures", "indicator,unit code,period,value\ninvest,340203,2020-01..06,10.01\ninvest,340208,2020-01..06,7.02\ninvest,340221,2020-01..06,13.03\n")
	c.on(20200711)
	return s
}

// put puts an edit in force and fails on any fault.
func put(t *testing.T, s *service.Service, e service.UnitEdit) *service.Saved {
	t.Helper()
	v, saved, err := s.PutUnit(context.Background(), service.Look{}, e, "planner")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Faults {
		t.Errorf("%s: %s", f.Field, f.Message)
	}
	if saved == nil {
		t.Fatal("not saved")
	}
	return saved
}

func card(t *testing.T, s *service.Service, look service.Look, code string) *service.UnitCard {
	t.Helper()
	v, err := s.UnitCard(context.Background(), look, code)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func named(hans string) luoshi.Names { return luoshi.Names{Hans: hans} }

// said are the sentences of the events, oldest first.
func said(t *testing.T, s *service.Service, look service.Look) string {
	t.Helper()
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.UnitChanges(context.Background(), look)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, day := range v.Days {
		for _, e := range day.Events {
			list = append(list, day.On.String()+" "+words.Say(locale.ZhHans, e.Says))
		}
	}
	slices.Reverse(list)
	return strings.Join(list, "\n")
}

// A county gets another name from a day on: before it the old one is shown, the
// view of an earlier instant knows nothing of it, and it can be taken back.
func TestRename(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		s := wuhu(t, dsn, c)
		v, err := s.TryUnit(context.Background(), service.Look{}, service.UnitEdit{Kind: service.EventRename, Code: "340221", On: 20210101, Names: named("湾沚区")}, true)
		if err != nil || !v.Blocked || v.Faults[0].Field != "source" {
			t.Fatalf("%v %+v", err, v.Faults)
		}
		edit := service.UnitEdit{Kind: service.EventRename, Code: "340221", On: 20210101, Names: named("湾沚区"), Short: named("湾沚"), Source: "国务院批复"}
		v, err = s.TryUnit(context.Background(), service.Look{}, edit, true)
		if err != nil || v.Blocked || len(v.Effects) != 2 || v.Effects[0].Boundaries != 20200101 || v.Effects[1].Boundaries != 20210101 {
			t.Fatalf("%v %+v", err, v)
		}
		if len(v.Effects[0].Units) != 0 || len(v.Effects[1].Units) != 1 || len(v.Effects[1].Shifts) != 0 {
			t.Errorf("effects %+v %+v", v.Effects[0].Units, v.Effects[1].Units)
		}
		if line := v.Tree[0]; line.Before.Name.Hans != "芜湖县" || line.After.Name.Hans != "湾沚区" || len(v.Tree) != 3 {
			t.Errorf("%+v", v.Tree)
		}
		before := c.at
		c.on(20200715)
		saved := put(t, s, edit)
		for look, want := range map[service.Look]string{{}: "芜湖县", {Boundaries: 20210101}: "湾沚区", {Boundaries: 20210101, AsOf: before}: "芜湖县", {Boundaries: 20201231}: "芜湖县"} {
			if got := card(t, s, look, "340221"); got.Here.Name.Hans != want {
				t.Errorf("%v shows %s, want %s", look, got.Here.Name.Hans, want)
			}
		}
		now := card(t, s, service.Look{}, "340221")
		if f := now.Facts[0]; f.From != 20210101 || f.By != "planner" || f.Source != "国务院批复" || f.Unit.Short.Hans != "湾沚" || now.Facts[1].Until != 20201231 {
			t.Errorf("facts %+v", now.Facts)
		}
		if got := said(t, s, service.Look{}); got != "2021-01-01 芜湖县改名为湾沚区" {
			t.Errorf("said %s", got)
		}
		c.on(20200716)
		back, err := s.UndoChange(context.Background(), saved.Batch, "planner", "")
		if err != nil {
			t.Fatal(err)
		}
		now = card(t, s, service.Look{Boundaries: 20210101}, "340221")
		if now.Here.Name.Hans != "芜湖县" || len(now.Facts) != 3 || !now.Facts[0].Idle || !now.Facts[1].Corrected || said(t, s, service.Look{}) != "" {
			t.Errorf("after undo: %+v", now.Facts)
		}
		if slices.Contains(now.Choices, 20210101) && now.Boundaries != 20210101 {
			t.Error("a day on which nothing happens is offered as a boundary")
		}
		if _, err := s.UndoChange(context.Background(), saved.Batch, "planner", ""); luoshi.CodeOf(err) != luoshi.Conflict {
			t.Errorf("undone twice: %v", err)
		}
		c.on(20200717)
		if _, err := s.UndoChange(context.Background(), back.Batch, "planner", ""); err != nil {
			t.Fatal(err)
		}
		if got := card(t, s, service.Look{Boundaries: 20210101}, "340221").Here.Name.Hans; got != "湾沚区" {
			t.Errorf("after the undoing was undone: %s", got)
		}
	})
}

// What was recorded for a later day keeps what a change of an earlier day says.
func TestChangeBeforeALaterOne(t *testing.T) {
	c := &clock{}
	s := wuhu(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	put(t, s, service.UnitEdit{Kind: service.EventRecode, Code: "340221", On: 20210101, New: "340210", Source: "批复"})
	c.on(20200712)
	put(t, s, service.UnitEdit{Kind: service.EventRename, Code: "340221", On: 20200801, Names: named("湾沚区"), Source: "批复"})
	if v := card(t, s, service.Look{Boundaries: 20210101}, "340210"); v.Here.Name.Hans != "湾沚区" || v.Here.Code != "340210" {
		t.Errorf("%+v", v.Here)
	}
	v, err := s.TryUnit(context.Background(), service.Look{}, service.UnitEdit{Kind: service.EventEnd, Code: "340221", On: 20200901, Source: "批复"}, true)
	if err != nil || !v.Blocked || v.Faults[0].Field != "on" || v.Faults[0].Message.Key != "import.ends_before_later" {
		t.Errorf("%v %+v", err, v.Faults)
	}
}

// Two districts go into a new one; the board by the new boundaries adds them up, and
// taking it back brings both back.
func TestMergeAndUndo(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		s := wuhu(t, dsn, c)
		edit := service.UnitEdit{Kind: service.EventMerge, Code: "340203", On: 20200701, New: "340209", Names: named("新弋江区"), With: []string{"340208"}, Source: "批复"}
		v, err := s.TryUnit(context.Background(), service.Look{Unit: "340200"}, edit, true)
		if err != nil || v.Blocked {
			t.Fatalf("%v %+v", err, v)
		}
		if e := v.Effects[1]; len(e.Units) != 3 || len(e.Shifts) != 3 || !slices.ContainsFunc(e.Shifts, func(one service.Shift) bool { return one.Unit.Code == "340209" && one.Before == nil }) {
			t.Errorf("%+v", e)
		}
		saved := put(t, s, edit)
		if got := said(t, s, service.Look{}); got != "2020-07-01 弋江区（340203）、三山区（340208）合并为新弋江区（340209）" {
			t.Errorf("said %s", got)
		}
		look := service.Look{Boundaries: 20200701}
		merged := card(t, s, look, "340209")
		if len(merged.Before) != 2 || len(merged.Targets) != 1 || !merged.Targets[0].Inherited || merged.Targets[0].Target.Value.Decimal.Trim(0).String() != "35" {
			t.Errorf("%+v", merged)
		}
		if old := card(t, s, look, "340203"); old.InForce || len(old.After) != 1 || old.After[0].Unit.Code != "340209" || !old.Facts[0].Ended {
			t.Errorf("%+v", old)
		}
		c.on(20200712)
		if _, err := s.UndoChange(context.Background(), saved.Batch, "planner", ""); err != nil {
			t.Fatal(err)
		}
		tree, err := s.UnitTree(context.Background(), look)
		if err != nil || len(tree.Areas) != 5 || said(t, s, service.Look{}) != "" {
			t.Errorf("%v %d areas, %s", err, len(tree.Areas), said(t, s, service.Look{}))
		}
		c.on(20200713)
		put(t, s, edit) // and once more
		if tree, err = s.UnitTree(context.Background(), look); err != nil || len(tree.Areas) != 4 {
			t.Errorf("%v %d areas", err, len(tree.Areas))
		}
	})
}

// Faults stand at their fields.
func TestUnitFaults(t *testing.T) {
	c := &clock{}
	s := wuhu(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	part := func(code, share string) service.UnitPart {
		q := luoshi.NullQuantity{}
		if share != "" {
			q = luoshi.Some(decimal.MustParse(share))
		}
		return service.UnitPart{Code: code, Share: q}
	}
	for name, one := range map[string]struct {
		edit service.UnitEdit
		want string
	}{
		"no day":               {service.UnitEdit{Kind: service.EventRename, Code: "340221", Names: named("湾沚区")}, "on put.required"},
		"no name":              {service.UnitEdit{Kind: service.EventRename, Code: "340221", On: 20210101}, "name put.required"},
		"the same":             {service.UnitEdit{Kind: service.EventRename, Code: "340221", On: 20210101, Names: named("芜湖县")}, " unitedit.same"},
		"before it began":      {service.UnitEdit{Kind: service.EventRename, Code: "340221", On: 20180101, Names: named("湾沚区")}, "on unitedit.not_in_force"},
		"code taken":           {service.UnitEdit{Kind: service.EventRecode, Code: "340221", On: 20210101, New: "340203"}, "new import.code_taken"},
		"no such parent":       {service.UnitEdit{Kind: service.EventMove, Code: "340221", On: 20210101, Parent: "340900"}, "parent import.unit_unknown_near"},
		"into its child":       {service.UnitEdit{Kind: service.EventMove, Code: "340200", On: 20210101, Parent: "340221"}, "parent unit.cycle"},
		"end with units below": {service.UnitEdit{Kind: service.EventEnd, Code: "340200", On: 20210101}, "parent unit.parent_not_in_force"},
		"merge into itself":    {service.UnitEdit{Kind: service.EventMerge, Code: "340203", On: 20210101, New: "340203"}, "new import.merge_into_itself"},
		"shares":               {service.UnitEdit{Kind: service.EventSplit, Code: "340203", On: 20210101, Parts: []service.UnitPart{part("340211", "0.5"), part("340212", "0.4")}}, "share import.shares_not_one"},
		"no share":             {service.UnitEdit{Kind: service.EventSplit, Code: "340203", On: 20210101, Parts: []service.UnitPart{part("340211", "0.5"), part("340212", "")}}, "share import.share_missing"},
		"no parts":             {service.UnitEdit{Kind: service.EventSplit, Code: "340203", On: 20210101}, "parts unitedit.parts"},
		"new taken":            {service.UnitEdit{Kind: service.EventBegin, Code: "340200", On: 20210101, New: "340203", Names: named("新区"), Rung: luoshi.County}, "new import.code_taken"},
		"new nameless":         {service.UnitEdit{Kind: service.EventBegin, Code: "340200", On: 20210101, New: "340230", Rung: luoshi.County}, "name put.required"},
		"no order":             {service.UnitEdit{Kind: service.EventReorder, Code: "340203", On: 20210101}, "order unitedit.order"},
		"no fact":              {service.UnitEdit{Kind: service.EventCorrect, Code: "340203", On: 20210101, Names: named("弋江区"), Rung: luoshi.County}, "on unitedit.no_fact"},
	} {
		one.edit.Source = "批复"
		v, err := s.TryUnit(context.Background(), service.Look{}, one.edit, true)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(v.Faults) == 0 || !v.Blocked {
			t.Errorf("%s: passes", name)
			continue
		}
		if got := v.Faults[0].Field + " " + v.Faults[0].Message.Key; got != one.want {
			t.Errorf("%s: %s, want %s", name, got, one.want)
		}
		if _, saved, err := s.PutUnit(context.Background(), service.Look{}, one.edit, "planner"); saved != nil || err != nil {
			t.Errorf("%s: put in force (%v)", name, err)
		}
	}
}

// A new unit, another order, another rung and a correction are dated facts too.
func TestUnitFacts(t *testing.T) {
	c := &clock{}
	s := wuhu(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	step := func(e service.UnitEdit) *service.Saved {
		c.at = c.at.Add(time.Hour)
		e.Source = "文件"
		return put(t, s, e)
	}
	born := step(service.UnitEdit{Kind: service.EventBegin, Code: "340200", On: 20200801, New: "340271", Names: luoshi.Names{Hans: "经开区", En: "Zone"}, Rung: luoshi.DevZone, Order: 9})
	step(service.UnitEdit{Kind: service.EventReorder, Code: "340221", On: 20200801, Order: 1})
	step(service.UnitEdit{Kind: service.EventMove, Code: "340221", On: 20200901, Parent: "340000"})
	step(service.UnitEdit{Kind: service.EventCorrect, Code: "340208", On: 20190101, Names: luoshi.Names{Hans: "三山区", En: "Sanshan"}, Rung: luoshi.County, Parent: "340200"})
	look := service.Look{Boundaries: 20200901}
	tree, err := s.UnitTree(context.Background(), look)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range tree.Areas {
		got = append(got, line.Unit.Code)
	}
	if want := "340000 340200 340203 340208 340271 340221"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
	if got := said(t, s, service.Look{}); got != "2020-08-01 经开区（340271）设立，属芜湖市\n2020-08-01 芜湖县在同级中由第0位改到第1位\n2020-09-01 芜湖县由芜湖市改属安徽省" {
		t.Error(got)
	}
	if v := card(t, s, service.Look{}, "340208"); v.Here.Name.En != "Sanshan" || len(v.Facts) != 2 || !v.Facts[1].Corrected {
		t.Errorf("%+v", v.Facts)
	}
	c.at = c.at.Add(time.Hour)
	if _, err := s.UndoChange(context.Background(), born.Batch, "planner", ""); err != nil {
		t.Fatal(err)
	}
	if tree, err = s.UnitTree(context.Background(), look); err != nil || len(tree.Areas) != 5 {
		t.Errorf("%v %+v", err, tree.Areas)
	}
}

// Whatever is put in force and taken back again, every day's tree and every board
// are as they were, and no view of an earlier instant changes.
func TestUndoRestores(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := &clock{}
		s := wuhu(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
		days := []luoshi.Date{20200101, 20200701, 20201001, 20210101}
		state := func() string {
			var b strings.Builder
			for _, day := range days {
				v, err := s.UnitTree(context.Background(), service.Look{Boundaries: day})
				if err != nil {
					rt.Fatal(err)
				}
				for _, line := range v.Areas {
					b.WriteString(day.String() + line.Unit.Code + line.Unit.Name.Hans + line.Parent + "\n")
				}
				board, err := s.Board(context.Background(), service.BoardQuery{Look: service.Look{Boundaries: day, Year: 2020, Unit: "340200"}})
				if err != nil {
					rt.Fatal(err)
				}
				for _, row := range board.Rows {
					b.WriteString(row.Unit.Code + row.Cells[0].Judgement.Says.String() + "\n")
				}
			}
			return b.String()
		}
		codes := []string{"340203", "340208", "340221"}
		states := []string{state()}
		var batches []int64
		for i := range rapid.IntRange(1, 4).Draw(rt, "steps") {
			e := service.UnitEdit{Kind: rapid.SampledFrom([]string{"rename", "recode", "move", "merge", "split", "end", "begin"}).Draw(rt, "kind"),
				Code: rapid.SampledFrom(codes).Draw(rt, "code"), On: rapid.SampledFrom(days[1:]).Draw(rt, "on"), Names: named("新名" + string(rune('甲'+i))), Source: "批复"}
			switch e.Kind {
			case "recode", "begin":
				e.New, e.Rung = "34029"+string(rune('0'+i)), luoshi.County
			case "merge":
				e.New = rapid.SampledFrom(append(codes, "34028"+string(rune('0'+i)))).Draw(rt, "into")
			case "move":
				e.Parent = rapid.SampledFrom([]string{"340000", "340203"}).Draw(rt, "parent")
			case "split":
				e.Parts = []service.UnitPart{{Code: "34027" + string(rune('0'+i)), Share: luoshi.Some(decimal.MustParse("0.3"))}, {Code: "340221", Share: luoshi.Some(decimal.MustParse("0.7"))}}
			}
			c.at = c.at.Add(time.Minute)
			_, saved, err := s.PutUnit(context.Background(), service.Look{}, e, "planner")
			if err != nil {
				rt.Fatal(err)
			}
			if saved != nil {
				batches = append(batches, saved.Batch)
				states = append(states, state())
			}
		}
		for len(batches) > 0 {
			last := len(batches) - 1
			c.at = c.at.Add(time.Minute)
			if _, err := s.UndoChange(context.Background(), batches[last], "planner", ""); err != nil {
				rt.Fatalf("undo: %v", err)
			}
			if got := state(); got != states[last] {
				rt.Fatalf("after undo:\n%s\nwant\n%s", got, states[last])
			}
			batches, states = batches[:last], states[:last+1]
		}
	})
}
