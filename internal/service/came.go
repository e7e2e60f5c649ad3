package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// CameView tells how something came to be: its events, the newest first.
type CameView struct {
	Frame
	Object ObjectRef   `json:"object"`
	Events []EventLine `json:"events"`
	More   bool        `json:"more"` // older ones are not shown
	Summed bool        `json:"summed"`
	// Wide: some of it came with an import of earlier history, of which no event says
	// what it wrote one by one; all that wrote such things are among the events.
	Wide bool `json:"wide,omitempty"`
}

// cameShown bounds how many events are shown at once, cameOf how many parts of a sum
// are followed.
const (
	cameShown = 100
	cameOf    = 400
)

// readsOf is the right by which the events of a thing may be read: whoever may read
// it may read how it came to be.
var readsOf = map[string]workflow.Intent{
	"figure": workflow.ReadBoard, "target": workflow.ReadBoard, "indicator": workflow.ReadPlan, "scheme": workflow.ReadPlan, "goal": workflow.ReadPlan, "set": workflow.ReadPlan,
	"unit": workflow.ReadUnits, "person": workflow.ReadPeople,
}

// CameRight is the right by which the events of an object may be read, and the code
// of the unit at which it is needed, "" = wherever the reader stands.
func (s *Service) CameRight(ctx context.Context, look Look, object string) (workflow.Intent, string, error) {
	sn, _, err := s.stand(ctx, look)
	if err != nil {
		return "", "", err
	}
	o := sn.objectOf(object, nil)
	intent, ok := readsOf[o.Kind]
	if !ok || o.Says.Key == "object.other" {
		return "", "", &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("came.unknown", "text", object)}
	}
	if o.Kind == "person" {
		code, err := s.overPerson(ctx, sn, o.Code)
		return intent, code, err
	}
	if o.Unit != "" {
		if _, err := sn.unitID(o.Unit); err != nil {
			return "", "", err
		}
	}
	return intent, o.Unit, nil
}

// overPerson is the code of the lowest unit that covers all posts somebody ever had,
// for their events tell of each; without any it is the root with the most below it.
func (s *Service) overPerson(ctx context.Context, sn *snapshot, person string) (string, error) {
	posts, err := s.store.Posts(ctx, personOf(person), time.Time{})
	if err != nil || sn.tree.Len() == 0 {
		return "", err
	}
	units := make([]luoshi.UnitID, len(posts))
	for i, p := range posts {
		units[i] = p.Unit
	}
	if over := sn.tree.Over(units...); over >= 0 {
		return sn.tree.Nodes[over].Code, nil
	}
	root := slices.MaxFunc(sn.tree.Children(-1), func(a, b int) int { return (sn.tree.Nodes[a].End - a) - (sn.tree.Nodes[b].End - b) })
	return sn.tree.Nodes[root].Code, nil
}

// Came shows the events of a figure, a target, a unit, a person or an entry of a
// register.
func (s *Service) Came(ctx context.Context, look Look, object string) (*CameView, error) {
	look.AsOf = time.Time{} // what was done is not undone by looking at what was known before it
	if _, _, err := s.CameRight(ctx, look, object); err != nil {
		return nil, err
	}
	sn, node, err := s.stand(ctx, look)
	if err != nil {
		return nil, err
	}
	people, err := s.cast(ctx)
	if err != nil {
		return nil, err
	}
	v := &CameView{Object: sn.objectOf(object, people)}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	objects, err := s.cameFrom(ctx, sn, v)
	if err != nil {
		return nil, err
	}
	only := v.Object.Text
	if v.Summed || v.Object.Kind == "unit" {
		only = ""
	}
	asks := []store.EventQuery{{Objects: objects, Limit: cameShown + 1}}
	if v.Object.Kind == "person" {
		asks = append(asks, store.EventQuery{Object: "post " + v.Object.Code, Limit: cameShown + 1})
	}
	if v.Wide {
		asks = append(asks, store.EventQuery{Object: "import", Limit: -1})
	}
	var list []luoshi.Event
	for i, ask := range asks {
		some, err := s.store.Events(ctx, ask)
		if err != nil {
			return nil, err
		}
		if v.Wide && i == len(asks)-1 {
			some = slices.DeleteFunc(some, func(e luoshi.Event) bool { return !v.Object.with(e) })
		}
		list = append(list, some...)
	}
	slices.SortFunc(list, func(a, b luoshi.Event) int { return cmp.Compare(b.Seq, a.Seq) })
	list = slices.CompactFunc(list, func(a, b luoshi.Event) bool { return a.Seq == b.Seq })
	if v.More = len(list) > cameShown; v.More {
		list = list[:cameShown]
	}
	for _, e := range list {
		v.Events = append(v.Events, sn.eventLine(e, people, only))
	}
	return v, nil
}

// rowsOf is what an import calls the rows of a kind of object.
var rowsOf = map[string][]string{"target": {"targets"}, "indicator": {"indicators"}, "scheme": {"schemes"}, "goal": {"goals"}, "set": {"sets"}, "unit": {"units", "changes"}}

// with reports whether an import wrote rows of the object's kind, and of a target one
// of its indicator.
func (o ObjectRef) with(e luoshi.Event) bool {
	_, after := e.States()
	wrote := slices.ContainsFunc(rowsOf[o.Kind], func(kind string) bool { return after.Rows[kind] != luoshi.RowsWritten{} })
	return wrote && (o.Kind != "target" || slices.Contains(after.Targets, o.Indicator))
}

// cameFrom lists the objects whose events made something: itself, and the batches by
// which its versions were written.
func (s *Service) cameFrom(ctx context.Context, sn *snapshot, v *CameView) ([]string, error) {
	o := v.Object
	objects := []string{o.Text}
	batches := map[int64]bool{}
	by, err := s.clerks(ctx)
	if err != nil {
		return nil, err
	}
	recorded := func(at int64) {
		b, ok := by[at]
		v.Wide = v.Wide || !ok
		if ok {
			batches[b.ID] = true
		}
	}
	switch o.Kind {
	case "figure":
		more, err := s.figureCame(ctx, sn, v, batches)
		if err != nil {
			return nil, err
		}
		objects = append(objects, more...)
	case "target":
		id, err := sn.unitID(o.Unit)
		if err != nil {
			return nil, err
		}
		for _, t := range sn.plan.targets {
			if t.Indicator == o.Indicator && t.Unit == id && plain(t.FirstYear) == o.Year {
				recorded(t.RecordedAt.UnixMicro())
			}
		}
		objects = append(objects, "duty "+string(luoshi.PersonInCharge)+" "+o.Indicator+" "+o.Unit)
	case "unit":
		id, err := sn.unitID(o.Unit)
		if err != nil {
			return nil, err
		}
		for _, u := range sn.codes.facts[id] {
			recorded(u.RecordedAt)
			objects = append(objects, "unit "+u.Code, "duty "+string(luoshi.LeaderInCharge)+" "+u.Code)
		}
	case "person":
	default:
		times, err := s.versionsOf(ctx, sn, o)
		if err != nil {
			return nil, err
		}
		for _, at := range times {
			recorded(at)
		}
	}
	for id := range batches {
		objects = append(objects, "batch "+plain(int(id)), "import "+plain(int(id)))
	}
	slices.Sort(objects)
	return slices.Compact(objects), nil
}

// versionsOf are the instants at which the versions of a register's entry were
// recorded.
func (s *Service) versionsOf(ctx context.Context, sn *snapshot, o ObjectRef) ([]int64, error) {
	var times []int64
	switch o.Kind {
	case "indicator":
		list, err := s.store.IndicatorVersions(ctx, o.Code, sn.asOf)
		for _, v := range list {
			times = append(times, v.RecordedAt)
		}
		return times, err
	case "scheme":
		list, err := s.store.SchemeVersions(ctx, o.Code, sn.asOf)
		for _, v := range list {
			times = append(times, v.RecordedAt)
		}
		return times, err
	case "goal":
		list, err := s.store.GoalVersions(ctx, o.Code, sn.asOf)
		for _, v := range list {
			times = append(times, v.RecordedAt)
		}
		return times, err
	case "set":
		list, err := s.store.SetVersions(ctx, o.Code, sn.asOf)
		for _, v := range list {
			times = append(times, v.RecordedAt)
		}
		return times, err
	}
	return nil, nil
}

// figureCame follows a figure to what it rests on: its own vintages, or for a sum
// those of the units and indicators that it is made of.
func (s *Service) figureCame(ctx context.Context, sn *snapshot, v *CameView, batches map[int64]bool) ([]string, error) {
	o := v.Object
	in, err := sn.measured(o.Indicator)
	if err != nil {
		return nil, err
	}
	id, err := sn.unitID(o.Unit)
	if err != nil {
		return nil, err
	}
	node, here := sn.tree.Find(id)
	codes := []string{in.Code}
	if v.Summed = here && sn.computed(in, node, o.Period); v.Summed {
		codes = sn.cube.Needs(in.Code)
	}
	var objects []string
	for _, code := range codes {
		ask := store.FigureQuery{Indicator: code, Period: luoshi.Period{Year: o.Period.Year, To: o.Period.To}}
		if !v.Summed {
			ask.Unit = id
		}
		list, err := s.store.Vintages(ctx, ask)
		if err != nil {
			return nil, err
		}
		for _, f := range list {
			if _, below := sn.belowOf(node, f.Unit); v.Summed && !below {
				continue
			}
			if f.Batch != 0 {
				batches[f.Batch] = true
			}
			if at, ok := sn.tree.Find(f.Unit); ok && len(objects) < cameOf {
				objects = append(objects, figureObject(f, sn.tree.Nodes[at].Code))
			}
		}
	}
	slices.Sort(objects)
	return slices.Compact(objects), nil
}

// figureObject is how the history names a figure.
func figureObject(f luoshi.Figure, unit string) string {
	return "figure " + f.Indicator + " " + unit + " " + f.Period.String() + " " + string(f.Basis)
}
