package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/workflow"
)

// enactBody is what putting a catch-up plan in force would do, and the reason that is
// asked for.
type enactBody struct {
	*service.CatchUpTrial
	Says         string
	Rows         []forceRow
	Fields       []field
	Reason, From string
	Bad          string // what is wrong with the form
	Stale        string // figures have come in since
	Fresh        string // address of the plan as of now
	Left         string // whose lights do not follow
	Back         string
	Blocked      bool
	Effects      []*effectView
}

// catchupForce shows what putting the try-out in force would change.
func (s *Site) catchupForce(w http.ResponseWriter, r *http.Request) error {
	p, a, err := s.attempted(r, r.URL.Query(), "catchup-force")
	if err != nil {
		return err
	}
	return s.askEnact(w, r, p, a, http.StatusOK, "")
}

func (s *Site) askEnact(w http.ResponseWriter, r *http.Request, p *page, a *attempt, status int, bad string) error {
	v, err := s.board.TryCatchUp(r.Context(), a.ask)
	if err != nil {
		return err
	}
	if v.Why.Key != "" {
		return &luoshi.Error{Code: luoshi.Invalid, Message: v.Why}
	}
	p.frame(&v.Frame)
	p.scripts = nil
	p.Title = p.W("catchuppage.force")
	b := &enactBody{CatchUpTrial: v, Back: p.Here(), Reason: a.ask.Reason, Bad: bad, From: isoDay(v.From), Fresh: p.Here("asof", "now")}
	b.Blocked = len(a.bad) > 0 || blocked(v.Problems)
	plans := map[string]*service.CatchUpRow{v.Whole.Unit.Code: &v.Whole}
	for i := range v.Rows {
		if !v.Rows[i].Own {
			plans[v.Rows[i].Unit.Code] = &v.Rows[i]
		}
	}
	for _, c := range v.Changes {
		row := forceRow{Unit: p.Name(c.Unit.Name), Revision: p.W("cascadepage.revision", "number", c.Next)}
		if plan := plans[c.Unit.Code]; plan != nil {
			was := restInForce(v.Columns, plan)
			row.Before, row.After = p.figure(was), p.figure(plan.Rest)
			if was.Valid && plan.Rest.Valid {
				if d, err := plan.Rest.Decimal.Sub(was.Decimal); err == nil {
					row.By = p.signed(luoshi.Some(d))
				}
			}
		}
		b.Rows = append(b.Rows, row)
	}
	b.Says = p.W("catchuppage.force.say", "count", len(v.Changes), "indicator", v.Indicator.Name, "total", v.Year, "measure", p.unitAfter(v.Indicator.Measure))
	if v.Stale.Key != "" {
		b.Stale = p.stopped(p.Say(v.Stale))
	}
	if len(v.Left) > 0 {
		var names []string
		for _, u := range v.Left {
			names = append(names, p.Name(u.Short))
		}
		b.Left = p.W("catchuppage.force.left", "units", strings.Join(names, p.W("punct.list")))
	}
	b.Fields = p.fields(a.values, "seen", seenText(v.Seen))
	if v.Effect != nil && !v.Effect.Blocked {
		b.Effects = []*effectView{p.effect(v.Effect)}
	}
	p.Body = b
	return s.show(w, r, status, p)
}

// restInForce is what the plan in force has for the periods that are left.
func restInForce(columns []service.CatchUpColumn, row *service.CatchUpRow) luoshi.NullQuantity {
	sum := luoshi.Quantity{}
	for j, cell := range row.Cells {
		if !columns[j].Left {
			continue
		}
		if !cell.InForce.Valid {
			return luoshi.NullQuantity{}
		}
		next, err := sum.Add(cell.InForce.Decimal)
		if err != nil {
			return luoshi.NullQuantity{}
		}
		sum = next
	}
	return luoshi.Some(sum)
}

// catchupPut puts a catch-up plan in force.
func (s *Site) catchupPut(w http.ResponseWriter, r *http.Request) error {
	values, err := posted(r)
	if err != nil {
		return err
	}
	p, a, err := s.attempted(r, values, "catchup-force")
	if err != nil {
		return err
	}
	q := &a.ask
	q.Beside, q.Against = nil, ""
	q.Reason, q.Seen = strings.TrimSpace(values.Get("reason")), seenNumber(values.Get("seen"))
	if q.From, err = dayOf(values.Get("from")); err != nil {
		return err
	}
	if len(a.bad) > 0 {
		return s.askEnact(w, r, p, a, http.StatusBadRequest, "")
	}
	if q.Reason == "" {
		return s.askEnact(w, r, p, a, http.StatusBadRequest, p.W("cascadepage.reason.missing"))
	}
	done, err := s.board.PutCatchUp(r.Context(), *q, s.opt.By)
	if err != nil {
		return err
	}
	if done.Batch == 0 {
		return s.askEnact(w, r, p, a, http.StatusBadRequest, "")
	}
	to := p.To("/catchup", "code", done.View.Indicator.Code, "asof", "now", "year", strconv.Itoa(done.View.Frame.Year))
	says := luoshi.Say("catchuppage.done", "count", len(done.Changes), "indicator", done.View.Indicator.Name, "from", done.From)
	return s.done(w, r, p, to, says, p.undoes(done.Batch, to))
}

// planRow is a plan that was put in force once.
type planRow struct {
	Title, When, By, Reason, Total, Open string
	InForce                              bool
}

// plans lists what was put in force, each with the way to go on from it.
func (p *page) plans(v *service.CatchUpView) (rows []planRow) {
	for _, one := range v.Plans {
		row := planRow{Title: p.W("cascadepage.version", "from", one.From), When: p.Show(one.RecordedAt, ""), By: p.PersonName(one.By), Reason: one.Reason, Total: p.Show(one.Total, ""), InForce: one.InForce}
		pairs := []string{"code", v.Indicator.Code}
		values := askedOf(one.Query)
		for _, name := range sorted(values) {
			pairs = append(pairs, name, values.Get(name))
		}
		row.Open = p.To("/catchup", pairs...)
		rows = append(rows, row)
	}
	return rows
}

// askedOf writes a try-out as the address has it.
func askedOf(q service.CatchUpQuery) url.Values {
	v := url.Values{}
	set := func(name, text string) {
		if text != "" {
			v.Set(name, text)
		}
	}
	set("total", plainNumber(q.Total))
	if q.Weigh != service.WeighSpread {
		set("weigh", q.Weigh)
	}
	if q.Stretch > 0 {
		set("stretch", strconv.Itoa(q.Stretch))
	}
	for name, on := range map[string]bool{"unbound": q.Unbound, "exact": q.Exact} {
		if on {
			set(name, "1")
		}
	}
	for prefix, by := range map[string]map[string]map[int]luoshi.Quantity{"c.": q.Locks, "x.": q.CellCaps} {
		for code, cells := range by {
			set(prefix+code, cellsText(cells))
		}
	}
	for prefix, by := range map[string]map[string]luoshi.Quantity{"cap.": q.Caps, "fl.": q.Floors, "wt.": q.Weights} {
		for code, n := range by {
			set(prefix+code, n.String())
		}
	}
	return v
}

// capacityBody is what a unit has stated that it can bring at most, and the form.
type capacityBody struct {
	*service.CapacityCard
	Head   string
	Rows   []capacityRow
	Facts  []capacityFact
	Reason string
	Bad    string
	Months bool // it is months that are wrong
	Back   string
	Fields []field
	Open   bool
}

type capacityRow struct {
	Month                        int
	Period, Reported, LastYear   string
	Stated, Value, Why, By, When string
	Given                        bool // the period is over: nothing is stated of it any more
	Fault                        *fault
}

type capacityFact struct{ Period, Most, Reason, By, When string }

// capacity shows what a unit has stated, and takes what it states.
func (s *Site) capacity(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	p, look, err := s.capacityPage(r, asked)
	if err != nil {
		return err
	}
	v, err := s.board.Capacity(r.Context(), look, asked.Get("of"), asked.Get("code"))
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.fillCapacity(v, nil, nil, "")
		return nil
	})
}

func (s *Site) capacityPage(r *http.Request, asked url.Values) (*page, service.Look, error) {
	p := s.page(r, "capacity")
	p.carry(asked)
	p.path, p.section, p.own = "/catchup/capacity", "cascade", url.Values{}
	for _, name := range []string{"code", "of"} {
		if v := asked.Get(name); v != "" && len(v) <= 64 {
			p.own.Set(name, v)
		}
	}
	look, err := s.look(p.query)
	return p, look, err
}

// fillCapacity lays the form out: with what was typed, what is wrong with which month,
// and with the form.
func (p *page) fillCapacity(v *service.CapacityCard, typed url.Values, faults map[int]*fault, bad string) {
	p.frame(&v.Frame)
	b := &capacityBody{CapacityCard: v, Bad: bad, Months: len(faults) > 0, Reason: typed.Get("reason"), Back: p.To("/catchup", "code", v.Indicator.Code)}
	b.Head = p.W("catchuppage.capacity.head", "unit", v.Of.Name, "indicator", v.Indicator.Name)
	p.Title, p.Body = p.W("catchuppage.capacity"), b
	b.Open = p.site.board.MayAt(p.r.Context(), workflow.StateCapacity, v.Of.Code).Yes
	for _, one := range v.Rows {
		row := capacityRow{Month: one.Period.To, Period: p.site.words.Span(p.Lang, one.Period), Reported: p.Show(one.Reported, ""), LastYear: p.Show(one.LastYear, ""), Given: one.Reported.Valid}
		if one.Stated != nil {
			row.Stated, row.Why = p.Show(exactly(luoshi.Some(one.Stated.Value), v.Indicator.Decimals), ""), one.Stated.Reason
			row.By, row.When = p.Say(one.Stated.By.Says()), p.Show(time.UnixMicro(one.Stated.At).In(luoshi.Zone), "")
			row.Value = one.Stated.Value.String()
		}
		if typed != nil {
			row.Value, row.Fault = typed.Get("m"+strconv.Itoa(row.Month)), faults[row.Month]
		}
		b.Rows = append(b.Rows, row)
	}
	for _, f := range v.Facts {
		most := p.W("catchuppage.capacity.back")
		if f.Most.Valid {
			most = p.Show(exactly(f.Most, v.Indicator.Decimals), "")
		}
		b.Facts = append(b.Facts, capacityFact{p.site.words.Span(p.Lang, f.Period), most, f.Reason, p.Say(f.By.Says()), p.Show(time.UnixMicro(f.At).In(luoshi.Zone), "")})
	}
	for _, some := range []url.Values{p.query, p.own} {
		for _, name := range sorted(some) {
			b.Fields = append(b.Fields, field{name, some.Get(name)})
		}
	}
}

// capacityPut records what a unit states that it can bring at most.
func (s *Site) capacityPut(w http.ResponseWriter, r *http.Request) error {
	values, err := posted(r)
	if err != nil {
		return err
	}
	p, look, err := s.capacityPage(r, values)
	if err != nil {
		return err
	}
	now, err := s.board.Capacity(r.Context(), look, values.Get("of"), values.Get("code"))
	if err != nil {
		return err
	}
	faults := map[int]*fault{}
	again := func(says string) error {
		p.fillCapacity(now, values, faults, says)
		return s.show(w, r, http.StatusBadRequest, p)
	}
	q := service.CapacityStatement{Look: look, Indicator: values.Get("code"), Of: values.Get("of"), Most: map[int]luoshi.NullQuantity{}, Reason: strings.TrimSpace(values.Get("reason"))}
	for _, row := range now.Rows {
		month := row.Period.To
		if !values.Has("m" + strconv.Itoa(month)) {
			continue
		}
		text, was := strings.TrimSpace(values.Get("m"+strconv.Itoa(month))), ""
		if row.Stated != nil {
			was = row.Stated.Value.String()
		}
		if text == was {
			continue
		}
		most := luoshi.NullQuantity{}
		if text != "" {
			n, err := luoshi.ParseQuantity(text)
			if err == nil {
				_, err = luoshi.Scaled(n, now.Indicator.Decimals)
			}
			if err != nil {
				faults[month] = &fault{s.words.Error(p.Lang, err), len(faults) == 0}
			}
			most = luoshi.Some(n)
		}
		q.Most[month] = most
	}
	if len(faults) > 0 {
		return again(p.W("catchuppage.capacity.wrong", "count", len(faults)))
	}
	if len(q.Most) == 0 {
		return again(p.W("catchuppage.capacity.same"))
	}
	done, err := s.board.StateCapacity(r.Context(), q)
	if luoshi.CodeOf(err) == luoshi.Invalid {
		return again(s.words.Error(p.Lang, err))
	}
	if err != nil {
		return err
	}
	to := p.To("/catchup/capacity", "code", q.Indicator, "of", q.Of, "asof", "now", "year", strconv.Itoa(done.Frame.Year))
	return s.done(w, r, p, to, luoshi.Say("catchuppage.capacity.done", "count", done.Written, "unit", done.Of.Name), nil)
}
