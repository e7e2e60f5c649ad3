package service

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/office"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// yearKey names one indicator's year.
type yearKey struct {
	indicator string
	year      int
}

// figureDesk checks figures one after another. What it has looked up once it
// keeps: a file has many rows and few units, indicators and periods, and rows of
// one unit stand together.
type figureDesk struct {
	*importer
	known map[yearKey]map[luoshi.UnitID]*knownYear
	units map[unitLookup]map[luoshi.Date]unitFound
	key   yearKey                      // what `here` is of
	here  map[luoshi.UnitID]*knownYear // the year of the row before
	last  unitLookup                   // what `days` is of
	days  map[luoshi.Date]unitFound    // the unit of the row before
	named map[string]string            // indicators by name
}

type unitLookup struct{ code, name string }

type unitFound struct {
	unit luoshi.Unit
	ok   bool
}

// knownYear is a unit's year as it will be after the rows so far, and which rows
// of this file spoke of each cell: by scope and basis, then by month.
type knownYear struct {
	luoshi.Strip
	spoken [4][12]spoken
}

type spoken struct {
	row       int32
	published luoshi.Date
}

func (k *knownYear) by(row *Entry) *spoken {
	lane := 0
	if row.Scope == luoshi.Own {
		lane = 2
	}
	if row.Basis == luoshi.Cumulative {
		lane++
	}
	return &k.spoken[lane][row.Period.To-1]
}

// cell is where the row's figure stands.
func (k *knownYear) cell(row *Entry) (*luoshi.Cell, *luoshi.Lanes) {
	lanes := &k.Whole
	if row.Scope == luoshi.Own {
		if k.Own == nil {
			own := luoshi.NewLanes()
			k.Own = &own
		}
		lanes = k.Own
	}
	return &lanes.On(row.Basis)[row.Period.To-1], lanes
}

// takeFigures checks the figures of the draft against indicators, units and what
// is stored, and keeps those that say something new.
func (im *importer) takeFigures(ctx context.Context, st *store.Store) error {
	desk := &figureDesk{importer: im, known: map[yearKey]map[luoshi.UnitID]*knownYear{}, units: map[unitLookup]map[luoshi.Date]unitFound{}}
	im.years = desk.known
	im.newFigures = make([]luoshi.Figure, 0, len(im.draft.Figures))
	if im.opt.History { // vintages of one figure in the order in which they were learned
		slices.SortStableFunc(im.draft.Figures, func(a, b Entry) int { return cmp.Compare(a.Published, b.Published) })
	}
	for i := range im.draft.Figures {
		if i%50_000 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if im.opt.Progress != nil {
				im.opt.Progress("check", int64(i), int64(len(im.draft.Figures)))
			}
		}
		if err := desk.take(ctx, st, &im.draft.Figures[i]); err != nil {
			return err
		}
	}
	return nil
}

func (d *figureDesk) take(ctx context.Context, st *store.Store, row *Entry) error {
	in, ok := d.indicator(row)
	if !ok {
		return nil
	}
	if in.Formula != "" {
		d.refuse(office.Figures, row.Spot, "indicator", luoshi.Say("import.figure_of_formula", "indicator", in.Names))
		return nil
	}
	if row.Basis == "" {
		row.Basis = in.Basis
	}
	row.Period = office.Span(row.Period, row.Basis)
	row.Period = janFeb(in, row.Period, row.Basis)
	if err := in.Calendar.Check(row.Period, row.Basis); err != nil {
		d.refuse(office.Figures, row.Spot, "period", messageOf(err))
		return nil
	}
	if row.Measure != "" && row.Measure != in.Measure.Symbol.Hans && row.Measure != in.Measure.Symbol.Hant && row.Measure != in.Measure.Symbol.En {
		d.refuse(office.Figures, row.Spot, "measure", luoshi.Say("import.measure_differs", "indicator", in.Names, "text", row.Measure, "want", in.Measure))
		return nil
	}
	value, growth, ok := d.numbers(row, in)
	if !ok {
		return nil
	}
	u, ok := d.unit(row)
	if !ok {
		return nil
	}
	if !u.Kind.Area() {
		d.refuse(office.Figures, row.Spot, "unit_code", luoshi.Say("import.figure_of_department", "unit", u.Names))
		return nil
	}
	year, err := d.year(ctx, st, yearKey{in.Code, row.Period.Year}, u.ID)
	if err != nil {
		return err
	}
	if !d.repeated(year, row, in, value, growth) {
		d.compare(year, row, in, value, growth)
	}
	return nil
}

// janFeb reads "February, cumulative" of an indicator that publishes January and
// February as one for what it is on either basis.
func janFeb(in luoshi.Indicator, p luoshi.Period, basis luoshi.Basis) luoshi.Period {
	if in.Calendar == luoshi.MonthlyJanFeb && p.From == 2 && p.To == 2 {
		p.From = 1
	}
	if in.Calendar == luoshi.Quarterly && basis == luoshi.Single && p.From == p.To && p.To%3 == 0 {
		p.From = p.To - 2
	}
	return p
}

func (d *figureDesk) indicator(row *Entry) (luoshi.Indicator, bool) {
	in, ok := d.indicators[row.Indicator]
	if !ok {
		if candidate, named := d.byName(row.Indicator); named { // a sheet may give the name instead
			return candidate, true
		}
		d.refuse(office.Figures, row.Spot, "indicator", d.unknownIndicator(row.Indicator))
	}
	return in, ok
}

// byName is the indicator of a name, looked for once.
func (d *figureDesk) byName(name string) (luoshi.Indicator, bool) {
	if d.named == nil {
		d.named = map[string]string{}
		for _, code := range slices.Backward(slices.Sorted(maps.Keys(d.indicators))) {
			for _, n := range []string{d.indicators[code].Names.En, d.indicators[code].Names.Hant, d.indicators[code].Names.Hans} {
				d.named[n] = code
			}
		}
		delete(d.named, "")
	}
	in, ok := d.indicators[d.named[name]]
	return in, ok
}

func (d *figureDesk) unit(row *Entry) (luoshi.Unit, bool) {
	if look := (unitLookup{row.UnitCode, row.UnitName}); d.days == nil || look != d.last {
		d.last, d.days = look, d.units[look]
		if d.days == nil {
			d.days = map[luoshi.Date]unitFound{}
			d.units[look] = d.days
		}
	}
	day := row.Period.LastDay()
	if found := d.days[day]; found.ok {
		return found.unit, true
	}
	u, ok := d.unitOf(office.Figures, row.Spot, row.UnitCode, row.UnitName, day)
	d.days[day] = unitFound{u, ok}
	return u, ok
}

// numbers scales value and growth to the precision at which they are kept.
func (d *figureDesk) numbers(row *Entry, in luoshi.Indicator) (value int64, growth int32, ok bool) {
	value, growth = luoshi.Missing, luoshi.MissingGrowth
	if !row.Value.Valid && !row.Growth.Valid {
		d.refuse(office.Figures, row.Spot, "value", luoshi.Say("number.empty"))
		return value, growth, false
	}
	if row.Value.Valid {
		v, err := luoshi.Scaled(row.Value.Decimal, in.Decimals)
		if err != nil {
			d.refuse(office.Figures, row.Spot, "value", messageOf(err))
			return value, growth, false
		}
		value = v
	}
	if row.Growth.Valid {
		g, err := luoshi.Scaled(row.Growth.Decimal, luoshi.GrowthDecimals)
		if err != nil || int64(int32(g)) != g || int32(g) == luoshi.MissingGrowth {
			d.refuse(office.Figures, row.Spot, "growth", luoshi.Say("import.growth_range", "value", row.Growth))
			return value, growth, false
		}
		growth = int32(g)
	}
	return value, growth, true
}

// year is a unit's year of an indicator: from the store at first sight.
func (d *figureDesk) year(ctx context.Context, st *store.Store, key yearKey, unit luoshi.UnitID) (*knownYear, error) {
	if d.here == nil || key != d.key {
		d.key, d.here = key, d.known[key]
		if d.here == nil {
			if err := d.load(ctx, st, key); err != nil {
				return nil, err
			}
		}
	}
	year := d.here[unit]
	if year == nil {
		year = &knownYear{Strip: luoshi.NewStrip(unit, key.year)}
		d.here[unit] = year
	}
	return year, nil
}

func (d *figureDesk) load(ctx context.Context, st *store.Store, key yearKey) error {
	d.here = map[luoshi.UnitID]*knownYear{}
	d.known[key] = d.here
	if !d.stored[key.indicator] { // registered by this very import
		return nil
	}
	for strip, err := range st.Strips(ctx, key.indicator, key.year, time.Time{}) {
		if err != nil {
			return err
		}
		d.here[strip.Unit] = &knownYear{Strip: strip}
	}
	return nil
}

// repeated notices an address that stands twice in one import: harmless if both
// say the same, otherwise nobody can know which is meant. A history may hold
// several vintages of one address, told apart by their day of publication.
func (d *figureDesk) repeated(year *knownYear, row *Entry, in luoshi.Indicator, value int64, growth int32) bool {
	by := year.by(row)
	if by.row == 0 || d.opt.History && by.published != row.Published {
		*by = spoken{int32(max(row.Row, 1)), row.Published}
		return false
	}
	cell, _ := year.cell(row)
	if value, growth = mergeCell(*cell, value, growth); cell.Value == value && cell.Growth == growth {
		d.warn(row.Place, "import.figure_repeated", "first", int(by.row))
		d.same(office.Figures, row.Spot)
		return true
	}
	d.refuse(office.Figures, row.Spot, "value", luoshi.Say("import.figure_twice", "first", int(by.row), "value", row.Value, "other", luoshi.Unscaled(cell.Value, in.Decimals)))
	return true
}

// compare tells a new figure from a revision and from what is known already, and
// checks it against its neighbours.
func (d *figureDesk) compare(year *knownYear, row *Entry, in luoshi.Indicator, value int64, growth int32) {
	status := row.Status
	cell, lanes := year.cell(row)
	had := !cell.Empty()
	value, growth = mergeCell(*cell, value, growth)
	if had && row.Status == "" && cell.Value == value && cell.Growth == growth {
		d.same(office.Figures, row.Spot)
		return
	}
	if status == "" {
		status = luoshi.Preliminary
		if had {
			status = luoshi.Revised
		}
	}
	same := had && cell.Value == value && cell.Growth == growth && cell.Status == status && cell.Sample == row.Sample
	if !same && d.barred(office.Figures, row.Spot, "unit_code", workflow.Report, year.Unit) {
		return
	}
	var differ func() []office.Difference
	if d.ledger != nil && had && !same {
		// Worked out here: captured by the function, value and growth of every row of
		// every import would live on the heap.
		list := differences(*cell, luoshi.Cell{Value: value, Growth: growth, Status: status}, in)
		differ = func() []office.Difference { return list }
	}
	if !d.tally(office.Figures, row.Spot, had, same, differ) {
		return
	}
	*cell = luoshi.Cell{Value: value, Growth: growth, Status: status, Sample: row.Sample, Seq: cell.Seq}
	d.checkSum(row, in, lanes)
	f := luoshi.Figure{
		Indicator: in.Code, Unit: year.Unit, Period: row.Period, Basis: row.Basis, Scope: row.Scope,
		Value: luoshi.Unscaled(value, in.Decimals), Growth: unscaledGrowth(growth),
		Status: status, Sample: row.Sample, Source: row.Source, By: d.opt.By, RecordedAt: d.opt.At,
	}
	if f.Scope == "" {
		f.Scope = luoshi.Whole
	}
	if d.opt.History {
		f.RecordedAt = d.at
		if row.Published != 0 && row.Published.Start().After(d.at) {
			f.RecordedAt = row.Published.Start().Add(publishHour)
		}
	}
	d.newFigures = append(d.newFigures, f)
}

// mergeCell keeps what a row does not speak of: growth published before stays with
// its level, a level with the growth that comes after it. A level that is revised
// without its growth loses it: it was the growth of another level.
func mergeCell(known luoshi.Cell, value int64, growth int32) (int64, int32) {
	if value == luoshi.Missing {
		value = known.Value
	}
	if growth == luoshi.MissingGrowth && (value == known.Value || known.Value == luoshi.Missing) {
		growth = known.Growth
	}
	return value, growth
}

func unscaledGrowth(growth int32) luoshi.NullQuantity {
	if growth == luoshi.MissingGrowth {
		return luoshi.NullQuantity{}
	}
	return asPublished(luoshi.Unscaled(int64(growth), luoshi.GrowthDecimals))
}

// differences says what of a figure is to change.
func differences(old, now luoshi.Cell, in luoshi.Indicator) (list []office.Difference) {
	if old.Value != now.Value {
		list = append(list, office.Difference{Field: "value", Old: luoshi.Unscaled(old.Value, in.Decimals), New: luoshi.Unscaled(now.Value, in.Decimals)})
	}
	if old.Growth != now.Growth {
		list = append(list, office.Difference{Field: "growth", Old: unscaledGrowth(old.Growth), New: unscaledGrowth(now.Growth)})
	}
	if old.Status != now.Status {
		list = append(list, office.Difference{Field: "status", Old: string(old.Status), New: string(now.Status)})
	}
	return list
}

// publishHour is when on its day a figure of a history counts as published.
const publishHour = 9 * time.Hour

// checkSum warns where a flow reported on both bases does not add up: last
// cumulative + this month = this cumulative.
func (d *figureDesk) checkSum(row *Entry, in luoshi.Indicator, lanes *luoshi.Lanes) {
	ends := in.Calendar.Ends()
	if in.OverTime != luoshi.TimeSum || row.Period.To == ends[0] {
		return
	}
	before := row.Period.To - 1
	if p, ok := in.Calendar.Period(row.Period.Year, row.Period.To, luoshi.Single); ok {
		before = p.From - 1
	}
	prev, month, sum := lanes.Cumulative[before-1].Value, lanes.Single[row.Period.To-1].Value, lanes.Cumulative[row.Period.To-1].Value
	if prev == luoshi.Missing || month == luoshi.Missing || sum == luoshi.Missing || prev+month == sum {
		return
	}
	d.warn(row.At("value"), "import.does_not_add", "period", row.Period,
		"before", luoshi.Unscaled(prev, in.Decimals), "month", luoshi.Unscaled(month, in.Decimals), "sum", luoshi.Unscaled(sum, in.Decimals))
}
