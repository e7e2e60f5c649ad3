package service

import (
	"runtime"
	"sync"

	"luoshi.dev"
	"luoshi.dev/assess"
)

// Gauge is the number by which a target is judged and shown.
type Gauge string

// The gauges.
const (
	GaugeShare  Gauge = "share"  // part of the year's target, percent
	GaugeGrowth Gauge = "growth" // growth on last year, percent
	GaugeValue  Gauge = "value"  // the value itself, in its own measure
)

// MatrixCell is one indicator at one unit: its light, the number that it is judged
// by, and the state of its figure.
type MatrixCell struct {
	Light    luoshi.Light        `json:"light"`
	Presence luoshi.Presence     `json:"presence"`
	Status   luoshi.Status       `json:"status,omitempty"`
	Target   bool                `json:"target"` // something was promised
	Sample   bool                `json:"sample,omitempty"`
	Gauge    Gauge               `json:"gauge"`
	Value    luoshi.NullQuantity `json:"value"`  // by the gauge
	Points   luoshi.NullQuantity `json:"points"` // ahead of (+) or behind what is asked, in points
	Asked    Asked               `json:"asked"`
	Period   luoshi.Period       `json:"period"`
	Due      luoshi.Date         `json:"due,omitempty"`  // of the figure that is not there
	Late     int                 `json:"late,omitempty"` // days past it
	Have     int                 `json:"have,omitempty"` // parts that are there, where some lack
	Want     int                 `json:"want,omitempty"`
}

// Asked is what a target asks for by the period that is judged, by the gauge.
type Asked struct {
	Sign   string              `json:"sign,omitempty"` // "" = at least; "gt" above, "le" at most, "in" between
	Value  luoshi.NullQuantity `json:"value"`
	High   luoshi.NullQuantity `json:"high"`
	Varies bool                `json:"varies,omitempty"` // units are asked for different ones
}

// sheet holds the judged cells of a snapshot's units. Each unit is judged once,
// when it is first looked at, whatever is then made of it.
type sheet struct {
	of   *snapshot // a copy of the snapshot must not use it
	mu   sync.Mutex
	rows map[int][]MatrixCell // by node: a cell for each indicator of the plan
}

// sheetCells bounds the cells held, some 10 MB: a province's cities and counties by
// all its indicators a few times over.
const sheetCells = 40_000

func newSheet(of *snapshot) *sheet { return &sheet{of: of, rows: map[int][]MatrixCell{}} }

// judged returns the cells of nodes, for each indicator of the plan.
func (sn *snapshot) judged(nodes []int) [][]MatrixCell {
	rows := make([][]MatrixCell, len(nodes))
	held := sn.sheet
	if held == nil || held.of != sn {
		held = newSheet(sn)
	}
	var todo []int
	held.mu.Lock()
	for i, node := range nodes {
		if rows[i] = held.rows[node]; rows[i] == nil {
			todo = append(todo, i)
		}
	}
	held.mu.Unlock()
	var group sync.WaitGroup
	hands := min(runtime.GOMAXPROCS(0), len(todo))
	for h := range hands {
		group.Go(func() {
			for k := h; k < len(todo); k += hands {
				rows[todo[k]] = sn.judgeRow(nodes[todo[k]])
			}
		})
	}
	group.Wait()
	held.mu.Lock()
	defer held.mu.Unlock()
	if (len(held.rows)+len(todo))*len(sn.plan.indicators) > sheetCells {
		clear(held.rows)
	}
	for _, i := range todo {
		held.rows[nodes[i]] = rows[i]
	}
	return rows
}

func (sn *snapshot) judgeRow(node int) []MatrixCell {
	row := make([]MatrixCell, len(sn.plan.indicators))
	for i, in := range sn.plan.indicators {
		row[i] = sn.matrixCell(in.Code, node)
	}
	return row
}

func (sn *snapshot) matrixCell(code string, node int) MatrixCell {
	c := sn.caseOf(code, node)
	j := assess.Judge(c)
	cell := MatrixCell{
		Light: j.Light, Presence: j.Presence, Status: j.Proof.Status, Target: c.Target != nil, Sample: j.Proof.Sample,
		Gauge: gaugeOf(c), Period: j.Period,
	}
	if c.Partial {
		cell.Have, cell.Want = c.Coverage.Have, c.Coverage.Want
	}
	if j.Presence != luoshi.Present {
		cell.Due = c.Due
		if today := luoshi.DateOf(sn.asOf); c.Due != 0 && today > c.Due {
			cell.Late = int(today.Start().Sub(c.Due.Start()).Hours() / 24)
		}
	}
	cell.Asked = asked(c, j, cell.Gauge)
	cell.Value = shown(j, cell.Gauge)
	cell.Points = pointsOf(c, j, cell)
	return cell
}

// gaugeOf tells by which number a case is judged.
func gaugeOf(c assess.Case) Gauge {
	kind := c.Indicator.Kind
	rate := kind == luoshi.Rate || kind == luoshi.Growth || kind == luoshi.Index
	switch {
	case kind == luoshi.Growth || c.Scheme.Kind == luoshi.ByGrowth:
		return GaugeGrowth
	case c.Target == nil || c.Scheme.Kind == luoshi.ByExpression && rate:
		return GaugeValue
	}
	switch c.Target.Form {
	case luoshi.FormGrowth, luoshi.FormSign, luoshi.FormRelative:
		return GaugeGrowth
	case luoshi.FormLevel, luoshi.FormDate:
		if !rate {
			return GaugeShare
		}
	case luoshi.FormAtLeast:
		if kind == luoshi.Flow {
			return GaugeShare
		}
	}
	return GaugeValue
}

// shown is the number of a judgement by its gauge. Where two decimals of a share
// would hide that the pace was not kept, more are shown.
func shown(j luoshi.Judgement, gauge Gauge) luoshi.NullQuantity {
	switch gauge {
	case GaugeGrowth:
		if j.Growth.Valid {
			j.Growth.Decimal = j.Growth.Decimal.Trim(1).Pad(1)
		}
		return j.Growth
	case GaugeShare:
		share := j.Share.Percent(2)
		for more := 3; more <= luoshi.MaxDecimals && share.Valid && j.Light > luoshi.Green && j.Ahead.Num != 0; more++ {
			if pace := j.Pace.Percent(share.Decimal.Scale()); !pace.Valid || pace.Decimal.Cmp(share.Decimal) != 0 {
				break
			}
			share = j.Share.Percent(more)
		}
		return share
	}
	return j.Actual
}

// asked is what the case's target asks for by the judged period.
func asked(c assess.Case, j luoshi.Judgement, gauge Gauge) Asked {
	t := c.Target
	if t == nil {
		return Asked{}
	}
	a := Asked{Value: t.Value}
	if c.Indicator.Direction == luoshi.Less {
		a.Sign = "le"
	}
	switch gauge {
	case GaugeShare:
		a.Value = j.Pace.Percent(2)
		return a
	case GaugeGrowth:
		return askedGrowth(c, j, a)
	}
	switch t.Form {
	case luoshi.FormAtLeast:
		return Asked{Value: t.Low}
	case luoshi.FormAtMost:
		return Asked{Sign: "le", Value: t.High}
	case luoshi.FormBand:
		return Asked{Sign: "in", Value: t.Low, High: t.High}
	}
	if j.Planned.Valid {
		a.Value = j.Planned
	}
	return a
}

func askedGrowth(c assess.Case, j luoshi.Judgement, a Asked) Asked {
	switch c.Target.Form {
	case luoshi.FormSign:
		return Asked{Sign: "gt", Value: luoshi.Some(luoshi.Quantity{})}
	case luoshi.FormRelative:
		month := j.Period.To
		if month < 1 || month > len(c.Reference) || !c.Reference[month-1].Valid {
			return Asked{}
		}
		a.Value = c.Reference[month-1]
		if lead := c.Target.Value; lead.Valid && !lead.Decimal.IsZero() {
			sum, err := a.Value.Decimal.Add(lead.Decimal)
			if a.Sign == "le" {
				sum, err = a.Value.Decimal.Sub(lead.Decimal)
			}
			if err != nil {
				return Asked{}
			}
			a.Value = luoshi.Some(sum)
		}
	case luoshi.FormLevel, luoshi.FormDate:
		if c.Indicator.Kind != luoshi.Growth { // judged by growth with nothing said of growth
			return Asked{}
		}
	}
	if c.Target.Strict && a.Sign == "" {
		a.Sign = "gt"
	}
	if a.Value.Valid {
		a.Value.Decimal = a.Value.Decimal.Trim(1).Pad(1)
	}
	return a
}

// pointsOf is how far ahead of what is asked a cell is, in points; absent where
// the two cannot be told in points.
func pointsOf(c assess.Case, j luoshi.Judgement, cell MatrixCell) luoshi.NullQuantity {
	if !cell.Target || j.Presence == luoshi.Absent || j.Presence == luoshi.Late {
		return luoshi.NullQuantity{}
	}
	if j.Ahead.OK() {
		points := j.Ahead.Percent(2)
		for more := 3; more <= luoshi.MaxDecimals && points.Valid && points.Decimal.IsZero() && j.Ahead.Num != 0 && j.Light > luoshi.Green; more++ {
			points = j.Ahead.Percent(more)
		}
		return points
	}
	rate := cell.Gauge == GaugeGrowth || c.Indicator.Kind == luoshi.Rate || c.Indicator.Kind == luoshi.Index
	if !rate || !cell.Value.Valid || !cell.Asked.Value.Valid {
		return luoshi.NullQuantity{}
	}
	room, err := cell.Value.Decimal.Sub(cell.Asked.Value.Decimal)
	if cell.Asked.Sign == "le" {
		room, err = cell.Asked.Value.Decimal.Sub(cell.Value.Decimal)
	}
	if err != nil {
		return luoshi.NullQuantity{}
	}
	if cell.Asked.High.Valid {
		if above, err := cell.Asked.High.Decimal.Sub(cell.Value.Decimal); err == nil && above.Cmp(room) < 0 {
			room = above
		}
	}
	return luoshi.Some(room)
}

// Number is what the cell shows: its own number, or the points.
func (c *MatrixCell) Number(points bool) luoshi.NullQuantity {
	if points {
		return c.Points
	}
	return c.Value
}

// Judged reports whether the cell has a light.
func (c *MatrixCell) Judged() bool { return c.Light != luoshi.NotJudged }

// Early reports whether the cell's number is one that will still change.
func (c *MatrixCell) Early() bool {
	return c.Value.Valid && (c.Status == luoshi.Preliminary || c.Status == luoshi.Flash)
}
