package service

import (
	"context"

	"luoshi.dev"
)

// MatrixProof is one cell with everything it rests on.
type MatrixProof struct {
	Frame     `json:"-"`
	Of        UnitRef          `json:"of"`
	Indicator string           `json:"indicator"`
	Name      luoshi.Names     `json:"name"`
	Measure   luoshi.Measure   `json:"measure"`
	Owner     luoshi.Names     `json:"owner"`
	Person    *PersonRef       `json:"person,omitempty"` // in charge of the target
	Judgement luoshi.Judgement `json:"judgement"`
	Generated bool             `json:"generated"` // the newest figure is a sample
}

// MatrixCell proves one cell: an indicator at a unit, which need not be the one
// that the look stands at.
func (s *Service) MatrixCell(ctx context.Context, look Look, unit, indicator string) (*MatrixProof, error) {
	return kept(ctx, s, look, "cell "+unit+" "+indicator, func(ctx context.Context, sn *snapshot) (*MatrixProof, error) {
		node, err := sn.unitOf(unit)
		if err != nil {
			return nil, err
		}
		if _, ok := sn.indicators[indicator]; !ok || node < 0 {
			return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.indicator_unknown", "code", indicator)}
		}
		v, err := s.proofOf(ctx, sn, node, indicator)
		if err != nil {
			return nil, err
		}
		at, err := sn.unitOf(look.Unit)
		if err != nil {
			return nil, err
		}
		v.Frame, err = s.frame(ctx, sn, at)
		v.Sample = v.Judgement.Proof.Sample
		return v, err
	})
}

func (s *Service) proofOf(ctx context.Context, sn *snapshot, node int, indicator string) (*MatrixProof, error) {
	in := sn.indicators[indicator]
	v := &MatrixProof{Of: sn.ref(node), Indicator: in.Code, Name: in.Names, Measure: in.Measure, Judgement: sn.judge(in.Code, node), Owner: sn.tree.Nodes[node].Names, Person: sn.charged(in.Code, node)}
	if t := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]; t != nil {
		v.Owner = sn.owner(t.Owner, v.Owner)
	}
	var err error
	v.Generated, err = s.prove(ctx, sn, in.Code, node, &v.Judgement)
	return v, err
}

// cite numbers the published sources of the unit's own figures.
func (a *arrangement) cite(ctx context.Context, s *Service, node int) error {
	notes := &Overview{}
	for k := range a.m.Columns {
		c := &a.m.Columns[k]
		if cell := a.m.Whole.Cells[k]; !cell.Value.Valid {
			continue
		}
		j := a.sn.judge(c.Indicator, node)
		sample, err := s.prove(ctx, a.sn, c.Indicator, node, &j)
		if err != nil {
			return err
		}
		if j.Proof.Source != "" && !sample {
			c.Source = notes.note(j.Proof.Source, c.Name)
		}
	}
	a.m.Sources = notes.Sources
	return nil
}

// headline is the verdict on the rows in one sentence: how many are behind and
// where most of them are.
func (a *arrangement) headline() luoshi.Message {
	m := a.m
	rung := luoshi.Say("matrix.rung.below")
	if m.Rung != "" {
		rung = luoshi.Say("matrix.rung." + string(m.Rung))
	}
	if len(m.Rows) == 0 {
		return a.alone()
	}
	green := 0
	for _, r := range m.Rows {
		if r.Depth == 0 {
			green += r.Counts.Green
		}
	}
	for _, light := range []luoshi.Light{luoshi.Red, luoshi.Yellow} {
		if places := a.places(light); len(places) > 0 {
			return verdict("matrix.head."+light.String(), rung, places)
		}
	}
	if green == 0 {
		return luoshi.Say("matrix.head.none", "rung", rung)
	}
	return luoshi.Say("matrix.head.green", "rung", rung)
}

// spot is a cell that a headline may name.
type spot struct{ unit, indicator luoshi.Names }

// places lists the cells of a light, unit by unit, without what is unfolded.
func (a *arrangement) places(light luoshi.Light) []spot {
	var list []spot
	for _, r := range a.m.Rows {
		for k, cell := range r.Cells {
			if r.Depth == 0 && cell.Target && cell.Light == light {
				list = append(list, spot{r.Unit.Short, a.m.Columns[k].Name})
			}
		}
	}
	return list
}

// A headline names so many places, and so many units of one indicator, before it
// only counts.
const (
	placesNamed = 3
	unitsNamed  = 6
)

// verdict says how many places there are, and what they have in common: one
// indicator, or a unit that has more of them than any other.
func verdict(key string, rung luoshi.Message, places []spot) luoshi.Message {
	var units, what []luoshi.Names // of all; of the unit with most
	var named []luoshi.Message
	same := true
	most, second := 0, 0
	var leader luoshi.Names
	for i := 0; i < len(places); {
		from := i
		var mine []luoshi.Names
		for ; i < len(places) && places[i].unit == places[from].unit; i++ {
			mine = append(mine, places[i].indicator)
			same = same && places[i].indicator == places[0].indicator
			if i < placesNamed {
				named = append(named, luoshi.Say("matrix.place", "unit", places[i].unit, "indicator", places[i].indicator))
			}
		}
		units = append(units, places[from].unit)
		if len(mine) > most {
			most, second, leader, what = len(mine), most, places[from].unit, mine
		} else {
			second = max(second, len(mine))
		}
	}
	args := []any{"rung", rung, "count", len(places), "unit", leader, "most", most, "what", what, "indicator", places[0].indicator, "units", units, "places", named}
	switch {
	case most > second && most > 1 && most <= placesNamed:
		key += ".lead"
	case most > second && most > 1:
		key += ".most"
	case same && len(units) > 1 && len(units) <= unitsNamed:
		key += ".same"
	case same && len(units) > 1:
		key += ".all"
	case len(places) <= placesNamed:
		key += ".places"
	}
	return luoshi.Say(key, args...)
}

// alone is the verdict on a unit with none below it.
func (a *arrangement) alone() luoshi.Message {
	c := a.m.Whole.Counts
	switch unit := a.m.Unit.Name; {
	case len(a.m.Columns) == 0:
		return luoshi.Say("matrix.head.nothing", "unit", unit)
	case c.Yellow+c.Red > 0:
		return luoshi.Say("matrix.head.alone.off", "unit", unit, "red", c.Red, "yellow", c.Yellow)
	case c.Green > 0:
		return luoshi.Say("matrix.head.alone.green", "unit", unit)
	default:
		return luoshi.Say("matrix.head.alone.none", "unit", unit)
	}
}
