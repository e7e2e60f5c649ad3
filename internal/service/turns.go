package service

import (
	"cmp"
	"slices"

	"luoshi.dev"
)

// Way is the direction in which a light turned.
type Way string

// The ways. A light that was not judged before has no direction, and one that can
// no longer be judged is no worse: something is missing.
const (
	Steady Way = ""
	Worse  Way = "worse"
	Better Way = "better"
	First  Way = "first" // judged for the first time
	Lost   Way = "lost"  // no longer judged
)

// Turn is a light that is another than a month before: of a goal of the unit, or
// of one indicator of a unit below it.
type Turn struct {
	Goal      string           `json:"goal,omitempty"`
	Unit      UnitRef          `json:"unit"`
	Indicator string           `json:"indicator,omitempty"` // "" for a goal that gathers others
	Name      luoshi.Names     `json:"name"`                // of the goal or of the indicator
	Before    luoshi.Light     `json:"before"`
	Way       Way              `json:"way"`
	Judgement luoshi.Judgement `json:"judgement"`
	Owner     luoshi.Names     `json:"owner"`            // who answers
	Person    *PersonRef       `json:"person,omitempty"` // in charge of the target
}

// Turns is what changed since a month before.
type Turns struct {
	Since      luoshi.Date `json:"since"`
	Goals      []Turn      `json:"goals"`
	Below      []Turn      `json:"below"` // at most TurnsShown, the worst first
	GoalCounts WayCounts   `json:"goal_counts"`
	Counts     WayCounts   `json:"counts"` // below, all of them
}

// WayCounts tallies turns.
type WayCounts struct{ Worse, Better, First, Lost int }

// TurnsShown is how many turns below the unit the overview lists.
const TurnsShown = 6

// WayOf says in which direction a light turned.
func WayOf(before, now luoshi.Light) Way {
	switch {
	case before == now:
		return Steady
	case before == luoshi.NotJudged:
		return First
	case now == luoshi.NotJudged:
		return Lost
	case now > before:
		return Worse
	}
	return Better
}

// gravity orders turns: what got worse, what is judged first and is not green, the
// good news, and last what is not judged any more, which the reports tell too.
func (t Turn) gravity() int {
	switch {
	case t.Way == Worse:
		return 0
	case t.Way == First && t.Judgement.Light != luoshi.Green:
		return 1
	case t.Way == Better:
		return 2
	case t.Way == Lost:
		return 3
	}
	return quiet
}

// quiet is the gravity of a light that is green from the first: no news.
const quiet = 4

// compareTurns puts the graver turn first; among equals the worse light, then the
// longer fall or rise.
func compareTurns(a, b Turn) int {
	return cmp.Or(cmp.Compare(a.gravity(), b.gravity()), cmp.Compare(b.Judgement.Light, a.Judgement.Light), cmp.Compare(span(b), span(a)))
}

func span(t Turn) int {
	d := int(t.Judgement.Light) - int(t.Before)
	return max(d, -d)
}

// gather tallies turns, orders them, and keeps those that are shown.
func gather(since luoshi.Date, goals, below []Turn) Turns {
	t := Turns{Since: since}
	for _, turn := range goals {
		t.GoalCounts.add(turn.Way)
	}
	for _, turn := range below {
		t.Counts.add(turn.Way)
	}
	news := func(list []Turn) []Turn {
		list = slices.DeleteFunc(slices.Clone(list), func(turn Turn) bool { return turn.gravity() == quiet })
		slices.SortStableFunc(list, compareTurns)
		return list
	}
	t.Goals, t.Below = news(goals), news(below)
	t.Below = slices.Clone(t.Below[:min(TurnsShown, len(t.Below))]) // the view is kept, the rest of the list is not
	return t
}

func (c *WayCounts) add(w Way) {
	switch w {
	case Worse:
		c.Worse++
	case Better:
		c.Better++
	case First:
		c.First++
	case Lost:
		c.Lost++
	}
}

// Total is how many turned.
func (c WayCounts) Total() int { return c.Worse + c.Better + c.First + c.Lost }

// None reports whether nothing turned.
func (t Turns) None() bool { return t.Counts.Total()+t.GoalCounts.Total() == 0 }

// monthAgo is the day that the lights are held against.
func (sn *snapshot) monthAgo() luoshi.Date { return luoshi.DateOf(sn.asOf).AddMonths(-1) }

// turns finds what turned among the goals and directly below the unit.
func (sn *snapshot) turns(node int, goals []GoalRow) Turns {
	var own, below []Turn
	for _, g := range goals {
		if way := WayOf(g.Before, g.Judgement.Light); way != Steady {
			own = append(own, Turn{Goal: g.Code, Unit: sn.ref(node), Indicator: g.Indicator, Name: g.Name, Before: g.Before, Way: way, Judgement: g.Judgement, Owner: g.Owner, Person: g.Person})
		}
	}
	for _, child := range sn.areas(node) {
		unit := sn.tree.Nodes[child]
		for _, in := range sn.plan.indicators {
			t, ok := sn.targets[targetAt{in.Code, unit.ID}]
			if !ok || in.Retired {
				continue
			}
			now, before := sn.judgeTwice(in.Code, child)
			if way := WayOf(before.Light, now.Light); way != Steady {
				below = append(below, Turn{Unit: sn.ref(child), Indicator: in.Code, Name: in.Names, Before: before.Light, Way: way, Judgement: now, Owner: sn.owner(t.Owner, unit.Names), Person: sn.charged(in.Code, child)})
			}
		}
	}
	return gather(sn.monthAgo(), own, below)
}
