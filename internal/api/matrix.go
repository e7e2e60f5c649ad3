package api

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// tabler is what the matrix and the wall ask of the service.
type tabler interface {
	Matrix(ctx context.Context, q service.MatrixQuery) (*service.Matrix, error)
	WriteMatrix(ctx context.Context, w io.Writer, q service.MatrixQuery, opt service.TableOptions) error
	MatrixCell(ctx context.Context, look service.Look, unit, indicator string) (*service.MatrixProof, error)
	Wall(ctx context.Context, q service.WallQuery) (*service.Wall, error)
}

// MatrixIn says which units and indicators are looked at, and how they are arranged.
type MatrixIn struct {
	At
	OfUnit
	Below      string   `query:"below" doc:"The rung shown under the unit; else the units directly below it" enum:"province,city,county,town,zone"`
	Open       []string `query:"open" doc:"Codes of units unfolded in place"`
	Indicators []string `query:"indicators" doc:"These indicators only: codes"`
	Set        string   `query:"set" doc:"Those of an indicator set" maxLength:"64"`
	Group      string   `query:"group" doc:"Those under one heading of the register" maxLength:"100"`
	Department string   `query:"department" doc:"Those that a department answers for: code" maxLength:"64"`
	Goal       string   `query:"goal" doc:"Those that a goal rests on" maxLength:"64"`
	Lights     []string `query:"lights" doc:"Only rows with one of these lights" enum:"green,yellow,red,none"`
	Off        bool     `query:"off" doc:"Only rows and columns with yellow or red"`
	All        bool     `query:"all" doc:"Also indicators that only the unit itself has a target of"`
	Find       string   `query:"find" doc:"Only rows whose name or code has this" maxLength:"100"`
	Points     bool     `query:"points" doc:"Numbers are points against the pace"`
	Chances    bool     `query:"chances" doc:"Cells say how likely the targets are met"`
	Under      int      `query:"under" doc:"With chances: only rows with one below so many percent" minimum:"0" maximum:"100"`
	Sort       string   `query:"sort" doc:"An indicator's code, or unit; else by need of action" maxLength:"64"`
	Up         bool     `query:"up" doc:"Smallest first"`
}

type matrixIn struct {
	MatrixIn
	Paging
}

type matrixTableIn struct {
	MatrixIn
	Format string `query:"format" doc:"A workbook or CSV" enum:"xlsx,csv" default:"xlsx"`
}

type cellIn struct {
	At
	OfUnit
	Code string `path:"code" doc:"Code of the indicator" maxLength:"64"`
	Of   string `path:"of" doc:"Code of the unit" maxLength:"64"`
}

type wallIn struct {
	At
	OfUnit
	Rows      string `query:"rows" doc:"The unit's goals (or the indicators of a set), or the units below it" enum:"goals,units" default:"goals"`
	Set       string `query:"set" doc:"An indicator set instead of the goals; with units, each one's worst of the set" maxLength:"64"`
	Indicator string `query:"indicator" doc:"With units: what is held against them; else the one that is worst below" maxLength:"64"`
}

// matrices are units × indicators, and the proof of one light.
func (a *API) matrices() {
	view(a, operation{
		id: "getMatrix", method: http.MethodGet, path: "/api/matrix", group: "indicators", needs: board, fails: []luoshi.Code{luoshi.NotFound, luoshi.TooLarge}, long: true,
		says: "Units by indicators with lights and numbers, sorted and filtered as asked; the unit itself apart. Each cell says what it is judged by, what is asked for, and the state of its figure. This is the data of the page `/indicators`; rows come in pages.",
		try:  "/api/matrix?unit=340000&asof=2020-07-31&indicators=key_projects,urban_jobs&limit=5",
	}, func(ctx context.Context, in *matrixIn) (*service.Matrix, error) {
		q, err := a.matrixQuery(&in.MatrixIn)
		if err != nil {
			return nil, err
		}
		return a.board.Matrix(ctx, q)
	}, func(s *scribe, in *matrixIn, v *service.Matrix) (wire.Matrix, error) { return s.matrix(in, v), nil })
	download(a, operation{
		id: "exportMatrix", method: http.MethodGet, path: "/api/matrix/export", group: "indicators", needs: board, fails: []luoshi.Code{luoshi.NotFound, luoshi.TooLarge}, gives: workbook,
		says: "The same units by indicators as a workbook or CSV: each indicator as its number and its light in words, in the language asked for.",
		try:  "/api/matrix/export?unit=340000&asof=2020-07-31&lang=en",
	}, func(ctx context.Context, in *matrixTableIn) ([]byte, string, string, error) {
		q, err := a.matrixQuery(&in.MatrixIn)
		if err != nil {
			return nil, "", "", err
		}
		s := a.scribe(ctx)
		var b bytes.Buffer
		csv := in.Format == "csv"
		err = a.board.WriteMatrix(ctx, &b, q, service.TableOptions{CSV: csv, Lang: string(s.lang), Say: func(v any) string { return s.words.Show(s.lang, v, "") }})
		if csv {
			return b.Bytes(), "matrix.csv", "text/csv; charset=utf-8", err
		}
		return written(&b, "matrix.xlsx", err)
	})
	a.cells()
}

func (a *API) cells() {
	view(a, operation{
		id: "getProof", method: http.MethodGet, path: "/api/indicators/{code}/at/{of}/proof", group: "indicators", needs: board, fails: []luoshi.Code{luoshi.NotFound},
		says: "The proof of one light: an indicator at a unit, with what was compared, the rule as a sentence, the revision of the target, the vintages of the figures, and the boundaries.",
		try:  "/api/indicators/key_projects/at/340100/proof?asof=2020-07-31",
	}, func(ctx context.Context, in *cellIn) (*service.MatrixProof, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return a.board.MatrixCell(ctx, look, in.Of, in.Code)
	}, func(s *scribe, _ *cellIn, v *service.MatrixProof) (wire.Cell, error) {
		return wire.Cell{Where: stands(&v.Frame), Of: unitRef(v.Of), Indicator: v.Indicator, Name: v.Name, Measure: measure(v.Measure), Owner: v.Owner, Person: maybePerson(v.Person), Judgement: s.judgement(v.Judgement)}, nil
	})
}

// walls are boards for hall screens.
func (a *API) walls() {
	view(a, operation{
		id: "getWall", method: http.MethodGet, path: "/api/wall", group: "overview", needs: board, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "A board for a hall screen: the worst goals of a unit, or the worst units below it, at most twelve lines. This is the data of the page `/wall`.",
		try:  "/api/wall?unit=340000&asof=2020-07-31&rows=units",
	}, func(ctx context.Context, in *wallIn) (*service.Wall, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return a.board.Wall(ctx, service.WallQuery{Look: look, Rows: service.WallRows(in.Rows), Set: in.Set, Indicator: in.Indicator})
	}, func(s *scribe, _ *wallIn, v *service.Wall) (wire.Wall, error) { return s.wall(v), nil })
}

func (a *API) matrixQuery(in *MatrixIn) (service.MatrixQuery, error) {
	q := service.MatrixQuery{
		Choice: service.Choice{Indicators: in.Indicators, Set: in.Set, Group: in.Group, Department: in.Department, Goal: in.Goal},
		Below:  luoshi.UnitKind(in.Below), Open: in.Open, Off: in.Off, All: in.All, Find: in.Find, Points: in.Points, Chance: in.Chances, Under: in.Under, Sort: in.Sort, Up: in.Up,
	}
	for _, text := range in.Lights {
		var l luoshi.Light
		if err := l.UnmarshalText([]byte(text)); err != nil {
			return q, &located{"query.lights", text, err}
		}
		q.Lights = append(q.Lights, l)
	}
	var err error
	q.Look, err = a.look(in.At, in.Unit)
	return q, err
}

func (s *scribe) matrix(in *matrixIn, v *service.Matrix) wire.Matrix {
	rows, page := cut(v.Rows, in.Paging)
	out := wire.Matrix{
		Where: stands(&v.Frame), Headline: s.maybe(v.Headline), Points: v.Points, Sort: v.Sort, Rung: v.Rung, Page: page, Rows: each(rows, matrixRow), Counts: counts(v.Counts),
		All: v.All, Wide: v.Wide, Alone: v.Alone, Sources: each(v.Sources, source),
		Groups: each(v.Groups, func(g service.MatrixGroup) wire.MatrixGroup { return wire.MatrixGroup(g) }),
		Facets: wire.Facets{Rungs: each(v.Rungs, facet), Sets: each(v.Sets, facet), Groups: each(v.ByGroup, facet), Departments: each(v.Departments, facet), Goals: each(v.Goals, facet)},
		Columns: each(v.Columns, func(c service.MatrixColumn) wire.MatrixColumn {
			return wire.MatrixColumn{Indicator: wire.IndicatorRef{Code: c.Indicator, Name: c.Name, Measure: measure(c.Measure), Decimals: c.Decimals}, Gauge: string(c.Gauge),
				Period: period(c.Period), Asked: wire.Asked(c.Asked), Counts: counts(c.Counts), Have: c.Have, Want: c.Want, Source: c.Source}
		}),
	}
	if v.Chance {
		tally := wire.ChanceTally(v.Chances)
		out.Chances = &tally
	}
	if v.Whole.Unit.Code != "" {
		whole := matrixRow(v.Whole)
		out.Whole = &whole
	}
	return out
}

func facet(f service.Facet) wire.Facet {
	return wire.Facet{Code: f.Code, Name: maybeName(f.Name), Count: f.Count}
}

func chance(c service.Chance) wire.Chance {
	return wire.Chance{Chance: ratio(c.Chance), State: string(c.State), Afterwards: c.After}
}

func matrixRow(r service.MatrixRow) wire.MatrixRow {
	out := wire.MatrixRow{Unit: unitRef(r.Unit), Depth: r.Depth, Below: r.Below, Counts: counts(r.Counts), Cells: each(r.Cells, func(c *service.MatrixCell) wire.MatrixCell {
		return wire.MatrixCell{Light: c.Light, Presence: c.Presence, Status: c.Status, Target: c.Target, Sample: c.Sample, Gauge: string(c.Gauge), Value: c.Value, Points: c.Points,
			Asked: wire.Asked(c.Asked), Period: period(c.Period), Due: c.Due, Late: c.Late, Have: c.Have, Want: c.Want}
	})}
	for k, c := range r.Odds {
		one := chance(c)
		out.Cells[k].Chance = &one
	}
	return out
}

func (s *scribe) wall(v *service.Wall) wire.Wall {
	choice := func(c *service.WallChoice) *wire.Named {
		if c == nil {
			return nil
		}
		return &wire.Named{Code: c.Code, Name: c.Name}
	}
	return wire.Wall{
		Where: stands(&v.Frame), Rows: string(v.Rows), Set: choice(v.Set), Indicator: choice(v.Indicator), Total: v.Total, Counts: counts(v.Counts),
		Lines: each(v.Lines, func(l service.WallLine) wire.WallLine {
			return wire.WallLine{Name: l.Name, Of: maybeName(l.Of), Unit: l.Unit, Indicator: l.Indicator, Measure: measure(l.Measure), Paced: l.Paced, Before: l.Before,
				Judgement: s.judgement(l.Judgement)}
		}),
	}
}
