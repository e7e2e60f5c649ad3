package web

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// intakeBody is one upload as the page lays it out.
type intakeBody struct {
	*service.IntakeView
	Head    string
	Lead    template.HTML
	Files   []string
	Why     string // why it failed or was not saved
	Steps   []step
	Percent int64 // of what is under way, -1 = nobody knows
	Says    string
	State   string // where a script asks how far it is
	Kinds   []kindLine
	Good    int    // entries that would be written
	Refuse  string // why nothing can be saved
	Sheets  []sheetChoice
	Shown   *sheetView
	Errors  []problemLine
	Lists   *pager
	Effect  *intakeTurns
}

// intakeTurns is which lights would turn.
type intakeTurns struct {
	Says, More string
	Rows       []intakeTurn
}

type intakeTurn struct {
	Unit, Name  string
	Now, Then   *light
	Saying      template.HTML
	Better, Bad bool
}

type step struct {
	Text       string
	Done, Here bool
}

type kindLine struct {
	Name string
	service.KindTally
}

type sheetChoice struct {
	choice
	Read bool
}

// sheetView is the sheet that is shown.
type sheetView struct {
	Says         string
	Read, Unread []string // columns, "D 上报值 → 数值"
	Filters      []filter
	Columns      []sheetColumn
	Rows         []sheetLine
	Pages        *pager
	Wide         int // cells of one row with its number and outcome
	Cut          bool
	Counted      bool
}

type filter struct {
	choice
	Class string
	Count int
}

type sheetColumn struct {
	Ref, Head, Means string
	Read, Number     bool
}

type sheetLine struct {
	service.IntakeRow
	Word  string
	Class string
	Cells []sheetCell
	Notes []problemLine
	Also  []string
}

type sheetCell struct {
	service.IntakeCell
	Class string
	Words bool
	Was   string // for whoever cannot see what is struck out
	Says  string // ids of what is said of it
}

type problemLine struct {
	ID, Ref, Where, Href string
	Blocking             bool
	Rule, Fix            string
}

// pager leads through pages.
type pager struct {
	Says                     string
	First, Prev, Next, Last  string
	Page, Pages              int
	FirstWord, PrevWord      string
	NextWord, LastWord, Name string
}

func (p *page) pager(page, pages int, key string, at func(page int) string) *pager {
	if pages <= 1 {
		return nil
	}
	g := &pager{Says: p.W(key, "page", page, "pages", pages), Page: page, Pages: pages}
	if page > 1 {
		g.First, g.Prev = at(1), at(page-1)
	}
	if page < pages {
		g.Next, g.Last = at(page+1), at(pages)
	}
	return g
}

func (s *Site) intake(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "intake")
	p.section, p.stays = "import", true
	p.scripts = []string{"import.js"}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	asked := r.URL.Query()
	q := service.IntakeQuery{
		Look: look, Owner: owner(r), ID: r.PathValue("id"), Sheet: countOf(asked, "sheet"), Page: countOf(asked, "page"), Row: countOf(asked, "row"), Problems: countOf(asked, "problems"), Lang: string(p.Lang),
	}
	if only := asked.Get("only"); slices.Contains(outcomes, only) {
		q.Only = only
	}
	v, err := s.board.Intake(r.Context(), q)
	if err != nil {
		return err
	}
	if v.Stage == service.Kept {
		to := "/imports/" + strconv.FormatInt(v.Batch, 10)
		undo := &notice{Undo: p.To(to + "/undo"), Word: p.W("imports.undo.word")}
		return s.done(w, r, p, p.To(to, "asof", "now"), luoshi.Say("imports.saved.now", "batch", strconv.FormatInt(v.Batch, 10)), undo)
	}
	p.fillIntake(v)
	p.Refresh = v.Stage.Under()
	return s.show(w, r, http.StatusOK, p)
}

// outcomes are the filters of rows.
var outcomes = []string{"new", "changed", "same", "refused", "warned"}

func (p *page) fillIntake(v *service.IntakeView) {
	p.frame(&v.Frame)
	p.own = url.Values{}
	body := &intakeBody{IntakeView: v, Percent: -1, Good: v.Sum.New + v.Sum.Changed, Why: p.remedy(v.Why), State: "/import/" + v.ID + "/state", Says: p.W("intake.stage." + string(v.Stage))}
	p.Body, p.Title = body, p.W("intake.title")
	for _, f := range v.Files {
		body.Files = append(body.Files, p.W("intake.file", "name", f.Name, "size", size(f.Size)))
	}
	if v.Total > 0 {
		body.Percent = min(100, v.Done*100/v.Total)
	}
	body.Steps = p.steps(v.Stage)
	switch {
	case v.Stage.Under():
		body.Head = v.Name
		return
	case v.Stage == service.Failed:
		body.Head = p.W("intake.failed", "name", v.Name)
		return
	}
	body.Head = p.verdict(v)
	body.Lead = p.Rich(luoshi.Say("intake.sum", "new", v.Sum.New, "changed", v.Sum.Changed, "same", v.Sum.Same, "refused", v.Sum.Refused))
	for _, k := range v.Kinds {
		body.Kinds = append(body.Kinds, kindLine{p.W("sheetkind." + string(k.Kind)), k})
	}
	switch {
	case v.Broken:
		body.Refuse = p.remedy(luoshi.Say("import.tree_broken"))
	case body.Good == 0:
		body.Refuse = p.W("import.nothing_to_save")
	}
	for i, problem := range v.Problems {
		body.Errors = append(body.Errors, p.problem("p"+strconv.Itoa(i), problem))
	}
	body.Lists = p.pager(v.Listed, v.Lists, "intake.problems.page", func(n int) string {
		return p.Here("problems", strconv.Itoa(n), "sheet", strconv.Itoa(v.Sheet), "only", v.Only) + "#problems"
	})
	body.Effect = p.intakeTurns(v.Effect)
	p.fillSheets(body)
}

// intakeTurnsShown is how many lights are listed that would turn.
const intakeTurnsShown = 12

func (p *page) intakeTurns(e *service.IntakeEffect) *intakeTurns {
	if e == nil {
		return nil
	}
	v := &intakeTurns{Says: p.W("intake.effect.say", "compared", e.Compared)}
	for _, s := range e.Shifts[:min(intakeTurnsShown, len(e.Shifts))] {
		row := intakeTurn{Unit: p.Name(s.Unit.Name), Name: p.Name(s.Name), Better: s.Worse() < 0, Bad: s.Worse() > 0}
		if s.Before != nil {
			l := p.light(s.Before.Light)
			row.Now = &l
		}
		if s.After != nil {
			l := p.light(s.After.Light)
			row.Then, row.Saying = &l, p.Rich(s.After.Says)
		}
		v.Rows = append(v.Rows, row)
	}
	if more := e.Total - len(v.Rows); more > 0 {
		v.More = p.W("intake.effect.more", "count", more)
	}
	return v
}

// remedy is a message with its way out, as one text.
func (p *page) remedy(m luoshi.Message) string {
	if m.Key == "" {
		return ""
	}
	return p.site.words.Error(p.Lang, &luoshi.Error{Message: m})
}

// Outcomes are those of entries, in the order of the columns.
func (p *page) Outcomes() []string { return outcomes[:4] }

// OutcomesKept is up to how many rows of one outcome are marked.
func (p *page) OutcomesKept() int { return service.OutcomesKept }

// size writes the size of a file.
func size(bytes int64) string {
	switch {
	case bytes >= 10<<20:
		return strconv.FormatInt(bytes>>20, 10) + " MB"
	case bytes >= 1<<20:
		return strconv.FormatFloat(float64(bytes)/(1<<20), 'f', 1, 64) + " MB"
	}
	return strconv.FormatInt(max(1, bytes>>10), 10) + " KB"
}

func (p *page) steps(stage service.Stage) []step {
	at := map[service.Stage]int{service.Waiting: 1, service.Reading: 1, service.Checking: 1, service.Failed: 1, service.Ready: 2, service.Saving: 3}[stage]
	var list []step
	for i, key := range []string{"send", "check", "look", "save"} {
		list = append(list, step{p.W("intake.step." + key), i < at, i == at})
	}
	return list
}

// verdict is the sentence over an upload.
func (p *page) verdict(v *service.IntakeView) string {
	good, bad := v.Sum.New+v.Sum.Changed, v.Sum.Refused
	switch {
	case good == 0 && bad == 0 && v.Sum.Same > 0:
		return p.W("intake.verdict.same", "count", v.Sum.Same)
	case good == 0 && bad == 0:
		return p.W("intake.verdict.nothing")
	case good == 0:
		return p.W("intake.verdict.none", "bad", bad)
	case bad > 0 || v.Blocked:
		return p.W("intake.verdict.some", "good", good, "bad", bad)
	case good == 1:
		return p.W("intake.verdict.one")
	}
	return p.W("intake.verdict.all", "count", good)
}

// problem is a problem with the way to its cell.
func (p *page) problem(id string, one service.IntakeProblem) problemLine {
	line := problemLine{ID: id, Ref: one.Ref, Blocking: one.Severity == luoshi.Blocking, Rule: p.Say(one.Says)}
	if p.site.words.Has(one.Says.Key + ".fix") {
		line.Fix = p.Say(luoshi.Message{Key: one.Says.Key + ".fix", Args: one.Says.Args})
	}
	line.Where = one.Name
	if line.Where == "" {
		line.Where = one.File
	}
	if one.Sheet > 0 && one.Row > 0 {
		line.Href = p.Here("sheet", strconv.Itoa(one.Sheet), "row", strconv.Itoa(one.Row)) + "#r" + strconv.Itoa(one.Row)
	}
	if line.Ref == "" && one.Row > 0 {
		line.Ref = strconv.Itoa(one.Row)
	}
	return line
}

// fillSheets lays out the choice of sheets and the one that is shown.
func (p *page) fillSheets(body *intakeBody) {
	v := body.IntakeView
	for i, sheet := range v.Sheets {
		name := sheet.Name
		if name == "" {
			name = sheet.File
		}
		body.Sheets = append(body.Sheets, sheetChoice{choice{Text: name, Href: p.Here("sheet", strconv.Itoa(i+1)) + "#sheet", On: i+1 == v.Sheet}, sheet.Kind != ""})
	}
	if v.Sheet == 0 {
		return
	}
	sheet := v.Sheets[v.Sheet-1]
	here := func(pairs ...string) string {
		return p.Here(append([]string{"sheet", strconv.Itoa(v.Sheet), "only", v.Only}, pairs...)...) + "#sheet"
	}
	key := "intake.sheet.read"
	if sheet.Grid {
		key = "intake.sheet.grid"
	}
	shown := &sheetView{Says: p.W(key, "kind", p.W("sheetkind."+string(sheet.Kind)), "rows", sheet.Rows, "skipped", sheet.Skipped), Wide: v.Width + 2, Cut: !v.Uncut}
	shown.Pages = p.pager(v.Page, v.Pages, "intake.pages", func(n int) string { return here("page", strconv.Itoa(n)) })
	p.sheetColumns(shown, sheet, v.Width)
	shown.Filters = append(shown.Filters, filter{choice: choice{Text: p.W("intake.only.all"), Href: here("only", ""), On: v.Only == ""}, Count: -1})
	for i, count := range []int{sheet.New, sheet.Changed, sheet.Same, sheet.Refused, sheet.Warned} {
		if only := outcomes[i]; count > 0 || v.Only == only {
			shown.Filters = append(shown.Filters, filter{choice{Text: p.W("intake.outcome." + only), Href: here("only", only), On: v.Only == only}, "is-" + only, count})
		}
		shown.Counted = shown.Counted || count > service.OutcomesKept
	}
	for _, row := range v.Rows {
		shown.Rows = append(shown.Rows, p.sheetLine(row, shown.Columns))
	}
	body.Shown = shown
}

// sheetColumns says what each column was taken for.
func (p *page) sheetColumns(shown *sheetView, sheet service.IntakeSheet, width int) {
	for col := range width {
		c := sheetColumn{Ref: luoshi.Place{Col: col + 1}.Ref()}
		if col < len(sheet.Columns) {
			one := sheet.Columns[col]
			c.Head, c.Read, c.Number = one.Head, one.Field != "", one.Number
			switch {
			case one.Period.Year > 0:
				c.Means = p.Show(one.Period, "")
				if one.Basis != "" {
					c.Means += " " + p.Show(one.Basis, "")
				}
			case c.Read:
				c.Means = p.Name(one.Name)
			case c.Head != "":
				c.Means = p.W("intake.col.unread")
			}
			switch {
			case c.Head == "":
			case c.Read:
				shown.Read = append(shown.Read, c.Head)
			default:
				shown.Unread = append(shown.Unread, c.Head)
			}
		}
		shown.Columns = append(shown.Columns, c)
	}
}

func (p *page) sheetLine(row service.IntakeRow, columns []sheetColumn) sheetLine {
	line := sheetLine{IntakeRow: row}
	if row.Outcome != 0 {
		line.Word, line.Class = p.W("intake.outcome."+row.Outcome.String()), "is-"+row.Outcome.String()
	}
	for i, problem := range row.Says {
		line.Notes = append(line.Notes, p.problem("r"+strconv.Itoa(row.Number)+"n"+strconv.Itoa(i), problem))
	}
	for i, c := range row.Cells {
		cell := sheetCell{IntakeCell: c, Words: row.Head || !columns[i].Number}
		switch {
		case c.Bad:
			cell.Class = "bad"
		case c.Changes:
			cell.Class = "chg"
		case c.Warned:
			cell.Class = "warn"
		case c.Outcome == service.RowNew:
			cell.Class = "new"
		}
		if c.Changes {
			cell.Was = p.W("intake.was.empty")
			if c.Old != "" {
				cell.Was = p.W("intake.was", "old", c.Old)
			}
		}
		for _, n := range line.Notes {
			if n.Ref == c.Ref {
				cell.Says += n.ID + " "
			}
		}
		line.Cells = append(line.Cells, cell)
	}
	for _, c := range row.Beside {
		old := c.Old
		if old == "" {
			old = p.W("intake.nothing")
		}
		now := c.New
		if now == "" {
			now = p.W("intake.nothing")
		}
		line.Also = append(line.Also, p.W("intake.beside", "name", p.Name(c.Name), "old", old, "new", now))
	}
	return line
}
