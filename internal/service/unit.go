package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"luoshi.dev"
)

// UnitTree is the register of units by the boundaries of a day.
type UnitTree struct {
	Frame
	Areas       []UnitLine  `json:"areas"` // parents before children
	Departments []UnitLine  `json:"departments"`
	Coming      []ChangeDay `json:"coming"` // recorded for days after that of the boundaries, soonest first
	Passed      int         `json:"passed"` // changes up to it
	Rungs       []RungCount `json:"rungs"`
}

// weight tells how much a tree holds: mostly its lines.
func (v *UnitTree) weight() int { return 360 * (len(v.Areas) + len(v.Departments)) }

// UnitLine is one unit of the register.
type UnitLine struct {
	Unit     UnitRef     `json:"unit"`
	Depth    int         `json:"depth"`
	Parent   string      `json:"parent,omitempty"` // code
	Order    int         `json:"order"`
	From     luoshi.Date `json:"from"`            // since when it is as it is
	Children int         `json:"children"`        // areas directly below
	Below    int         `json:"below"`           // areas below, at any depth
	Rungs    []RungCount `json:"rungs,omitempty"` // of those
	Next     *UnitEvent  `json:"next,omitempty"`  // the change that is recorded for a later day
}

// RungCount is how many areas of a rung there are.
type RungCount struct {
	Kind  luoshi.UnitKind `json:"kind"`
	Count int             `json:"count"`
}

// rungs counts areas by their rung, from the top down.
func rungs(kinds map[luoshi.UnitKind]int) []RungCount {
	var list []RungCount
	for _, kind := range luoshi.UnitKinds {
		if n := kinds[kind]; n > 0 && kind != luoshi.Nation {
			list = append(list, RungCount{kind, n})
		}
	}
	return list
}

// UnitTree shows the units by the boundaries of the look.
func (s *Service) UnitTree(ctx context.Context, look Look) (*UnitTree, error) {
	return kept(ctx, s, look, "unit tree", func(ctx context.Context, sn *snapshot) (*UnitTree, error) {
		node, err := sn.unitOf(look.Unit)
		if err != nil {
			return nil, err
		}
		v := &UnitTree{}
		if v.Frame, err = s.frame(ctx, sn, node); err != nil {
			return nil, err
		}
		events, err := s.unitEvents(ctx, sn)
		if err != nil {
			return nil, err
		}
		next := map[luoshi.UnitID]*UnitEvent{}
		for i := range events { // newest first: the soonest is noted last
			e := &events[i]
			if e.On <= sn.tree.On {
				v.Passed++
				continue
			}
			if n := len(v.Coming); n == 0 || v.Coming[n-1].On != e.On {
				v.Coming = append(v.Coming, ChangeDay{On: e.On})
			}
			day := &v.Coming[len(v.Coming)-1]
			day.Events = append(day.Events, *e)
			for _, id := range e.ids {
				next[id] = e
			}
		}
		slices.Reverse(v.Coming)
		kinds := map[luoshi.UnitKind]int{}
		for i := range sn.tree.Nodes {
			line := sn.line(i)
			kinds[line.Unit.Kind]++
			line.Next = next[sn.tree.Nodes[i].ID]
			if line.Unit.Kind.Area() {
				v.Areas = append(v.Areas, line)
			} else {
				v.Departments = append(v.Departments, line)
			}
		}
		v.Rungs = rungs(kinds)
		return v, nil
	})
}

// line is a unit as the register lists it.
func (sn *snapshot) line(i int) UnitLine {
	n := sn.tree.Nodes[i]
	line := UnitLine{Unit: sn.ref(i), Depth: n.Depth, Order: n.Order, From: n.From, Children: len(sn.areas(i))}
	if n.Parent >= 0 {
		line.Parent = sn.tree.Nodes[n.Parent].Code
	}
	kinds := map[luoshi.UnitKind]int{}
	for at := i + 1; at < n.End; at++ {
		if kind := sn.tree.Nodes[at].Kind; kind.Area() {
			line.Below++
			kinds[kind]++
		}
	}
	line.Rungs = rungs(kinds)
	return line
}

// UnitCard is everything that is known about one unit.
type UnitCard struct {
	Frame
	Here     UnitRef         `json:"here"`
	InForce  bool            `json:"in_force"` // by the boundaries shown
	Parent   *UnitRef        `json:"parent,omitempty"`
	Facts    []UnitFact      `json:"facts"`  // newest first
	Events   []UnitEvent     `json:"events"` // that it had a part in, newest first
	Before   []UnitKin       `json:"predecessors"`
	After    []UnitKin       `json:"successors"`
	Targets  []UnitTarget    `json:"targets"`
	Reports  []UnitReport    `json:"reports"`
	Answers  []IndicatorName `json:"answers"`          // indicators that the department answers for
	Leader   *PersonRef      `json:"leader,omitempty"` // in charge of it
	Leaders  []DutyFact      `json:"leaders"`          // who was and will be, the newest first
	Children []UnitLine      `json:"children"`
	Offices  []UnitLine      `json:"departments"`
}

// UnitFact is one dated fact, and what became of it.
type UnitFact struct {
	Unit       UnitRef     `json:"unit"`
	Parent     *UnitRef    `json:"parent,omitempty"`
	Order      int         `json:"order"`
	From       luoshi.Date `json:"from"`
	Until      luoshi.Date `json:"until,omitempty"`     // its last day, 0 = still holds
	Ended      bool        `json:"ended,omitempty"`     // from that day on the unit is no more
	Corrected  bool        `json:"corrected,omitempty"` // a later record says otherwise about the same day
	Idle       bool        `json:"idle,omitempty"`      // says nothing that the fact before did not: a change taken back
	RecordedAt time.Time   `json:"recorded_at"`
	By         string      `json:"by,omitempty"`
	Source     string      `json:"source,omitempty"`
	Batch      int64       `json:"batch,omitempty"` // the change that it came with, where it can be taken back
}

// UnitKin is a unit that this one came from or lives on in.
type UnitKin struct {
	Unit   UnitRef         `json:"unit"`
	On     luoshi.Date     `json:"on"`
	Share  luoshi.Quantity `json:"share"`
	Source string          `json:"source,omitempty"`
}

// UnitTarget is one target of a unit in the year, judged.
type UnitTarget struct {
	Indicator IndicatorName    `json:"indicator"`
	Target    luoshi.Target    `json:"target"`
	Says      luoshi.Message   `json:"-"` // what is promised
	Judgement luoshi.Judgement `json:"judgement"`
	Inherited bool             `json:"inherited,omitempty"` // from units that were merged into it
	Person    *PersonRef       `json:"person,omitempty"`    // in charge of it
}

// UnitReport is one series that a unit owes.
type UnitReport struct {
	Indicator IndicatorName   `json:"indicator"`
	Calendar  luoshi.Calendar `json:"calendar"`
	DueDays   int             `json:"due_days"`
	Newest    *ReportCell     `json:"newest,omitempty"` // the newest closed period
	Due       luoshi.Date     `json:"due,omitempty"`    // when the next one is
	Next      luoshi.Period   `json:"next"`
}

// IndicatorName names an indicator in a view.
type IndicatorName struct {
	Code     string         `json:"code"`
	Name     luoshi.Names   `json:"name"`
	Measure  luoshi.Measure `json:"measure"`
	Decimals int            `json:"decimals"`
}

func indicatorName(in luoshi.Indicator) IndicatorName {
	return IndicatorName{Code: in.Code, Name: in.Names, Measure: in.Measure, Decimals: in.Decimals}
}

// UnitCard shows one unit, by a code that it has or had.
func (s *Service) UnitCard(ctx context.Context, look Look, code string) (*UnitCard, error) {
	return kept(ctx, s, look, "unit "+code, func(ctx context.Context, sn *snapshot) (*UnitCard, error) { return s.unitCard(ctx, sn, look, code) })
}

func (s *Service) unitCard(ctx context.Context, sn *snapshot, look Look, code string) (*UnitCard, error) {
	id, err := sn.unitID(code)
	if err != nil {
		return nil, err
	}
	node, here := sn.tree.Find(id)
	at := node
	if !here {
		if at, err = sn.unitOf(look.Unit); err != nil {
			return nil, err
		}
	}
	v := &UnitCard{InForce: here}
	if v.Frame, err = s.frame(ctx, sn, at); err != nil {
		return nil, err
	}
	by, err := s.clerks(ctx)
	if err != nil {
		return nil, err
	}
	v.Facts = sn.factsOf(id, by)
	events, err := s.unitEvents(ctx, sn)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		if slices.Contains(e.ids, id) {
			v.Events = append(v.Events, e)
		}
	}
	v.Before, v.After = sn.kin(id)
	v.Here = v.Facts[0].Unit
	if here {
		v.Here = sn.ref(node)
		if p := sn.tree.Nodes[node].Parent; p >= 0 {
			ref := sn.ref(p)
			v.Parent = &ref
		}
		v.Targets, v.Reports = sn.targetsOf(node), sn.reportsOf(node)
		for _, c := range sn.tree.Children(node) {
			if sn.tree.Nodes[c].Kind.Area() {
				v.Children = append(v.Children, sn.line(c))
			} else {
				v.Offices = append(v.Offices, sn.line(c))
			}
		}
	} else {
		v.Here = sn.lastFact(id)
	}
	for _, in := range sn.plan.indicators {
		if u, ok := sn.meant(in.Department); ok && u == id {
			v.Answers = append(v.Answers, indicatorName(in))
		}
	}
	v.Leader, v.Leaders = sn.leader(id), sn.dutyFacts("", id)
	for _, t := range v.Targets {
		v.Sample = v.Sample || t.Judgement.Proof.Sample
	}
	return v, nil
}

// unitID finds the unit of a code: the one that bears it by the snapshot's
// boundaries, else one that bore or will bear it.
func (sn *snapshot) unitID(code string) (luoshi.UnitID, error) {
	if id, ok := sn.meant(code); ok {
		return id, nil
	}
	return 0, &luoshi.Error{Code: luoshi.NotFound, Message: sn.codes.unknown(code, "", sn.tree.On)}
}

// meant is [snapshot.unitID] without its error.
func (sn *snapshot) meant(code string) (luoshi.UnitID, bool) {
	if code == "" {
		return 0, false
	}
	if i, ok := sn.tree.ByCode(code); ok {
		return sn.tree.Nodes[i].ID, true
	}
	if u, _, ok := sn.codes.find(code, luoshi.DateOf(sn.asOf)); ok {
		return u.ID, true
	}
	if ids := sn.codes.codes[code]; len(ids) > 0 {
		return ids[len(ids)-1], true
	}
	return 0, false
}

// lastFact is the unit as it was last in force, or will be first.
func (sn *snapshot) lastFact(id luoshi.UnitID) UnitRef {
	facts := sn.codes.facts[id]
	best := facts[0]
	for _, u := range facts {
		if !u.Ended && u.From <= sn.tree.On {
			best = u
		}
	}
	return factRef(best)
}

// factsOf lists all that was recorded of a unit, the newest day first and of one
// day the newest record first.
func (sn *snapshot) factsOf(id luoshi.UnitID, by clerks) []UnitFact {
	var list []UnitFact
	holds := sn.codes.facts[id]
	for _, u := range sn.plan.units {
		if u.ID != id {
			continue
		}
		f := UnitFact{Unit: factRef(u), Order: u.Order, From: u.From, Ended: u.Ended, RecordedAt: time.UnixMicro(u.RecordedAt)}
		i := slices.IndexFunc(holds, func(h luoshi.Unit) bool { return h.From == u.From })
		f.Corrected = holds[i] != u
		if !f.Corrected {
			f.Idle = i > 0 && sameFact(holds[i-1], u) || i == 0 && u.Ended
			if i+1 < len(holds) {
				f.Until = holds[i+1].From.AddDays(-1)
			}
		}
		if u.Parent != 0 {
			p, _ := sn.codes.on(u.Parent, u.From)
			ref := factRef(p)
			f.Parent = &ref
		}
		if b, ok := by[u.RecordedAt]; ok {
			f.By = b.By
			if b.Kind != "import" {
				f.Source, f.Batch = b.Note, b.ID
			}
		}
		list = append(list, f)
	}
	slices.SortStableFunc(list, func(a, b UnitFact) int {
		return cmp.Or(-cmp.Compare(a.From, b.From), b.RecordedAt.Compare(a.RecordedAt))
	})
	return list
}

// sameFact reports whether two facts say the same of a unit.
func sameFact(a, b luoshi.Unit) bool {
	a.From, a.RecordedAt = b.From, b.RecordedAt
	return a == b
}

// kin are the units that a unit came from and those that it lives on in.
func (sn *snapshot) kin(id luoshi.UnitID) (before, after []UnitKin) {
	ref := func(id luoshi.UnitID, day luoshi.Date) UnitRef {
		u, _ := sn.codes.on(id, day)
		return factRef(u)
	}
	for _, l := range sn.plan.links {
		if l.To == id {
			before = append(before, UnitKin{Unit: ref(l.From, l.On.AddDays(-1)), On: l.On, Share: l.Share, Source: l.Source})
		}
		if l.From == id {
			after = append(after, UnitKin{Unit: ref(l.To, l.On), On: l.On, Share: l.Share, Source: l.Source})
		}
	}
	return before, after
}

// targetsOf lists the targets of a unit in the snapshot's year, judged.
func (sn *snapshot) targetsOf(node int) []UnitTarget {
	var list []UnitTarget
	for _, in := range sn.plan.indicators {
		t, ok := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]
		if !ok {
			continue
		}
		j := sn.judge(in.Code, node)
		sn.explain(&j)
		list = append(list, UnitTarget{Indicator: indicatorName(in), Target: *t, Says: sn.promise(in, *t), Judgement: j, Inherited: sn.inherited(*t), Person: sn.charged(in.Code, node)})
	}
	return list
}

// inherited reports whether a target is not recorded as such but comes from units
// that went into this one.
func (sn *snapshot) inherited(t luoshi.Target) bool {
	return !slices.ContainsFunc(sn.plan.targets, func(own luoshi.Target) bool {
		return keyOf(own) == keyOf(t) && own.Revision == t.Revision && sameTarget(own, t)
	})
}

// reportsOf lists what a unit has to report.
func (sn *snapshot) reportsOf(node int) []UnitReport {
	var list []UnitReport
	kind := sn.tree.Nodes[node].Kind
	for _, in := range sn.plan.indicators {
		if in.ReportedAt != kind || in.Retired || in.Formula != "" {
			continue
		}
		r := UnitReport{Indicator: indicatorName(in), Calendar: in.Calendar, DueDays: in.DueDays}
		closed := sn.closed(in)
		if n := len(closed); n > 0 {
			cell := sn.reportCell(in, node, []int{node}, []UnitRef{sn.ref(node)}, closed[n-1])
			r.Newest = &cell
		}
		r.Next, r.Due = sn.nextDue(in)
		list = append(list, r)
	}
	return list
}

// nextDue is the first period whose figure is not due yet at the instant.
func (sn *snapshot) nextDue(in luoshi.Indicator) (luoshi.Period, luoshi.Date) {
	today := luoshi.DateOf(sn.asOf)
	for year := today.Year() - 1; year <= today.Year()+1; year++ {
		for _, m := range in.Calendar.Ends() {
			p, ok := in.Calendar.Period(year, m, in.Basis)
			if due := p.LastDay().AddDays(in.DueDays); ok && due >= today {
				return p, due
			}
		}
	}
	return luoshi.Period{}, 0
}
