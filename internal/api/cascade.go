package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// cascader is what the split of a target asks of the service.
type cascader interface {
	Cascade(ctx context.Context, q service.CascadeQuery) (*service.CascadePlan, error)
	PutInForce(ctx context.Context, q service.CascadeQuery, by string) (*service.CascadePlan, error)
	WriteCascade(w io.Writer, p *service.CascadePlan, q service.CascadeQuery, lang string) error
}

type splitIn struct {
	At
	OfUnit
	Body wire.Split
}

const hefeiLocked = `{
  "indicator": "key_projects",
  "units": "last_share",
  "time": "last_year",
  "reserve": "10",
  "locks": {"340100": "60.00"},
  "reason": "Hefei takes what it can carry"
}`

// cascades are splits of a year's target.
func (a *API) cascades() {
	answer(a, operation{
		id: "trySplit", method: http.MethodPost, path: "/api/cascade/try", group: "cascade", right: reads, fails: []luoshi.Code{luoshi.NotFound},
		says: "Split the yearly target of a unit over the units below it and the periods of the year. Both margins hold exactly at the published precision. Where no such split exists, blocked is true and problems says why and what is " +
			"attainable. Nothing is saved.",
		try: "/api/cascade/try?unit=340000&asof=2020-07-31", body: hefeiLocked,
	}, func(s *scribe, ctx context.Context, in *splitIn) (wire.SplitPlan, error) {
		q, err := a.split(in)
		if err != nil {
			return wire.SplitPlan{}, err
		}
		plan, err := a.board.Cascade(ctx, q)
		if err != nil {
			return wire.SplitPlan{}, err
		}
		return s.split(plan, false), nil
	})
	answer(a, operation{
		id: "putSplit", method: http.MethodPost, path: "/api/cascade", group: "cascade", right: changes, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict},
		says: "The same split, put in force: each unit's part becomes the next revision of its target, with the reason. What was promised before stays on record. Where no such split exists nothing is saved and blocked is true.",
		try:  "/api/cascade?unit=340000&asof=2020-07-31", body: hefeiLocked,
	}, func(s *scribe, ctx context.Context, in *splitIn) (wire.SplitPlan, error) {
		q, err := a.split(in)
		if err != nil {
			return wire.SplitPlan{}, err
		}
		plan, err := a.board.PutInForce(ctx, q, a.opt.By)
		if err != nil {
			return wire.SplitPlan{}, err
		}
		return s.split(plan, !luoshi.Blocked(plan.Problems)), nil
	})
	a.splitBook()
}

// splitBook is a split as a workbook to be changed by hand.
func (a *API) splitBook() {
	download(a, operation{
		id: "writeSplit", method: http.MethodPost, path: "/api/cascade/workbook", group: "cascade", right: reads, fails: []luoshi.Code{luoshi.NotFound}, gives: workbook,
		says: "The same split as a workbook of targets: changed by hand it can be uploaded at /api/imports. Nothing is saved.",
		try:  "/api/cascade/workbook?unit=340000&asof=2020-07-31", body: hefeiLocked,
	}, func(ctx context.Context, in *splitIn) ([]byte, string, string, error) {
		q, err := a.split(in)
		if err != nil {
			return nil, "", "", err
		}
		plan, err := a.board.Cascade(ctx, q)
		if err != nil {
			return nil, "", "", err
		}
		for _, p := range plan.Problems {
			if p.Severity == luoshi.Blocking {
				return nil, "", "", &luoshi.Error{Code: luoshi.Invalid, Message: p.Message}
			}
		}
		var b bytes.Buffer
		err = a.board.WriteCascade(&b, plan, q, string(askedOf(ctx).lang))
		return b.Bytes(), q.Indicator + "-" + strconv.Itoa(plan.Year) + ".xlsx", workbook, err
	})
}

// split is the question of a body.
func (a *API) split(in *splitIn) (service.CascadeQuery, error) {
	b := in.Body
	q := service.CascadeQuery{
		Indicator: b.Indicator, Units: b.Units, Time: b.Time, Total: b.Total, Reserve: b.Reserve, Locks: b.Locks, Weights: b.Weights, Min: b.Min, Max: b.Max,
		Years: b.Years, Along: b.Along, From: b.From, Reason: b.Reason,
	}
	var err error
	if q.Look, err = a.look(in.At, in.Unit); err != nil {
		return q, err
	}
	if q.Months, err = months("body.months.", b.Months); err != nil {
		return q, err
	}
	q.Methods, q.Cells = b.Methods, map[string]map[int]luoshi.Quantity{}
	for code, cells := range b.Cells {
		if q.Cells[code], err = months("body.cells."+code+".", cells); err != nil {
			return q, err
		}
	}
	return q, nil
}

// months are values by month, at a place of the body.
func months(at string, given map[string]luoshi.Quantity) (map[int]luoshi.Quantity, error) {
	if len(given) == 0 {
		return nil, nil
	}
	list := map[int]luoshi.Quantity{}
	for text, v := range given {
		month, bad := strconv.Atoi(text)
		if bad != nil || month < 1 || month > 12 {
			return nil, &located{at + text, text, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("api.month", "text", text)}}
		}
		list[month] = v
	}
	return list, nil
}

func (s *scribe) split(p *service.CascadePlan, inForce bool) wire.SplitPlan {
	return wire.SplitPlan{
		Where: stands(&p.Frame), Indicator: indicatorOut(p.Indicator), Total: p.Total, Reserve: p.Reserve, Columns: same(p.Columns), Months: same(p.Months),
		Rows: each(p.Rows, func(r service.CascadeRow) wire.SplitRow {
			return wire.SplitRow{Unit: unitRef(r.Unit), Total: r.Total, LastYear: r.LastYear, Change: ratio(r.Change), InForce: r.InForce, Months: same(r.Months), Locked: r.Locked}
		}),
		Padding: each(p.Padding, func(r service.PaddingRow) wire.Padding {
			return wire.Padding{Unit: unitRef(r.Unit), Depth: r.Depth, Target: r.Target, Children: r.Children, Reserve: r.Reserve, Hidden: r.Hidden, Share: ratio(r.Share), Added: r.Added}
		}),
		Blocked: luoshi.Blocked(p.Problems), Problems: each(p.Problems, s.problem), InForce: inForce,
	}
}
