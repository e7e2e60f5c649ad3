package web

import (
	"html/template"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// turns is what changed since a month before, as the overview lists it.
type turns struct {
	Says  template.HTML
	Goals []turnRow
	Below []turnRow
	More  int // below, not listed
}

// turnRow is one light that turned.
type turnRow struct {
	service.Turn
	From, To light
	Word     string // which way, for those who do not see the arrow
	Proof    string
	Place    string // address of the unit, "" for a goal of this unit
	By       string // who answers, where that is not the unit itself
}

func (p *page) turns(t service.Turns) turns {
	rows := func(list []service.Turn) (rows []turnRow) {
		for _, turn := range list {
			row := turnRow{Turn: turn, From: p.light(turn.Before), To: p.light(turn.Judgement.Light), Word: p.W("overview.turn." + string(turn.Way))}
			if turn.Goal != "" {
				row.Proof = p.To("/proof", "goal", turn.Goal)
			} else {
				row.Proof, row.Place = p.figureOf(turn.Unit.Code, turn.Indicator), p.Link("unit", turn.Unit.Code)
				if turn.Owner != turn.Unit.Name || turn.Person != nil {
					row.By = p.InCharge(turn.Person, turn.Owner)
				}
			}
			rows = append(rows, row)
		}
		return rows
	}
	return turns{Goals: rows(t.Goals), Below: rows(t.Below), More: t.Counts.Total() - len(t.Below), Says: p.turnsSay(t)}
}

// turnsSay counts what turned, by way; or says that nothing did.
func (p *page) turnsSay(t service.Turns) template.HTML {
	goals, below := ways(t.GoalCounts), ways(t.Counts)
	switch {
	case t.None():
		return p.Rich(luoshi.Say("overview.turns.none", "since", t.Since))
	case t.Counts.Total() == 0:
		return p.Rich(luoshi.Say("overview.turns.goals", "since", t.Since, "goals", goals))
	case t.GoalCounts.Total() == 0:
		return p.Rich(luoshi.Say("overview.turns.units", "since", t.Since, "units", below))
	}
	return p.Rich(luoshi.Say("overview.turns.both", "since", t.Since, "goals", goals, "units", below))
}

// ways are the counts that are not nothing, in words.
func ways(c service.WayCounts) []luoshi.Message {
	var parts []luoshi.Message
	for _, one := range []struct {
		way   service.Way
		count int
	}{{service.Worse, c.Worse}, {service.Better, c.Better}, {service.First, c.First}, {service.Lost, c.Lost}} {
		if one.count > 0 {
			parts = append(parts, luoshi.Say("overview.turns."+string(one.way), "count", one.count))
		}
	}
	return parts
}
