package service

import (
	"context"
	"time"

	"luoshi.dev"
	"luoshi.dev/assess"
)

// OutlookOrigin says what the numbers of an outlook are: what is said now, or what was
// said then.
type OutlookOrigin string

// The origins. Of the present there is one, of a past instant there are four.
const (
	OutlookNow    OutlookOrigin = "now"        // of the present: worked out from what is known
	OutlookKept   OutlookOrigin = "kept"       // what was kept by a past instant
	OutlookAfter  OutlookOrigin = "afterwards" // the same, but it was calculated afterwards and not shown then
	OutlookUnkept OutlookOrigin = "unkept"     // nothing was kept by then: worked out for the one who looks, by today's method
	OutlookKnown  OutlookOrigin = "known"      // by a past instant the year was whole: its figures, whatever was expected before
)

// OutlookNumbers are where a year lands, as one outlook says it; the fields are those
// of [OutlookView].
type OutlookNumbers struct {
	Why      luoshi.Message      `json:"-"`
	Says     luoshi.Message      `json:"-"`
	Asked    luoshi.NullQuantity `json:"asked"`
	Upper    luoshi.NullQuantity `json:"upper"`
	Better   luoshi.Direction    `json:"better"`
	Known    luoshi.NullQuantity `json:"known"`
	Through  luoshi.Period       `json:"through"`
	Total    luoshi.NullQuantity `json:"total"`
	Low80    luoshi.NullQuantity `json:"low80"`
	High80   luoshi.NullQuantity `json:"high80"`
	Low95    luoshi.NullQuantity `json:"low95"`
	High95   luoshi.NullQuantity `json:"high95"`
	Standing OutlookStanding     `json:"standing"`
	Chance   luoshi.Ratio        `json:"chance"`
}

func (v *OutlookView) numbers() OutlookNumbers {
	return OutlookNumbers{v.Why, v.Says, v.Asked, v.Upper, v.Better, v.Known, v.Through, v.Total, v.Low80, v.High80, v.Low95, v.High95, v.Standing, v.Chance}
}

// Drawn are the numbers that the periods, the methods and the notes belong to: those
// worked out, where what was kept is something else.
func (v *OutlookView) Drawn() OutlookNumbers {
	if v.Worked != nil {
		return *v.Worked
	}
	return v.numbers()
}

// past reports whether a look is at an instant that is over: then what was said by
// then is what is said of it.
func (s *Service) past(look Look) bool { return s.settle(look).AsOf.Before(s.settle(Look{}).AsOf) }

// then names a question about kept outlooks: asked of the present and later again of
// the same instant it has two answers.
func (s *Service) then(look Look, question string) string {
	if s.past(look) {
		return question + " of then"
	}
	return question
}

// keptThen is [kept], and [keptShown] of a past instant: of the present such a view does
// not show what is kept.
func keptThen[T any](ctx context.Context, s *Service, look Look, question string, make func(context.Context, *snapshot) (*T, error)) (*T, error) {
	if s.past(look) {
		return keptShown(ctx, s, look, s.then(look, question), make)
	}
	return kept(ctx, s, look, question, make)
}

// said brings one outlook to what was kept by a past instant, and counts what is kept.
func (s *Service) said(ctx context.Context, sn *snapshot, look Look, v *OutlookView, node int) error {
	said := asSaid{past: s.past(look)}
	if sn.ownBoundaries() {
		trail, err := s.store.OutlookTrail(ctx, v.Indicator.Code, sn.year, sn.tree.Nodes[node].ID, sn.asOf)
		if err != nil {
			return err
		}
		if v.Said = len(trail); v.Said > 0 {
			said.kept = map[int]OutlookShown{node: shownOf(sn.year, trail[v.Said-1])}
		}
	}
	said.of(v, node)
	return nil
}

// asSaid brings outlooks of one indicator to what was kept by a past instant; of the
// present they stay as they are.
type asSaid struct {
	past bool
	kept map[int]OutlookShown
}

func (s *Service) asSaid(ctx context.Context, sn *snapshot, look Look, code string, nodes []int) (asSaid, error) {
	if !s.past(look) {
		return asSaid{}, nil
	}
	kept, err := s.shown(ctx, sn, code, nodes)
	return asSaid{true, kept}, err
}

func (a asSaid) of(v *OutlookView, node int) {
	v.Origin = OutlookNow
	if a.past {
		o, have := a.kept[node]
		v.asOfThen(o, have)
	}
}

// asOfThen turns an outlook worked out for a past instant into what was kept by then,
// where anything was.
func (v *OutlookView) asOfThen(o OutlookShown, have bool) {
	if v.Origin = OutlookUnkept; !have {
		return
	}
	if v.Origin, v.Kept = OutlookKept, &o; o.After {
		v.Origin = OutlookAfter
	}
	worked := v.numbers()
	if worked.Why.Key == "" && worked.Standing == OutlookClosed && o.Standing != OutlookClosed {
		v.Origin = OutlookKnown
		return
	}
	if o.why != "" && v.Why.Key != "" {
		return
	}
	said := o.OutlookNumbers
	if o.why == "" && worked.same(said) {
		return
	}
	if said.Through.To == worked.Through.To {
		said.Through = worked.Through
	}
	v.Worked = &worked
	if o.why != "" {
		said.Why = luoshi.Say("outlook.then.none", "indicator", v.Indicator.Name)
	} else {
		said.Says = v.saidThen(o)
		v.Level, v.Growth = o.Level, o.Growth
	}
	v.Why, v.Says, v.Asked, v.Upper, v.Better, v.Known, v.Through = said.Why, said.Says, said.Asked, said.Upper, said.Better, said.Known, said.Through
	v.Total, v.Low80, v.High80, v.Low95, v.High95, v.Standing, v.Chance = said.Total, said.Low80, said.High80, said.Low95, said.High95, said.Standing, said.Chance
	v.Derived = v.Derived && said.Asked == worked.Asked
}

// same reports whether two outlooks say the same of the year.
func (n OutlookNumbers) same(m OutlookNumbers) bool {
	return n.Why.Key == m.Why.Key && n.Asked == m.Asked && n.Upper == m.Upper && n.Through.To == m.Through.To && n.Total == m.Total && n.Low80 == m.Low80 && n.High80 == m.High80 &&
		n.Low95 == m.Low95 && n.High95 == m.High95 && n.Standing == m.Standing && n.Chance.OK() == m.Chance.OK() && (!n.Chance.OK() || n.Chance.Cmp(m.Chance) == 0)
}

// saidThen is a kept outlook in one sentence. What the target was in words is not kept:
// where the number asked is another than today's, the sentence goes by the number.
func (v *OutlookView) saidThen(o OutlookShown) luoshi.Message {
	in := v.Indicator
	if o.Growth {
		in.Measure, in.Kind = percentSign, luoshi.Growth
	}
	unit := measureOf(in)
	var goal luoshi.Message
	if o.Asked == v.Asked && o.Upper == v.Upper {
		goal, _ = v.Says.Args["goal"].(luoshi.Message)
	}
	if goal.Key == "" && o.Asked.Valid {
		goal = goalOf(o, unit)
	}
	m := luoshi.Say(saysKey(o.Standing, goal.Key != "", o.Chance), "total", o.Total, "low", o.Low80, "high", o.High80, "measure", unit, "known", o.Known, "through", o.Through)
	if goal.Key != "" {
		m.Args["goal"], m.Args["chance"] = goal, ChanceSays(o.Chance)
	}
	if o.Level {
		m.Key = levelKey(m.Key, in.Kind == luoshi.Growth)
	}
	return m
}

// measureOf is the unit of an indicator as it follows a number in a sentence; an index has
// none.
func measureOf(in IndicatorHead) luoshi.Measure {
	if in.Kind == luoshi.Index {
		return luoshi.Measure{}
	}
	return assess.AfterNumber(in.Measure)
}

// goalOf is what a kept outlook's target asked.
func goalOf(o OutlookShown, unit luoshi.Measure) luoshi.Message {
	switch o.Better {
	case luoshi.Band:
		return luoshi.Say("outlook.goal.band", "asked", o.Asked, "upper", o.Upper, "measure", unit)
	case luoshi.Less:
		return luoshi.Say("outlook.goal.less", "asked", o.Asked, "measure", unit)
	}
	return luoshi.Say("outlook.goal.more", "asked", o.Asked, "measure", unit)
}

// ThenSays says what an outlook of a past instant is: what was kept by then, and what is
// worked out now. Of the present it says nothing.
func (v *OutlookView) ThenSays() (list []luoshi.Message) {
	say := func(key string, pairs ...any) { list = append(list, luoshi.Say("outlook.then."+key, pairs...)) }
	month := func(t luoshi.Period) luoshi.Period { return luoshi.MonthOf(t.Year, t.To) }
	switch {
	case v.Origin == OutlookUnkept && v.Why.Key == "":
		say("unkept")
	case v.Origin == OutlookKnown:
		key := "known"
		if v.Kept.Chance.OK() {
			key = "known.chance"
		}
		if v.Kept.Total.Valid {
			say(key, "at", instantOf(v.Kept.At), "total", v.Kept.Total, "measure", measureOf(v.Indicator), "chance", ChanceSays(v.Kept.Chance))
		}
	case v.Kept != nil:
		key := "kept"
		if v.Kept.After {
			key = "after"
		}
		if v.Kept.Through.To == 0 {
			key += ".first"
		}
		say(key, "at", instantOf(v.Kept.At), "through", month(v.Kept.Through))
	}
	n := v.Worked
	if n == nil {
		return list
	}
	unit := measureOf(v.Indicator)
	switch {
	case n.Why.Key != "":
		say("worked.none", "why", n.Why)
		return list
	case n.Through.To > v.Kept.Through.To:
		say("ahead", "through", month(n.Through))
	}
	key := "worked"
	if n.Chance.OK() {
		key = "worked.chance"
	}
	say(key, "total", n.Total, "low", n.Low80, "high", n.High80, "measure", unit, "chance", ChanceSays(n.Chance))
	return list
}

// instantOf is an instant as a sentence tells it: a day, where it is the day's end.
func instantOf(at time.Time) any {
	if d := luoshi.DateOf(at); !at.Before(d.End()) {
		return d
	}
	return at
}
