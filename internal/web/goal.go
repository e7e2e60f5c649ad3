package web

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// goalBook answers for the register of goals.
type goalBook interface {
	Goals(ctx context.Context, look service.Look) (*service.GoalTree, error)
	Goal(ctx context.Context, look service.Look, code string) (*service.GoalPage, error)
	Choices(ctx context.Context, look service.Look) (*service.GoalChoices, error)
}

// goalLine is one goal in the tree.
type goalLine struct {
	Name, Href, Owner, Weight string
	Depth                     string // class of its depth
	Light                     *light // nil: nothing to judge here
	Proof                     string
	Says                      template.HTML // how its parts combine
	Items                     []goalItemLine
	Heading                   bool
}

type goalItemLine struct {
	Name, At, Weight, Href string
	Guard                  bool
	Light                  *light
	Says                   template.HTML
}

type goalsBody struct {
	Lead    template.HTML
	Goals   []goalLine
	Weighed bool // some goal is made by weights
	Offers  []offerLine
	New     string
}

type offerLine struct {
	Name, Says, Href string
	Lacking          string
}

func (s *Site) goals(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "goals-register")
	p.section, p.stays = "register", true
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.Goals(r.Context(), look)
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.frame(&v.Frame)
		p.Title = p.W("goals.title")
		body := &goalsBody{New: p.To("/register/goal/edit")}
		leaves, dark := 0, 0
		for _, g := range v.Goals {
			line := p.goalLine(g)
			body.Goals = append(body.Goals, line)
			body.Weighed = body.Weighed || g.Weighed
			if len(g.Items) > 0 {
				leaves++
			}
			if g.Judgement == nil {
				dark++
			}
		}
		body.Lead = p.Rich(luoshi.Say("goals.lead", "n", len(v.Goals), "leaves", leaves))
		if dark > 0 {
			body.Lead += template.HTML(template.HTMLEscapeString(p.Between())) + p.Rich(luoshi.Say("goals.dark", "n", dark, "unit", v.Unit.Name)) //nolint:gosec // escaped
		}
		for _, o := range v.Offers {
			body.Offers = append(body.Offers, p.offer(o))
		}
		p.Body = body
		return nil
	})
}

func (p *page) offer(o service.GoalOffer) offerLine {
	says := p.W("goals.offer.all", "n", o.All)
	if len(o.Goals) < o.All {
		says = p.W("goals.offer.some", "n", len(o.Goals), "all", o.All)
	}
	return offerLine{Name: p.Name(o.Name), Says: says, Lacking: p.Show(o.Lacking, ""), Href: p.To("/register/goals/offer", "set", o.Code)}
}

func (p *page) goalLine(g service.GoalNode) goalLine {
	line := goalLine{Name: p.Name(g.Goal.Names), Href: p.To("/register/goal", "code", g.Goal.Code), Owner: p.Name(g.Owner),
		Depth: [...]string{"d0", "d1", "d2", "d3"}[min(g.Depth, 3)], Says: p.Rich(g.Rule), Heading: g.ChildGoals > 0}
	if g.Weighed {
		line.Weight = p.Show(g.Goal.Weight, "")
	}
	if g.Judgement != nil {
		l := p.light(g.Judgement.Light)
		line.Light, line.Proof = &l, p.To("/proof", "goal", g.Goal.Code)
	}
	for _, item := range g.Items {
		line.Items = append(line.Items, p.goalItem(g, item))
	}
	return line
}

func (p *page) goalItem(g service.GoalNode, item service.GoalItemRow) goalItemLine {
	one := goalItemLine{Name: p.Name(item.Name), At: p.Name(item.At), Guard: item.Guard}
	if one.Name == "" {
		one.Name = item.Indicator
	}
	if g.Goal.Combine == luoshi.Weighted && !item.Guard {
		one.Weight = p.Show(item.Weight, "")
	}
	if item.Judgement != nil {
		l := p.light(item.Judgement.Light)
		one.Light, one.Says, one.Href = &l, p.Rich(item.Judgement.Says), p.proofOf(item.Unit, item.Indicator)
	}
	return one
}

type goalBody struct {
	goalLine
	Code      string
	Above     []choice
	Below     []goalItemLine
	Weights   bool // its parts count by weight
	Facts     []choice
	Judged    template.HTML
	Edit, Add string
	Revisions []revisionView
	Odds      *goalOdds // nil: nothing to judge here
}

// goalOdds is how likely a goal is reached, and how that comes about.
type goalOdds struct {
	Percent, Says string
	Members, Sums []oddsRow
}

// oddsRow is a target's chance, or that of several together.
type oddsRow struct {
	Name, At, Href, Percent, Says string
	Guard                         bool
}

// odds lays a goal's chance out.
func (p *page) odds(g *service.GoalChance) *goalOdds {
	if g == nil {
		return nil
	}
	o := &goalOdds{Percent: p.Say(service.ChanceSays(g.Chance)), Says: p.Say(g.Says())}
	if o.Percent == "" {
		o.Percent = "—"
	} else if g.Says().Key == "goal.chance.one" {
		o.Says = ""
	}
	for _, m := range g.Members {
		row := oddsRow{Name: p.Name(m.Name), Percent: p.Say(service.ChanceSays(m.Chance)), Guard: m.Guard, Href: p.To("/outlook", "code", m.Indicator, "unit", m.Unit.Code)}
		if m.Unit.Code != p.Frame.Unit.Code {
			row.At = p.Name(m.Unit.Name)
		}
		switch {
		case m.Why.Key != "":
			row.Says = p.Say(m.Why)
		case m.Standing == service.OutlookMet:
			row.Says = p.W("goal.chance.met")
		case m.Standing == service.OutlookLost:
			row.Says = p.W("goal.chance.lost")
		}
		o.Members = append(o.Members, row)
	}
	sum := func(key string, chance luoshi.Ratio) {
		if chance.OK() && len(g.Members) > 1 {
			o.Sums = append(o.Sums, oddsRow{Name: p.W("goal.chance." + key), Percent: p.Say(service.ChanceSays(chance)), Says: p.W("goal.chance." + key + ".say")})
		}
	}
	sum("joint", g.Chance)
	sum("apart", g.Apart)
	sum("most", g.Most)
	sum("others", g.Rest)
	return o
}

func (s *Site) goalPage(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "goal-register")
	p.section, p.stays = "register", true
	code := r.URL.Query().Get("code")
	p.keep(r.URL.Query(), "code")
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.Goal(r.Context(), look, code)
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.frame(&v.Frame)
		body := &goalBody{goalLine: p.goalLine(v.GoalNode), Code: code, Weights: v.Goal.Combine == luoshi.Weighted, Edit: p.To("/register/goal/edit", "code", code), Add: p.To("/register/goal/edit", "parent", code)}
		p.Title = body.Name
		for _, g := range v.Above {
			body.Above = append(body.Above, choice{Text: p.Name(g.Name), Href: p.To("/register/goal", "code", g.Code)})
		}
		for _, g := range v.Below {
			one := goalItemLine{Name: p.Name(g.Goal.Names), Href: p.To("/register/goal", "code", g.Goal.Code), Light: p.goalLine(g).Light}
			if g.Judgement != nil {
				one.Says = p.Rich(g.Judgement.Says)
			}
			if g.Weighed {
				one.Weight = p.Show(g.Goal.Weight, "")
			}
			body.Below = append(body.Below, one)
		}
		if v.Judgement != nil {
			body.Judged = p.Rich(v.Judgement.Says)
		}
		body.Odds = p.odds(v.Chance)
		body.Facts = []choice{{Text: p.W("field.goal.code"), Href: code}, {Text: p.W("field.goal.combine"), Href: p.Show(v.Goal.Combine, "")},
			{Text: p.W("field.goal.weight"), Href: p.Show(v.Goal.Weight, "")}, {Text: p.W("field.goal.order"), Href: strconv.Itoa(v.Goal.Order)}}
		if body.Owner != "" {
			body.Facts = append(body.Facts, choice{Text: p.W("field.goal.owner"), Href: body.Owner})
		}
		for i, rev := range v.Revisions {
			body.Revisions = append(body.Revisions, p.revision(rev.Revised, "goal", rev.Rule, i == 0, p.To("/register/goal/edit", "code", code, "version", strconv.Itoa(rev.Number), "try", "1")))
		}
		p.Body = body
		return nil
	})
}

// goalFields are the fields of the form about a goal itself.
var goalFields = []string{"code", "name", "name_hant", "name_en", "parent", "order", "combine", "weight", "owner", "reason", "seen", "fixed"}

// itemFields are those of each target under it.
var itemFields = []string{"indicator", "unit", "weight", "guard"}

// spareItems is how many empty rows a form has for more; mostItems bounds them all.
const (
	spareItems = 3
	mostItems  = 120
)

// rowsOf is how many item rows a form carries.
func rowsOf(v url.Values) int {
	n := 0
	for n < mostItems && v.Has(itemField(n, "indicator")) {
		n++
	}
	return n
}

func goalValues(g luoshi.Goal) url.Values {
	v := url.Values{"code": {g.Code}, "name": {g.Names.Hans}, "name_hant": {g.Names.Hant}, "name_en": {g.Names.En}, "parent": {g.Parent},
		"order": {strconv.Itoa(g.Order)}, "combine": {string(g.Combine)}, "weight": {g.Weight.String()}, "owner": {g.Owner}}
	for i, item := range g.Items {
		v.Set(itemField(i, "indicator"), item.Indicator)
		v.Set(itemField(i, "unit"), item.Unit)
		v.Set(itemField(i, "weight"), item.Weight.String())
		if item.Guard {
			v.Set(itemField(i, "guard"), "1")
		}
	}
	return v
}

// readGoal reads the form; a row without an indicator is none. rows tells which row
// each item came from.
func readGoal(v url.Values) (g luoshi.Goal, rows []int, faults []service.Fault) {
	text := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	g = luoshi.Goal{Code: text("code"), Names: luoshi.Names{Hans: text("name"), Hant: text("name_hant"), En: text("name_en")}, Parent: text("parent"),
		Combine: luoshi.Combine(text("combine")), Owner: text("owner"), Weight: readWeight(v, "weight", -1, &faults)}
	var err error
	if order := luoshi.Fold(text("order")); order != "" {
		if g.Order, err = strconv.Atoi(order); err != nil {
			faults = append(faults, service.Fault{Item: -1, Field: "order", Severity: luoshi.Blocking, Message: luoshi.Say("number.unreadable", "text", order)})
		}
	}
	for i := range rowsOf(v) {
		indicator := text(itemField(i, "indicator"))
		if indicator == "" {
			continue
		}
		rows = append(rows, i)
		g.Items = append(g.Items, luoshi.GoalItem{Indicator: indicator, Unit: text(itemField(i, "unit")), Weight: readWeight(v, "weight", i, &faults), Guard: v.Get(itemField(i, "guard")) != ""})
	}
	return g, rows, faults
}

// readWeight reads a weight; empty is one. item is the row that it stands in, -1 for
// the form itself.
func readWeight(v url.Values, field string, item int, faults *[]service.Fault) luoshi.Quantity {
	name := field
	if item >= 0 {
		name = itemField(item, field)
	}
	text := strings.TrimSpace(v.Get(name))
	if text == "" {
		text = "1"
	}
	q, err := luoshi.ParseQuantity(text)
	if err != nil {
		*faults = append(*faults, service.Fault{Item: item, Field: field, Severity: luoshi.Blocking, Message: messageOf(err)})
	}
	return q
}

// inRows moves the faults of items from their number to the rows of the form.
func inRows(faults []service.Fault, rows []int) []service.Fault {
	for i := range faults {
		if n := faults[i].Item; n >= 0 && n < len(rows) {
			faults[i].Item = rows[n]
		}
	}
	return faults
}

// goalForm is the page on which a goal is written, looked at and put in force.
type goalForm struct {
	editForm
	Code                 *formField
	Names                []*formField
	Parent, Combine      *formField
	Order, Weight, Owner *formField
	Rows                 []itemRow
}

// editForm is what the forms of goals and sets have in common.
type editForm struct {
	Head, Back, Action, Save string
	Fixed                    bool
	Reason                   *formField
	Other                    []string
	Tried, Nothing           bool
	Effects                  []*effectView
	NeedsReason              bool
	Hidden                   []choice
	Past                     bool
	More                     int // rows, if more are asked for
}

// itemRow is one row of the items of a form.
type itemRow struct {
	N                       int
	Indicator, Unit, Weight *formField
	GuardName               string
	Guard                   bool
	Order                   *formField
	Share                   string
}

func (s *Site) goalEdit(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "goal-edit")
	p.section = "register"
	values, err := s.goalStart(r, p)
	if err != nil {
		return err
	}
	return s.goalShow(w, r, p, http.StatusOK, values, nil)
}

func (s *Site) goalStart(r *http.Request, p *page) (url.Values, error) {
	asked := r.URL.Query()
	code := asked.Get("code")
	if asked.Has("name") {
		return asked, nil
	}
	if code == "" {
		return url.Values{"parent": {asked.Get("parent")}, "combine": {string(luoshi.AllOf)}, "weight": {"1"}, "order": {"1"}, "seen": {s.stamp()}}, nil
	}
	v, err := s.board.Goal(r.Context(), service.Look{Unit: p.query.Get("unit")}, code)
	if err != nil {
		return nil, err
	}
	g := v.Goal
	if n, err := strconv.Atoi(asked.Get("version")); err == nil {
		if i := slices.IndexFunc(v.Revisions, func(rev service.GoalRevision) bool { return rev.Number == n }); i >= 0 {
			g = v.Revisions[i].Goal
		}
	}
	values := goalValues(g)
	values.Set("fixed", "1")
	values.Set("seen", s.stamp())
	values.Set("try", asked.Get("try"))
	return values, nil
}

// stamp is now, as a form carries it.
func (s *Site) stamp() string { return strconv.FormatInt(s.opt.Now().UnixMicro(), 10) }

func (s *Site) goalShow(w http.ResponseWriter, r *http.Request, p *page, status int, values url.Values, faults []service.Fault) error {
	p.keepForm("/register/goal/edit", values)
	g, rows, unread := readGoal(values)
	f := &goalForm{editForm: editForm{Head: p.W("goal.new"), Action: p.To("/register/goal/edit"), Save: p.To("/register/goal"), Back: p.To("/register/goals"), Fixed: values.Get("fixed") != ""}}
	if f.Fixed {
		f.Head, f.Back = p.W("register.edit", "name", g.Names), p.To("/register/goal", "code", g.Code)
	}
	faults = append(inRows(faults, rows), unread...)
	found, err := s.tryForm(r, p, &f.editForm, values, service.Change{Goals: []luoshi.Goal{g}, Seen: readSeen(values)}, len(unread) == 0)
	if err != nil {
		return err
	}
	faults = append(faults, inRows(found, rows)...)
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	look.AsOf = s.opt.Now()
	options, err := s.board.Choices(r.Context(), look)
	if err != nil {
		return err
	}
	if err := s.frameHere(r, p); err != nil {
		return err
	}
	p.Title = f.Head
	p.goalForm(f, values, faults, options)
	f.Hidden = hidden(values, append(slices.Clone(goalFields), itemNames(values, itemFields)...))
	p.Body = f
	return s.show(w, r, status, p)
}

// itemNames are the names of all item fields that a form carries.
func itemNames(v url.Values, fields []string) []string {
	var list []string
	for i := range rowsOf(v) {
		for _, field := range fields {
			list = append(list, itemField(i, field))
		}
	}
	return list
}

// tryForm looks at what a form would change, where that is asked for. Its faults are
// by item, not by row.
func (s *Site) tryForm(r *http.Request, p *page, f *editForm, values url.Values, change service.Change, readable bool) ([]service.Fault, error) {
	look, err := s.look(p.query)
	if err != nil {
		return nil, err
	}
	f.Past = !look.AsOf.IsZero() && look.AsOf.Before(s.opt.Now())
	if values.Get("try") == "" || values.Has("more") || !readable {
		return nil, nil
	}
	effects, e, err := s.effects(r, p, change)
	if err != nil {
		return nil, err
	}
	f.Effects, f.Tried, f.NeedsReason = effects, !e.Blocked, e.Reason
	f.Nothing = !e.Blocked && e.Writes == 0
	return e.Faults, nil
}

func (p *page) goalForm(f *goalForm, values url.Values, faults []service.Fault, from *service.GoalChoices) {
	form := newForm(p, values, faults)
	f.Code = form.field("code", "field.goal.code")
	for _, name := range []string{"name", "name_hant", "name_en"} {
		f.Names = append(f.Names, form.field(name, "field.goal."+name))
	}
	f.Code.Must, f.Names[0].Must = true, true
	f.Parent = form.field("parent", "field.goal.parent")
	f.Parent.Options = options(p, f.Parent.Value, p.W("goal.root"), from.Goals)
	f.Combine = form.field("combine", "field.goal.combine")
	for _, c := range luoshi.Combines {
		f.Combine.Options = append(f.Combine.Options, choice{Text: p.W("goal.combine."+string(c), "combine", c), Href: string(c), On: string(c) == f.Combine.Value})
	}
	f.Order, f.Weight = form.field("order", "field.goal.order"), form.field("weight", "field.goal.weight")
	f.Order.Mode, f.Weight.Mode = "numeric", "decimal"
	f.Owner = form.field("owner", "field.goal.owner")
	f.Owner.Options = options(p, f.Owner.Value, p.W("goal.nobody"), from.Owners)
	n := rowsOf(values)
	for i := range min(max(n, 0)+spare(values, n), mostItems) {
		row := itemRow{N: i + 1, Indicator: form.field(itemField(i, "indicator"), "field.goal.indicator"), Unit: form.field(itemField(i, "unit"), "field.goal.unit"),
			Weight: form.field(itemField(i, "weight"), "field.goal.weight"), GuardName: itemField(i, "guard"), Guard: values.Get(itemField(i, "guard")) != ""}
		row.Indicator.Options = options(p, row.Indicator.Value, p.W("goal.item.none"), from.Indicators)
		row.Unit.Options = options(p, row.Unit.Value, p.W("goal.item.here"), from.Areas)
		f.Rows = append(f.Rows, row)
	}
	f.Reason = form.field("reason", "register.reason")
	f.Reason.Must, f.Reason.Whole = f.NeedsReason, true
	f.Other = form.rest()
}

// spare is how many empty rows follow: none while some of the rows are empty still,
// unless more are asked for.
func spare(v url.Values, rows int) int {
	empty := 0
	for i := range rows {
		if strings.TrimSpace(v.Get(itemField(i, "indicator"))) == "" {
			empty++
		}
	}
	if v.Has("more") {
		return spareItems
	}
	return max(0, spareItems-empty)
}

// options are what a select offers: nothing, then the list; a value that is not in it
// stays to be seen.
func options(p *page, value, none string, list []service.NamedCode) []choice {
	out := []choice{{Text: none, On: value == ""}}
	found := value == ""
	for _, one := range list {
		out = append(out, choice{Text: p.Name(one.Name), Href: one.Code, On: one.Code == value})
		found = found || one.Code == value
	}
	if !found {
		out = append(out, choice{Text: value, Href: value, On: true})
	}
	return out
}

func (s *Site) goalPut(w http.ResponseWriter, r *http.Request) error {
	return putVersioned(s, w, r, versioned[luoshi.Goal]{
		view: "goal-edit", path: "/register/goal", show: s.goalShow,
		read:   func(v url.Values) (luoshi.Goal, []service.Fault) { g, _, faults := readGoal(v); return g, faults },
		called: func(g luoshi.Goal) (string, luoshi.Names) { return g.Code, g.Names },
		change: func(g luoshi.Goal) service.Change { return service.Change{Goals: []luoshi.Goal{g}} },
		versions: func(ctx context.Context, code string) (list []version[luoshi.Goal], err error) {
			now, err := s.board.Goal(ctx, service.Look{}, code)
			if err != nil {
				return nil, err
			}
			for _, rev := range now.Revisions {
				rev.Goal.RecordedAt = 0
				list = append(list, version[luoshi.Goal]{rev.Number, rev.Goal})
			}
			return list, nil
		},
	})
}
