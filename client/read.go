package client

import (
	"context"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/wire"
)

// Health says that the server is there, and which one.
func (c *Client) Health(ctx context.Context) (*wire.Health, error) {
	return read[wire.Health](ctx, c, "/api/health", nil)
}

// Overview answers will we make it, what is off, who answers, is it all in.
func (c *Client) Overview(ctx context.Context, at At) (*wire.Overview, error) {
	return read[wire.Overview](ctx, c, "/api/overview", at.values())
}

// Wall is a board for a hall screen; rows is "goals" or "units".
func (c *Client) Wall(ctx context.Context, at At, rows string) (*wire.Wall, error) {
	q := at.values()
	set(q, "rows", rows)
	return read[wire.Wall](ctx, c, "/api/wall", q)
}

// Instants are the days on which something was recorded or the unit tree changed.
func (c *Client) Instants(ctx context.Context, at At) (*wire.Instants, error) {
	return read[wire.Instants](ctx, c, "/api/instants", at.values())
}

// MatrixFilter says which units and indicators a matrix has. What is empty takes all.
type MatrixFilter struct {
	Below      luoshi.UnitKind // the rung shown under the unit
	Indicators []string
	Set        string
	Group      string
	Department string
	Goal       string
	Lights     []luoshi.Light // only rows with one of these
	Off        bool           // only rows and columns with yellow or red
	All        bool           // also indicators that only the unit itself has a target of
	Find       string
	Sort       string // an indicator's code, or "unit"
	Up         bool   // smallest first
}

func (f MatrixFilter) put(q url.Values) {
	set(q, "below", string(f.Below))
	set(q, "indicators", strings.Join(f.Indicators, ","))
	set(q, "set", f.Set)
	set(q, "group", f.Group)
	set(q, "department", f.Department)
	set(q, "goal", f.Goal)
	lights := make([]string, len(f.Lights))
	for i, l := range f.Lights {
		lights[i] = l.String()
	}
	set(q, "lights", strings.Join(lights, ","))
	set(q, "find", f.Find)
	set(q, "sort", f.Sort)
	for name, on := range map[string]bool{"off": f.Off, "all": f.All, "up": f.Up} {
		if on {
			q.Set(name, "true")
		}
	}
}

// Matrix is units by indicators, with up to a thousand rows; Rows has them all.
func (c *Client) Matrix(ctx context.Context, at At, f MatrixFilter) (*wire.Matrix, error) {
	q := at.values()
	f.put(q)
	q.Set("limit", "1000")
	return read[wire.Matrix](ctx, c, "/api/matrix", q)
}

// Rows are all rows of a matrix.
func (c *Client) Rows(ctx context.Context, at At, f MatrixFilter) iter.Seq2[wire.MatrixRow, error] {
	q := at.values()
	f.put(q)
	return pages(ctx, c, "/api/matrix", q, func(v *wire.Matrix) []wire.MatrixRow { return v.Rows })
}

// Proof is the proof of one light: an indicator at a unit.
func (c *Client) Proof(ctx context.Context, at At, indicator, unit string) (*wire.Cell, error) {
	return read[wire.Cell](ctx, c, "/api/indicators/"+segment(indicator)+"/at/"+segment(unit)+"/proof", at.values())
}

// Plan is the year's plan in force of an indicator ("" = the first that the unit
// hands down), with the units below those that are opened.
func (c *Client) Plan(ctx context.Context, at At, indicator string, open ...string) (*wire.Plan, error) {
	q := at.values()
	set(q, "indicator", indicator)
	set(q, "open", strings.Join(open, ","))
	return read[wire.Plan](ctx, c, "/api/cascade", q)
}

// ComparePlans are two revisions of a plan side by side; "" takes the two newest.
func (c *Client) ComparePlans(ctx context.Context, at At, indicator, a, b string) (*wire.PlanComparison, error) {
	q := at.values()
	q.Set("indicator", indicator)
	set(q, "a", a)
	set(q, "b", b)
	return read[wire.PlanComparison](ctx, c, "/api/cascade/revisions", q)
}

// Search finds nouns by a name in any script, a code, pinyin or its initials.
func (c *Client) Search(ctx context.Context, at At, text string) (*wire.Found, error) {
	q := at.values()
	q.Set("q", text)
	return read[wire.Found](ctx, c, "/api/search", q)
}

// IndicatorAt is one indicator at the unit of at: where it stands, where that comes
// from, and what it rests on.
func (c *Client) IndicatorAt(ctx context.Context, at At, indicator string) (*wire.IndicatorAtUnit, error) {
	unit := at.Unit
	at.Unit = ""
	return read[wire.IndicatorAtUnit](ctx, c, "/api/indicators/"+segment(indicator)+"/at/"+segment(unit), at.values())
}

// Outlook is where the year of an indicator will land at the unit of at.
func (c *Client) Outlook(ctx context.Context, at At, indicator string) (*wire.Outlook, error) {
	unit := at.Unit
	at.Unit = ""
	return read[wire.Outlook](ctx, c, "/api/indicators/"+segment(indicator)+"/at/"+segment(unit)+"/outlook", at.values())
}

// OutlookTrail is all that the outlook of an indicator at the unit of at has said by the
// instant, oldest first, and what came of it.
func (c *Client) OutlookTrail(ctx context.Context, at At, indicator string) (*wire.OutlookTrail, error) {
	unit := at.Unit
	at.Unit = ""
	return read[wire.OutlookTrail](ctx, c, "/api/indicators/"+segment(indicator)+"/at/"+segment(unit)+"/outlook/said", at.values())
}

// Outlooks is [Client.Outlook] for the unit of at and for each directly below it, the least
// likely first.
func (c *Client) Outlooks(ctx context.Context, at At, indicator string) (*wire.Outlooks, error) {
	unit := at.Unit
	at.Unit = ""
	return read[wire.Outlooks](ctx, c, "/api/indicators/"+segment(indicator)+"/at/"+segment(unit)+"/outlooks", at.values())
}

// OutlookProgress is how far the server is with the outlooks of the present.
func (c *Client) OutlookProgress(ctx context.Context) (*wire.OutlookProgress, error) {
	return read[wire.OutlookProgress](ctx, c, "/api/outlooks/progress", nil)
}

// Reliability is what the stated chances of the unit of at and of those below it were
// worth.
func (c *Client) Reliability(ctx context.Context, at At) (*wire.OutlookReliability, error) {
	return read[wire.OutlookReliability](ctx, c, "/api/outlooks/reliability", at.values())
}

// TargetOutlooks is the outlook of every target of the unit of at, the least likely
// first.
func (c *Client) TargetOutlooks(ctx context.Context, at At) (*wire.TargetOutlooks, error) {
	return read[wire.TargetOutlooks](ctx, c, "/api/outlooks", at.values())
}

// CatchUp is the plan that closes the gap of an indicator at the unit of at, and how the
// one in force is being kept.
func (c *Client) CatchUp(ctx context.Context, at At, indicator string) (*wire.CatchUp, error) {
	q := at.values()
	q.Set("indicator", indicator)
	return read[wire.CatchUp](ctx, c, "/api/catchup", q)
}

// Capacity is what the unit of at has stated that it can bring of an indicator at most.
func (c *Client) Capacity(ctx context.Context, at At, indicator string) (*wire.Capacities, error) {
	unit := at.Unit
	at.Unit = ""
	return read[wire.Capacities](ctx, c, "/api/indicators/"+segment(indicator)+"/at/"+segment(unit)+"/capacity", at.values())
}

// Figure is one figure of the unit of at with everything known of it. The period is
// one that luoshi.ParsePeriod reads, or "newest".
func (c *Client) Figure(ctx context.Context, at At, indicator, period string) (*wire.Figure, error) {
	unit := at.Unit
	at.Unit = ""
	return read[wire.Figure](ctx, c, "/api/indicators/"+segment(indicator)+"/at/"+segment(unit)+"/figures/"+segment(period), at.values())
}

// Units are the units by the boundaries of a day: those of a rung ("" = all) and
// directly below a parent ("" = any).
func (c *Client) Units(ctx context.Context, at At, kind luoshi.UnitKind, parent string) iter.Seq2[wire.UnitLine, error] {
	q := at.values()
	set(q, "kind", string(kind))
	set(q, "parent", parent)
	return pages(ctx, c, "/api/units", q, func(v *wire.UnitList) []wire.UnitLine { return v.Items })
}

// Unit is everything known about one unit, by a code that it has or had.
func (c *Client) Unit(ctx context.Context, at At, code string) (*wire.UnitCard, error) {
	return read[wire.UnitCard](ctx, c, "/api/units/"+segment(code), at.values())
}

// UnitChanges are the changes of the unit tree, the newest day first.
func (c *Client) UnitChanges(ctx context.Context, at At) iter.Seq2[wire.ChangeDay, error] {
	return pages(ctx, c, "/api/unit-changes", at.values(), func(v *wire.UnitChanges) []wire.ChangeDay { return v.Items })
}

// Indicators are the register of what is measured; find narrows it by a word.
func (c *Client) Indicators(ctx context.Context, at At, find string) iter.Seq2[wire.IndicatorLine, error] {
	q := at.values()
	set(q, "find", find)
	return pages(ctx, c, "/api/indicators", q, func(v *wire.IndicatorList) []wire.IndicatorLine { return v.Items })
}

// Indicator is everything about one indicator.
func (c *Client) Indicator(ctx context.Context, at At, code string) (*wire.IndicatorCard, error) {
	return read[wire.IndicatorCard](ctx, c, "/api/indicators/"+segment(code), at.values())
}

// Target is one target with all its revisions.
func (c *Client) Target(ctx context.Context, at At, indicator, unit string) (*wire.TargetCard, error) {
	q := at.values()
	q.Set("limit", "1000")
	return read[wire.TargetCard](ctx, c, "/api/targets/"+segment(indicator)+"/"+segment(unit), q)
}

// Goals are the whole tree of goals, parents before children.
func (c *Client) Goals(ctx context.Context, at At) iter.Seq2[wire.GoalNode, error] {
	return pages(ctx, c, "/api/goals", at.values(), func(v *wire.GoalList) []wire.GoalNode { return v.Items })
}

// Goal is one goal with how it came to be.
func (c *Client) Goal(ctx context.Context, at At, code string) (*wire.GoalCard, error) {
	return read[wire.GoalCard](ctx, c, "/api/goals/"+segment(code), at.values())
}

// Sets are the indicator sets.
func (c *Client) Sets(ctx context.Context, at At) iter.Seq2[wire.SetState, error] {
	return pages(ctx, c, "/api/sets", at.values(), func(v *wire.SetList) []wire.SetState { return v.Items })
}

// Set is one indicator set with how it came to be.
func (c *Client) Set(ctx context.Context, at At, code string) (*wire.SetCard, error) {
	return read[wire.SetCard](ctx, c, "/api/sets/"+segment(code), at.values())
}

// Schemes are the rules for lights.
func (c *Client) Schemes(ctx context.Context, at At) iter.Seq2[wire.SchemeState, error] {
	return pages(ctx, c, "/api/schemes", at.values(), func(v *wire.SchemeList) []wire.SchemeState { return v.Items })
}

// Scheme is one rule for lights with who uses it.
func (c *Client) Scheme(ctx context.Context, at At, code string) (*wire.SchemeCard, error) {
	return read[wire.SchemeCard](ctx, c, "/api/schemes/"+segment(code), at.values())
}

// TryScheme tries a rule for lights on the past of the year; nothing is saved.
func (c *Client) TryScheme(ctx context.Context, at At, try wire.SchemeTry) (*wire.SchemeTrial, error) {
	return send[wire.SchemeTrial](ctx, c, "/api/schemes/try", at.values(), try)
}

// read reads a document.
func read[T any](ctx context.Context, c *Client, path string, q url.Values) (*T, error) {
	var v T
	if err := c.ask(ctx, request{method: http.MethodGet, path: path, query: q}, &v); err != nil {
		return nil, err
	}
	return &v, nil
}

// pageSize is how many entries of a list are fetched at once.
const pageSize = 200

// list is a document that is a page of a list.
type list interface {
	Span() (total, limit, offset int)
}

// pages reads a list page after page, as far as it is read. An error ends it.
func pages[T any, V list](ctx context.Context, c *Client, path string, q url.Values, items func(*V) []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		q := maps.Clone(q)
		q.Set("limit", strconv.Itoa(pageSize))
		for offset := 0; ; {
			q.Set("offset", strconv.Itoa(offset))
			page, err := read[V](ctx, c, path, q)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			got := items(page)
			for _, one := range got {
				if !yield(one, nil) {
					return
				}
			}
			total, _, _ := (*page).Span()
			if offset += len(got); len(got) == 0 || offset >= total {
				return
			}
		}
	}
}
