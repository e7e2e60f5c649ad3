package service

import (
	"context"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// OutlookTrail is all that the outlook of an indicator's year at a unit has said until
// an instant, oldest first, and what came of it.
type OutlookTrail struct {
	Frame
	Indicator  IndicatorHead       `json:"indicator"`
	Level      bool                `json:"level"`      // of the newest: the value at the year's end is foreseen
	Growth     bool                `json:"growth"`     // of the newest: published growth is, in percent
	Came       luoshi.NullQuantity `json:"came"`       // how the year ended; absent while that is not known
	Judged     int                 `json:"judged"`     // rows said before that was known, and held against it
	In80       int                 `json:"in80"`       // of those, how many intervals of 80 in 100 hold it
	In95       int                 `json:"in95"`       // and of 95 in 100
	Afterwards int                 `json:"afterwards"` // rows calculated afterwards, and not shown
	Rows       []OutlookSaid       `json:"rows"`
	Says       luoshi.Message      `json:"-"` // all of it in one sentence; the zero message where nothing is kept
}

// OutlookSaid is what an outlook said once, held against what came.
type OutlookSaid struct {
	OutlookShown
	None    bool                `json:"none"`    // it said that there could be none yet
	Revised bool                `json:"revised"` // its target is another than the one that the row before had
	Judged  bool                `json:"judged"`  // it was said before the year's end was known, and is held against it
	By      luoshi.NullQuantity `json:"by"`      // its total less what came
	In80    bool                `json:"in80"`    // its interval of 80 in 100 holds what came
	In95    bool                `json:"in95"`
	Met     *bool               `json:"met"` // whether its target was met; nil where that is not known
}

// OutlookTrail answers what the outlook of an indicator at a unit has said until the
// instant of the look. By other boundaries than those of the year's first day nothing
// is kept.
func (s *Service) OutlookTrail(ctx context.Context, q OutlookQuery) (*OutlookTrail, error) {
	return keptShown(ctx, s, q.Look, "outlook trail "+q.Code, func(ctx context.Context, sn *snapshot) (*OutlookTrail, error) {
		v := &OutlookTrail{Rows: []OutlookSaid{}}
		node, in, err := s.foreseen(ctx, sn, q, &v.Frame)
		if err != nil || node < 0 {
			return v, err
		}
		v.Indicator, v.Sample = headOf(in), false
		if !sn.ownBoundaries() {
			return v, nil
		}
		list, err := s.store.OutlookTrail(ctx, in.Code, sn.year, sn.tree.Nodes[node].ID, sn.asOf)
		if err != nil || len(list) == 0 {
			return v, err
		}
		cube, err := s.pastCube(ctx, sn, q.Look, in.Code)
		if err != nil {
			return nil, err
		}
		d := &desk{sn: sn, in: in, cube: cube}
		v.held(list, d.yearEnd(node, sn.year))
		v.say()
		return v, nil
	})
}

func (v *OutlookTrail) weight() int { return 800 * len(v.Rows) }

// held fills the rows in and holds them against how the year ended.
func (v *OutlookTrail) held(list []store.Outlook, end yearEnd) {
	last := list[len(list)-1]
	v.Level, v.Growth = last.Level, last.Growth
	if v.Growth {
		v.Indicator.Measure, v.Indicator.Decimals, v.Indicator.Kind = percentSign, last.Scale, luoshi.Growth
	}
	v.Came = end.of(last)
	for i, o := range list {
		row := OutlookSaid{OutlookShown: shownOf(v.Year, o), None: o.Why != "", Revised: i > 0 && list[i-1].Revision > 0 && o.Revision != list[i-1].Revision}
		v.Sample = v.Sample || o.Sample
		if o.After {
			v.Afterwards++
		}
		if came := end.of(o); came.Valid && row.Total.Valid && row.Standing != OutlookClosed {
			row.Judged, row.By = true, minus(row.Total, came)
			row.In80, row.In95 = within(row.Low80, row.High80, came), within(row.Low95, row.High95, came)
			v.Judged++
			if row.In80 {
				v.In80++
			}
			if row.In95 {
				v.In95++
			}
		}
		row.Met = end.cameOf(o, last)
		v.Rows = append(v.Rows, row)
	}
}

func within(low, high, at luoshi.NullQuantity) bool {
	return low.Valid && high.Valid && low.Decimal.Cmp(at.Decimal) <= 0 && at.Decimal.Cmp(high.Decimal) <= 0
}

// at is how the year ended in what an outlook foresaw, [luoshi.Missing] where that is
// not known or was published to other decimals.
func (e yearEnd) at(o store.Outlook) int64 {
	at, decimals := e.value, e.decimals
	switch {
	case o.Growth:
		at, decimals = e.growth, e.shown
	case o.Level:
		at = e.level
	}
	if o.Scale != decimals {
		return luoshi.Missing
	}
	return at
}

func (e yearEnd) of(o store.Outlook) luoshi.NullQuantity { return luoshi.Unscaled(e.at(o), o.Scale) }

// cameOf tells whether an outlook's target was met, nil where that is not known: as
// the last outlook of the same target says once it is settled, else by the year's end,
// if the target is of that and not held against another series.
func (e yearEnd) cameOf(o, last store.Outlook) *bool {
	met, known := false, false
	switch {
	case settled(last) && last.Revision == o.Revision:
		met, known = last.Chance == 1000, true
	case there(o.Asked) && !o.Early:
		met, known = e.meets(o)
	}
	if !known {
		return nil
	}
	return &met
}

// settled reports whether an outlook's target was met or lost for good.
func settled(o store.Outlook) bool { return o.Standing > 1 && (o.Chance == 0 || o.Chance == 1000) }

// say puts all of it in one sentence.
func (v *OutlookTrail) say() {
	var told []OutlookSaid // of what the newest foresees
	for _, r := range v.Rows {
		if r.Total.Valid && r.Level == v.Level && r.Growth == v.Growth && (!v.Came.Valid || r.Judged) {
			told = append(told, r)
		}
	}
	if len(told) == 0 {
		if v.Came.Valid {
			v.Says = luoshi.Say("outlook.trail.says.late", "came", v.Came, "measure", v.measure())
			return
		}
		v.Says = luoshi.Say("outlook.trail.says.none", "n", len(v.Rows))
		return
	}
	first, last := told[0], told[len(told)-1]
	key := "outlook.trail.says.moved"
	switch {
	case v.Came.Valid && len(told) == 1:
		key = "outlook.trail.says.came.one"
	case v.Came.Valid:
		key = "outlook.trail.says.came"
	case len(told) == 1 && last.Chance.OK():
		key = "outlook.trail.says.one"
	case len(told) == 1:
		key = "outlook.trail.says.one.plain"
	case !last.Chance.OK():
		key = "outlook.trail.says.moved.plain"
	case !first.Chance.OK() || ChanceSays(first.Chance).String() == ChanceSays(last.Chance).String():
		key = "outlook.trail.says.moved.new"
	}
	v.Says = luoshi.Say(key, "n", len(told), "since", luoshi.DateOf(first.At), "until", luoshi.DateOf(last.At), "was", first.Total, "is", last.Total, "measure", v.measure(),
		"from", ChanceSays(first.Chance), "to", ChanceSays(last.Chance), "came", v.Came, "in80", v.In80, "in95", v.In95, "first", first.By, "last", last.By)
}

// measure is the unit as it follows a number in a sentence.
func (v *OutlookTrail) measure() luoshi.Measure { return measureOf(v.Indicator) }
