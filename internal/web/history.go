package web

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// historyBook answers for the history.
type historyBook interface {
	History(ctx context.Context, q service.HistoryQuery) (*service.HistoryView, error)
	Event(ctx context.Context, look service.Look, seq int64) (*service.EventView, error)
	EachEvent(ctx context.Context, q service.HistoryQuery, give func(service.EventLine) error) error
	CheckHistory(ctx context.Context, deep bool, checkpoints string) error
	HistoryCheck(ctx context.Context) (service.HistoryCheck, error)
	Came(ctx context.Context, look service.Look, object string) (*service.CameView, error)
}

// historyBody is a page of the history.
type historyBody struct {
	Head, Lead    string
	Rows          []eventRow
	Found         string
	Bare          string
	Person, Of    string
	Below         bool
	Object        string
	From, Until   string
	Intents       []choice
	People, Units []choice
	Older, Newer  string
	Newest        string
	CSV           string
	Check         *checkView
	End, EndHash  string
	Checkpoint    string
}

// eventRow is one event.
type eventRow struct {
	Number, At, Says string
	Href             string
	Unit, Reason     string
	Request          string
	Hash, Prev       string
	Short            string
	Holds            bool // the last walk found the chain whole up to it
	Object, Links    []choice
	Changes          []changeRow
	More             string
	Intent           string
}

// changeRow is one field before and after.
type changeRow struct{ Of, Field, Before, After string }

// checkView is a walk along the history as a page shows it.
type checkView struct {
	Running     bool
	Done, Total int64
	Says        string
	Class       string // of the bar: g, r, y
	Found       []string
	Marks       []markRow
	Begun       bool
	Checkpoints string
	Problem     string
}

type markRow struct {
	Number, Hash, At, Says string
	Bad                    bool
}

// still is the frame of a page that shows no unit: it names where one stands and leads
// nowhere.
func still(f service.Frame) *service.Frame {
	f.Path, f.Children = nil, nil
	return &f
}

// historyQuery reads what of the history is asked for.
func historyQuery(look service.Look, v url.Values) (service.HistoryQuery, error) {
	q := service.HistoryQuery{Look: look, Person: strings.TrimSpace(v.Get("person")), Of: codeOf(v.Get("of")), Below: v.Get("below") != "", Object: strings.TrimSpace(v.Get("object")), Intent: v.Get("intent")}
	for _, d := range []struct {
		name string
		to   *luoshi.Date
	}{{"from", &q.From}, {"until", &q.To}} {
		if text := strings.TrimSpace(v.Get(d.name)); text != "" {
			var err error
			if *d.to, err = luoshi.ParseDate(text); err != nil {
				return q, err
			}
		}
	}
	q.Before, q.After = int64(countOf(v, "before")), int64(countOf(v, "after"))
	return q, nil
}

// historyFields are the parameters of the page's address.
var historyFields = []string{"person", "of", "below", "object", "intent", "from", "until"}

func (s *Site) history(w http.ResponseWriter, r *http.Request) error {
	return s.historyShow(w, r, http.StatusOK, r.URL.Query(), "", nil)
}

func (s *Site) historyShow(w http.ResponseWriter, r *http.Request, status int, asked url.Values, checkpoints string, problem error) error {
	p := s.page(r, "history")
	p.section, p.path = "history", "/history"
	p.scripts = []string{"history.js"}
	p.keep(asked, historyFields...)
	w.Header().Set("Cache-Control", "no-store")
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	look.AsOf = time.Time{}
	q, err := historyQuery(look, asked)
	if err != nil {
		return err
	}
	v, err := s.board.History(r.Context(), q)
	if err != nil {
		return err
	}
	p.Frame = still(v.Frame)
	b := &historyBody{Head: p.W("history.head", "n", v.End.Seq), Lead: p.W("history.lead"), Person: q.Person, Of: asked.Get("of"), Below: q.Below, Object: q.Object, From: asked.Get("from"), Until: asked.Get("until"),
		End: strconv.FormatInt(v.End.Seq, 10), EndHash: v.End.Hash.String(), Checkpoint: p.To("/history/checkpoint")}
	b.Check = p.checkView(v.Check)
	b.Check.Checkpoints = checkpoints
	if problem != nil {
		b.Check.Problem = s.words.Error(p.Lang, problem)
	}
	p.Refresh = b.Check.Running
	bare := q
	bare.Before, bare.After, bare.Look = 0, 0, service.Look{}
	if bare != (service.HistoryQuery{}) {
		b.Found, b.Bare = p.W("history.found", "n", v.Total), p.To("/history")
	}
	p.historyChoices(b, v, q)
	for _, e := range v.Events {
		b.Rows = append(b.Rows, p.eventRow(e, v.Check))
	}
	if v.Older > 0 {
		b.Older = p.Here("before", strconv.FormatInt(v.Older, 10))
	}
	if v.Newer > 0 {
		b.Newer, b.Newest = p.Here("after", strconv.FormatInt(v.Newer, 10)), p.Here()
	}
	csv := *p
	csv.path = "/history.csv"
	b.CSV = csv.Here()
	p.Body, p.Title = b, p.W("page.history")
	return s.show(w, r, status, p)
}

func (p *page) historyChoices(b *historyBody, v *service.HistoryView, q service.HistoryQuery) {
	b.Intents = append(b.Intents, choice{Text: p.W("people.any"), On: q.Intent == ""})
	for _, i := range v.Intents {
		b.Intents = append(b.Intents, choice{Text: p.W("intent." + i), Href: i, On: i == q.Intent})
	}
	for _, one := range v.People {
		b.People = append(b.People, choice{Href: p.Say(one.Says()) + " #" + strconv.FormatInt(int64(one.ID), 10)})
	}
	for _, u := range v.Units {
		b.Units = append(b.Units, choice{Text: p.Name(u.Name), Href: u.Code})
	}
}

// eventRow lays an event out.
func (p *page) eventRow(e service.EventLine, check service.HistoryCheck) eventRow {
	hash := e.Hash.String()
	row := eventRow{Number: strconv.FormatInt(e.Seq, 10), At: e.At.In(luoshi.Zone).Format("2006-01-02 15:04:05"), Says: capital(p.Say(e.Says)), Unit: p.Name(e.Where), Reason: e.Reason, Request: e.Request,
		Hash: hash, Prev: e.Prev.String(), Short: hash[:12], Holds: check.Holds(e.Seq), Intent: p.intent(e.Intent)}
	if p.Has("/history/{n}") && p.can("history.read") {
		row.Href = p.To("/history/" + row.Number)
		if e.Object != "" {
			row.Object = []choice{{Text: p.W("history.object.all"), Href: p.To("/history", "object", e.Object)}}
		}
	}
	row.Links = p.objectLinks(e.About)
	for _, c := range e.Changes {
		row.Changes = append(row.Changes, p.changeRow(c))
	}
	if e.More > 0 {
		row.More = p.W("history.more", "n", e.More)
	}
	return row
}

// can reports whether the reader may have an intent where the page stands.
func (p *page) can(intent string) bool {
	yes, err := p.May(intent)
	return err == nil && yes
}

// intent is the word of an intent, or itself.
func (p *page) intent(intent string) string {
	if key := "intent." + intent; p.site.words.Has(key) {
		return p.W(key)
	}
	return intent
}

// objectLinks lead to what an event is about, where the reader may read it.
func (p *page) objectLinks(o service.ObjectRef) []choice {
	var href string
	switch {
	case o.Kind == "target" && p.can("plan.read"):
		href = p.To("/register/target", "code", o.Indicator, "unit", o.Unit, "year", strings.Split(o.Year, "-")[0], "asof", "now")
	case o.Kind == "catchup" && p.Has("/catchup") && p.can("plan.read"):
		href = p.To("/catchup", "code", o.Indicator, "unit", o.Unit, "year", o.Year, "asof", "now")
	case o.Kind == "capacity" && p.Has("/catchup/capacity") && p.can("plan.read"):
		href = p.To("/catchup/capacity", "code", o.Indicator, "of", o.Unit, "unit", o.Unit, "year", o.Year, "asof", "now")
	case o.Kind == "figure" && p.can("board.read"):
		href = p.To("/figure", "indicator", o.Indicator, "unit", o.Unit, "period", o.Period.String(), "basis", string(o.Basis), "year", strconv.Itoa(o.Period.Year), "asof", "now")
	case o.Kind == "import" && p.can("imports.read"):
		href = p.To("/imports/" + o.Code)
	case slices.Contains([]string{"indicator", "scheme", "goal", "set"}, o.Kind) && p.can("plan.read"):
		href = p.To("/register/"+o.Kind, "code", o.Code, "asof", "now")
	case (o.Kind == "unit" || o.Kind == "duty") && o.Indicator == "" && o.Unit != "" && p.can("units.read"):
		href = p.To("/unit", "code", o.Unit, "asof", "now")
	case o.Kind == "duty" && p.can("plan.read"):
		href = p.To("/register/target", "code", o.Indicator, "unit", o.Unit, "asof", "now")
	case (o.Kind == "person" || o.Kind == "post") && p.can("people.read"):
		href = p.To("/person", "id", o.Code)
	}
	if href == "" {
		return nil
	}
	return []choice{{Text: p.Say(o.Says), Href: href}}
}

// changeRow writes one field before and after in words.
func (p *page) changeRow(c service.EventChange) changeRow {
	row := changeRow{Field: c.Field, Before: p.eventValue(c.Before), After: p.eventValue(c.After)}
	if c.Of.Kind != "" {
		row.Of = p.Say(c.Of.Says)
	}
	kind := map[string]string{"targets": "target", "change": "target"}[c.Kind]
	if kind == "" {
		kind = c.Kind
	}
	field, arg, _ := strings.Cut(c.Field, " ")
	for _, key := range []string{"field." + kind + "." + field, "event.field." + field} {
		if p.site.words.Has(key) {
			row.Field = p.W(key)
			break
		}
	}
	if arg != "" {
		row.Field += " " + p.indicatorName(arg)
	}
	return row
}

// eventValue is a value of an event; nothing is a dash.
func (p *page) eventValue(v any) string {
	if v == nil {
		return "—"
	}
	return p.value(v)
}

// checkView lays a walk along the history out.
func (p *page) checkView(c service.HistoryCheck) *checkView {
	v := &checkView{Running: c.Running, Done: c.Done, Total: c.Total, Begun: !c.Began.IsZero()}
	switch {
	case c.Running:
		v.Says = p.W("history.check.running", "began", c.Began)
	case c.Began.IsZero():
		v.Says = p.W("history.check.never")
	case c.Failed:
		v.Class, v.Says = "y", p.W("history.check.failed", "began", c.Began)
	case c.Intact():
		key := "history.check.intact"
		if c.Deep {
			key += ".deep"
		}
		v.Class, v.Says = "g", p.W(key, "n", c.Events, "ended", c.Ended)
	case c.Broken > 0:
		v.Class, v.Says = "r", p.W("history.check.broken", "event", c.Broken, "ended", c.Ended)
	default:
		v.Class, v.Says = "r", p.W("history.check.differs", "n", len(c.Found), "ended", c.Ended)
	}
	for _, m := range c.Found {
		v.Found = append(v.Found, p.Say(m))
	}
	for _, m := range c.Marks {
		row := markRow{Number: strconv.FormatInt(m.Seq, 10), Hash: m.Hash.String()[:12], At: p.Show(m.At, ""), Says: p.W("history.mark.kept"), Bad: !m.Kept}
		if row.Bad {
			row.Says = p.W("history.mark.lost")
		}
		v.Marks = append(v.Marks, row)
	}
	return v
}

// historyCheck begins a walk along the history. It changes nothing.
func (s *Site) historyCheck(w http.ResponseWriter, r *http.Request) error {
	values, err := posted(r)
	if err != nil {
		return err
	}
	if err := s.board.CheckHistory(r.Context(), values.Get("deep") != "", values.Get("checkpoints")); err != nil {
		if luoshi.CodeOf(err) == luoshi.Invalid {
			return s.historyShow(w, r, http.StatusUnprocessableEntity, url.Values{}, values.Get("checkpoints"), err)
		}
		return err
	}
	http.Redirect(w, r, s.page(r, "").To("/history")+"#chain", http.StatusSeeOther)
	return nil
}

// historyState tells a script how far the walk is.
func (s *Site) historyState(w http.ResponseWriter, r *http.Request) error {
	c, err := s.board.HistoryCheck(r.Context())
	if err != nil {
		return err
	}
	return s.tell(w, http.StatusOK, map[string]any{"running": c.Running, "done": c.Done, "total": c.Total})
}

// historyCheckpoint is the end of the chain, to be kept elsewhere. It is not signed:
// luoshi history checkpoint signs, where the key is.
func (s *Site) historyCheckpoint(w http.ResponseWriter, r *http.Request) error {
	v, err := s.board.History(r.Context(), service.HistoryQuery{})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/jsonl; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", `attachment; filename="luoshi-checkpoint-`+strconv.FormatInt(v.End.Seq, 10)+`.jsonl"`)
	return json.NewEncoder(w).Encode(struct {
		Seq       int64         `json:"seq"`
		Hash      luoshi.Digest `json:"hash"`
		At        time.Time     `json:"at"`
		Signature []byte        `json:"signature"`
	}{v.End.Seq, v.End.Hash, s.opt.Now().UTC(), nil})
}

// historyCSV is every event that is asked for, as a file. People stand there by
// number alone: a file outlives the name.
func (s *Site) historyCSV(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "history")
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	look.AsOf = time.Time{}
	q, err := historyQuery(look, r.URL.Query())
	if err != nil {
		return err
	}
	var out *csv.Writer
	begin := func() error {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Disposition", `attachment; filename="luoshi-history-`+luoshi.DateOf(s.opt.Now()).String()+`.csv"`)
		if _, err := w.Write([]byte("\ufeff")); err != nil {
			return err
		}
		out = csv.NewWriter(w)
		var heads []string
		for _, h := range []string{"number", "at", "actor", "behalf", "intent", "object", "unit", "before", "after", "reason", "request", "prev", "hash"} {
			heads = append(heads, p.W("history.csv."+h))
		}
		return out.Write(heads)
	}
	number := func(id luoshi.PersonID) string {
		if id == 0 {
			return ""
		}
		return "#" + strconv.FormatInt(int64(id), 10)
	}
	err = s.board.EachEvent(r.Context(), q, func(e service.EventLine) error {
		if out == nil {
			if err := begin(); err != nil {
				return err
			}
		}
		row := []string{strconv.FormatInt(e.Seq, 10), e.At.In(luoshi.Zone).Format("2006-01-02T15:04:05.000000Z07:00"), number(e.Actor), number(e.Behalf), e.Intent, e.Object, e.Code, e.Before, e.After, e.Reason, e.Request,
			e.Prev.String(), e.Hash.String()}
		for i, cell := range row {
			row[i] = tame(cell)
		}
		return out.Write(row)
	})
	if err == nil && out == nil {
		err = begin()
	}
	if out != nil {
		out.Flush()
		if err == nil {
			err = out.Error()
		}
	}
	return err
}

// tame keeps a spreadsheet from taking a text for a formula.
func tame(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// eventBody is one event with its neighbours.
type eventBody struct {
	eventRow
	Head    string
	Facts   []fact
	Seals   []sealRow
	Check   *checkView
	Earlier string
	Later   string
	Back    string
	Wrote   []fact
}

// sealRow is one thing that must fit.
type sealRow struct {
	Says string
	Good bool
}

func (s *Site) event(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "event")
	p.section = "history"
	w.Header().Set("Cache-Control", "no-store")
	seq, err := strconv.ParseInt(r.PathValue("n"), 10, 64)
	if err != nil || seq <= 0 {
		return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("page.not_found")}
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	look.AsOf = time.Time{}
	v, err := s.board.Event(r.Context(), look, seq)
	if err != nil {
		return err
	}
	p.Frame = still(v.Frame)
	b := &eventBody{eventRow: p.eventRow(v.EventLine, v.Check), Back: p.To("/history"), Check: p.checkView(v.Check)}
	b.Head = b.Says
	add := func(key, value string) {
		if value != "" {
			b.Facts = append(b.Facts, fact{Name: p.W(key), Value: value})
		}
	}
	add("history.at", b.At)
	add("history.who", p.Say(v.Who.Says()))
	if v.For != nil {
		add("history.behalf", p.Say(v.For.Says()))
	}
	add("history.intent", b.Intent)
	add("history.unit", b.Unit)
	add("history.reason", b.Reason)
	add("history.request", b.Request)
	for _, one := range []struct {
		good bool
		key  string
	}{{v.Sealed, "history.seal.own"}, {v.Follows, "history.seal.before"}, {v.Followed, "history.seal.after"}} {
		key := one.key
		if v.Last && key == "history.seal.after" {
			key = "history.seal.end"
		}
		if !one.good {
			key += ".not"
		}
		b.Seals = append(b.Seals, sealRow{p.W(key), one.good})
	}
	for _, one := range v.Wrote {
		name := one.Table
		if key := "history.table." + one.Table; s.words.Has(key) {
			name = p.W(key)
		}
		b.Wrote = append(b.Wrote, fact{Name: name, Value: p.W("history.rows.n", "n", one.Rows)})
	}
	if seq > 1 {
		b.Earlier = p.To("/history/" + strconv.FormatInt(seq-1, 10))
	}
	if !v.Last {
		b.Later = p.To("/history/" + strconv.FormatInt(seq+1, 10))
	}
	p.Body, p.Title = b, p.W("history.event", "n", b.Number)
	return s.show(w, r, http.StatusOK, p)
}

// cameBody tells how something came to be.
type cameBody struct {
	Name   string
	Lead   string
	Rows   []eventRow
	More   string
	Back   []choice
	Summed string
}

// came leads to the events of an object: "how did this come to be". It is "" where
// there is no history.
func (p *page) came(object string) string {
	if !p.Has("/history/of") {
		return ""
	}
	return p.To("/history/of", "object", object)
}

// CameFigure leads to the events of a figure on the basis on which it is judged.
func (p *page) CameFigure(unit, code string, period luoshi.Period) string {
	if period.To == 0 || code == "" {
		return ""
	}
	basis := luoshi.Cumulative
	if period.From > 1 || period.To == 1 {
		basis = luoshi.Single
	}
	return p.came(service.FigureObject(code, unit, period, basis))
}

// CameTarget leads to the events of a target of the page's year.
func (p *page) CameTarget(unit, code string) string {
	year := 0
	if p.Frame != nil {
		year = p.Frame.Year
	}
	return p.came(service.TargetObject(code, unit, year, year))
}

// CameHere leads to the events of what a card of the register shows.
func (p *page) CameHere() string {
	code := p.own.Get("code")
	if kind, ok := strings.CutPrefix(p.path, "/register/"); ok && code != "" && slices.Contains([]string{"indicator", "scheme", "goal", "set"}, kind) {
		return p.came(kind + " " + code)
	}
	return ""
}

// cameOf shows the events of an object to whoever may read it.
func (s *Site) cameOf(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "came")
	asked := r.URL.Query()
	p.keep(asked, "object")
	w.Header().Set("Cache-Control", "no-store")
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	object := strings.Join(strings.Fields(asked.Get("object")), " ")
	v, err := s.board.Came(r.Context(), look, object)
	if err != nil {
		return err
	}
	p.Frame = still(v.Frame)
	if v.Object.Kind == "figure" {
		p.section = "indicators"
	} else if v.Object.Kind != "person" {
		p.section = "register"
	}
	b := &cameBody{Name: p.Say(v.Object.Says), Lead: p.W("came.none")}
	if n := len(v.Events); n > 0 {
		b.Lead = p.W("came.lead", "n", n, "day", v.Events[0].At)
	}
	if v.Summed {
		b.Summed = p.W("came.summed")
	} else if v.Wide && len(v.Events) > 0 {
		b.Summed = p.W("came.wide")
	}
	if v.More {
		b.More = p.W("came.more", "n", len(v.Events))
	}
	b.Back = p.objectLinks(v.Object)
	for i := range b.Back {
		b.Back[i].Text = p.W("came.back")
	}
	for _, e := range v.Events {
		b.Rows = append(b.Rows, p.eventRow(e, service.HistoryCheck{}))
	}
	p.Body, p.Title = b, p.W("came.title")
	return s.show(w, r, http.StatusOK, p)
}
