package web

import (
	"context"
	"html/template"
	"net/http"
	"strconv"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// unitBook answers for the register of units.
type unitBook interface {
	UnitTree(ctx context.Context, look service.Look) (*service.UnitTree, error)
	UnitCard(ctx context.Context, look service.Look, code string) (*service.UnitCard, error)
	UnitChanges(ctx context.Context, look service.Look) (*service.UnitChanges, error)
	TryUnit(ctx context.Context, look service.Look, e service.UnitEdit, try bool) (*service.UnitTrial, error)
	PutUnit(ctx context.Context, look service.Look, e service.UnitEdit, by string) (*service.UnitTrial, *service.Saved, error)
	UndoChange(ctx context.Context, batch int64, by, reason string) (*service.Saved, error)
}

// unitsBody is the tree of units as the template lays it out.
type unitsBody struct {
	Head, Lead string
	Areas      []unitRow
	Offices    []unitRow
	Coming     []unitDay
	Changes    string
	New        string // where one is begun below the unit looked at
}

// unitRow is one unit of the tree.
type unitRow struct {
	Code, Name, Short, Kind string
	Below, From             string
	Next                    string
	Href                    string
	Depth                   int
	Kids                    bool
	Words                   string // what it is found by
}

// unitDay is what happened on a day.
type unitDay struct {
	On     string
	ID     string
	Here   string // the tree by the boundaries of that day
	Events []unitEvent
}

// unitEvent is one thing that happened.
type unitEvent struct {
	Says   template.HTML
	Note   string // who recorded it, when
	Source string
	Units  []choice
}

// eventLinks is how many units an event leads to.
const eventLinks = 6

// begun is the day from which units hold whose list does not say since when.
const begun = luoshi.Date(19491001)

func (s *Site) units(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "units")
	p.section, p.stays, p.scripts = "register", true, []string{"units.js"}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.UnitTree(r.Context(), look)
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.frame(&v.Frame)
		p.Body, p.Title = p.unitTree(v), p.W("unitpage.title")
		return nil
	})
}

func (p *page) unitTree(v *service.UnitTree) *unitsBody {
	b := &unitsBody{Changes: p.To("/units/changes"), New: p.unitEditTo(service.EventBegin, v.Unit.Code)}
	if len(v.Areas) == 0 {
		return b
	}
	b.Head = p.W("unitpage.tree.head", "day", v.Boundaries, "parts", p.rungs(v.Rungs))
	switch {
	case len(v.Coming) > 0:
		b.Lead = p.W("unitpage.tree.coming", "day", v.Coming[0].On, "n", events(v.Coming))
	case v.Passed > 0:
		b.Lead = p.W("unitpage.tree.passed", "n", v.Passed)
	default:
		b.Lead = p.W("unitpage.tree.still")
	}
	for _, line := range v.Areas {
		b.Areas = append(b.Areas, p.unitRow(line))
	}
	for _, line := range v.Departments {
		b.Offices = append(b.Offices, p.unitRow(line))
	}
	for _, day := range v.Coming {
		b.Coming = append(b.Coming, p.unitDay(day))
	}
	return b
}

func events(days []service.ChangeDay) int {
	n := 0
	for _, day := range days {
		n += len(day.Events)
	}
	return n
}

// rungs are counts of areas: 16个市, 105个县.
func (p *page) rungs(list []service.RungCount) []luoshi.Message {
	var parts []luoshi.Message
	for _, c := range list {
		key := "unitpage.count." + string(c.Kind)
		if c.Count == 1 {
			key = "unitpage.count.one"
		}
		parts = append(parts, luoshi.Say(key, "n", c.Count, "kind", c.Kind))
	}
	return parts
}

func (p *page) unitRow(line service.UnitLine) unitRow {
	u := line.Unit
	row := unitRow{Code: u.Code, Name: p.Name(u.Name), Kind: p.Show(u.Kind, ""), From: p.since(line.From), Href: p.unitTo(u.Code), Depth: min(line.Depth, 4), Kids: line.Below > 0}
	if short := p.Name(u.Short); short != row.Name {
		row.Short = short
	}
	row.Words = u.Code + " " + u.Name.Hans + " " + u.Name.Hant + " " + u.Name.En + " " + u.Short.Hans + " " + row.Kind
	if len(line.Rungs) > 0 {
		row.Below = p.Show(p.rungs(line.Rungs), "")
	}
	if line.Next != nil {
		row.Next = p.W("unitpage.next", "day", line.Next.On, "says", line.Next.Says)
	}
	return row
}

// since writes the day from which something holds.
func (p *page) since(day luoshi.Date) string {
	if day <= begun {
		return p.W("unitpage.always")
	}
	return day.String()
}

func (p *page) unitTo(code string) string { return p.To("/unit", "code", code) }

func (p *page) unitDay(day service.ChangeDay) unitDay {
	d := unitDay{On: p.Show(day.On, ""), ID: "d" + strconv.Itoa(int(day.On)), Here: p.To("/units", "boundaries", day.On.String())}
	for _, e := range day.Events {
		d.Events = append(d.Events, p.unitEvent(e))
	}
	return d
}

func (p *page) unitEvent(e service.UnitEvent) unitEvent {
	one := unitEvent{Says: p.Rich(e.Says), Source: e.Source, Note: p.recorded(e.By, instant(e.RecordedAt))}
	for _, u := range e.Units[:min(len(e.Units), eventLinks)] {
		one.Units = append(one.Units, choice{Text: p.Name(u.Name), Href: p.unitTo(u.Code)})
	}
	for _, u := range e.Into {
		if href := p.unitTo(u.Unit.Code); len(one.Units) == 0 || one.Units[0].Href != href || one.Units[0].Text != p.Name(u.Unit.Name) {
			one.Units = append(one.Units, choice{Text: p.Name(u.Unit.Name), Href: href})
		}
	}
	return one
}

// recorded says who put something on record, and when.
func (p *page) recorded(by, at string) string {
	if by == "" {
		return p.W("unitpage.recorded", "at", at)
	}
	return p.W("unitpage.recorded.by", "by", p.PersonName(by), "at", at)
}

// changesBody is every change of the tree.
type changesBody struct {
	Days  []unitDay
	Lead  string
	Begin string
}

func (s *Site) unitChanges(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "unit-changes")
	p.section, p.stays = "register", true
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.UnitChanges(r.Context(), look)
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.frame(&v.Frame)
		b := &changesBody{}
		for _, day := range v.Days {
			b.Days = append(b.Days, p.unitDay(day))
		}
		if len(v.Days) > 0 {
			b.Lead = p.W("unitpage.changes.lead", "n", events(v.Days), "days", len(v.Days))
		}
		if v.First > 0 {
			b.Begin = p.W("unitpage.changes.begin", "day", v.Begin, "n", v.First)
			if v.Begin <= begun {
				b.Begin = p.W("unitpage.changes.always", "n", v.First)
			}
		}
		p.Body, p.Title = b, p.W("unitpage.changes")
		return nil
	})
}
