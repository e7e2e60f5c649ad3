package service

import (
	"context"
	"io"
	"strconv"

	"luoshi.dev"
	"luoshi.dev/internal/office"
)

// TableOptions say how a view is written as a table.
type TableOptions struct {
	CSV  bool               // instead of a workbook
	Lang string             // of the workbook's look
	Say  func(v any) string // what the language makes of a message, a name, a light, a date
}

// WriteMatrix writes what a matrix shows, row by row and column by column, each
// indicator as its number and its light in words.
func (s *Service) WriteMatrix(ctx context.Context, w io.Writer, q MatrixQuery, opt TableOptions) error {
	m, err := s.Matrix(ctx, q)
	if err != nil {
		return err
	}
	t := &matrixTable{Matrix: m, say: opt.Say}
	table := t.table(opt.CSV)
	if opt.CSV {
		return office.WriteTableCSV(w, table)
	}
	return office.WriteTable(w, table, opt.Lang)
}

type matrixTable struct {
	*Matrix
	say func(v any) string
}

func (t *matrixTable) word(key string, pairs ...any) string { return t.say(luoshi.Say(key, pairs...)) }

// table lays the matrix out. A workbook has notes at its end; CSV, which has no
// place for any, says in each row as of when and by which boundaries it holds.
func (t *matrixTable) table(plain bool) office.Table {
	table := office.Table{Name: t.word("matrix.title"), Fixed: 1, Title: t.word("matrix.table.title", "unit", t.Unit.Name, "asof", t.AsOf)}
	table.Heads = []string{t.word("page.unit"), t.word("matrix.table.code"), t.word("matrix.table.above"), t.say(luoshi.Green), t.say(luoshi.Yellow), t.say(luoshi.Red)}
	for _, c := range t.Columns {
		head := t.word("matrix.table.head", "indicator", c.Name, "measure", t.shown(c))
		table.Heads = append(table.Heads, head, t.word(t.beside(), "indicator", c.Name))
	}
	if plain {
		table.Heads = append(table.Heads, t.word("matrix.table.asof"), t.word("matrix.table.boundaries"), t.word("matrix.table.sample"))
	}
	add := func(row []any, sample bool) {
		if plain {
			yes := ""
			if sample {
				yes = t.word("matrix.table.yes")
			}
			row = append(row, t.say(t.AsOf), t.Boundaries, yes)
		}
		table.Rows = append(table.Rows, row)
	}
	if !t.Points && !t.Chance { // of those there is one for all units alike
		add(t.asked(), false)
	}
	above := []string{""}
	for i, r := range append([]MatrixRow{t.Whole}, t.Rows...) {
		up := ""
		if i > 0 {
			up = t.say(t.Unit.Name)
			if above = append(above[:r.Depth+1], t.say(r.Unit.Name)); r.Depth > 0 {
				up = above[r.Depth]
			}
		}
		row, sample := t.row(r, up)
		add(row, sample)
	}
	table.Notes = t.notes()
	return table
}

func (t *matrixTable) shown(c MatrixColumn) luoshi.Message {
	if t.Chance {
		return luoshi.Say("matrix.gauge.chance")
	}
	return c.Shown(t.Points)
}

// beside is the head of the word that stands beside a number.
func (t *matrixTable) beside() string {
	if t.Chance {
		return "matrix.table.chance"
	}
	return "matrix.table.light"
}

// asked is the row of what is asked for.
func (t *matrixTable) asked() []any {
	row := []any{t.word("matrix.asked"), "", "", nil, nil, nil}
	for _, c := range t.Columns {
		a := c.Asked
		word := ""
		if a.Sign != "" {
			word = t.word("matrix.asked."+a.Sign, "value", a.Value, "high", a.High)
		}
		if a.Varies {
			word += t.word("matrix.asked.varies")
		}
		row = append(row, a.Value, word)
	}
	return row
}

func (t *matrixTable) row(r MatrixRow, up string) (row []any, sample bool) {
	row = []any{t.say(r.Unit.Name), r.Unit.Code, up, r.Counts.Green, r.Counts.Yellow, r.Counts.Red}
	for k, cell := range r.Cells {
		sample = sample || cell.Sample
		number := cell.Number(t.Points)
		if !cell.Target && !t.Points && cell.Gauge != t.Columns[k].Gauge {
			number = luoshi.NullQuantity{}
		}
		word := t.say(cell.Says())
		if cell.Target && cell.Gauge != t.Columns[k].Gauge && !t.Points && number.Valid {
			word = t.word("matrix.table.other", "light", word, "measure", luoshi.Say("matrix.gauge."+string(cell.Gauge), "measure", t.Columns[k].Measure))
		}
		if t.Chance {
			number, word = r.Odds[k].Chance.Percent(1), t.say(r.Odds[k].Says())
		}
		row = append(row, number, word)
	}
	return row, sample
}

func (t *matrixTable) notes() []string {
	notes := []string{
		t.word("matrix.note.asof", "asof", t.AsOf, "year", plain(t.Year)),
		t.word("matrix.note.boundaries", "on", t.Boundaries),
	}
	if t.Sample {
		notes = append(notes, t.word("page.sample")+t.word("punct.colon")+t.word("page.sample.say"))
	}
	for _, src := range t.Sources {
		notes = append(notes, t.word("matrix.note.source", "source", src.Source, "what", src.What))
	}
	return notes
}

// Shown is the measure of a column's numbers as a message, and up to which month
// they go where that is another than the page's.
func (c MatrixColumn) Shown(points bool) luoshi.Message {
	m := luoshi.Say("matrix.gauge."+string(c.Gauge), "measure", c.Measure)
	if points {
		m = luoshi.Say("matrix.gauge.points")
	}
	if c.Older {
		m = luoshi.Say("matrix.until", "measure", m, "month", luoshi.Say("month."+strconv.Itoa(c.Period.To)))
	}
	return m
}

// Says is the light, or why there is none, as a message.
func (c *MatrixCell) Says() luoshi.Message {
	switch {
	case c.Judged():
		return luoshi.Say("light." + c.Light.String())
	case !c.Target:
		return luoshi.Say("matrix.untargeted")
	case c.Want > 0 && c.Have < c.Want:
		return luoshi.Say("matrix.partial", "have", c.Have, "want", c.Want)
	case c.Presence == luoshi.Late && c.Late > 0:
		return luoshi.Say("matrix.late", "days", c.Late)
	case c.Presence == luoshi.Present || c.Presence == "":
		return luoshi.Say("light.none")
	}
	return luoshi.Say("presence." + string(c.Presence))
}
