package service

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/office"
)

// IntakeQuery asks to see an intake: a page of the rows of one sheet, or of those
// of one outcome.
type IntakeQuery struct {
	Look
	Owner, ID string
	Sheet     int    // by its place among the sheets, from one; 0 = the first with something to see
	Only      string // "new", "changed", "same", "refused", "warned"; "" = the sheet as it is
	Page      int    // from one
	Row       int    // the page on which this row stands, if > 0
	Problems  int    // page of the list of problems, from one
	Lang      string // in which old values are written
}

// The sizes of pages.
const (
	IntakePage    = 100
	ProblemsShown = 50
)

// IntakeView is an intake as it stands.
type IntakeView struct {
	Frame
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	Files    []IntakeFile    `json:"files"`
	Stage    Stage           `json:"stage"`
	Done     int64           `json:"done"`
	Total    int64           `json:"total"`
	Why      luoshi.Message  `json:"-"` // why it failed or was not saved, Key "" = no reason
	Batch    int64           `json:"batch,omitempty"`
	Kinds    []KindTally     `json:"kinds"`
	Sum      KindTally       `json:"sum"`
	Blocked  bool            `json:"blocked"` // some rows are wrong
	Broken   bool            `json:"broken"`  // nothing can be saved
	Sheets   []IntakeSheet   `json:"sheets"`
	Sheet    int             `json:"sheet"` // that is shown, from one; 0 = none
	Only     string          `json:"only,omitempty"`
	Rows     []IntakeRow     `json:"rows"`
	Width    int             `json:"width"` // columns shown
	Page     int             `json:"page"`
	Pages    int             `json:"pages"`
	Uncut    bool            `json:"uncut"` // every row of the upload is kept for showing
	Problems []IntakeProblem `json:"problems"`
	Errors   int             `json:"errors"` // problems that keep rows out
	Warnings int             `json:"warnings"`
	Listed   int             `json:"listed"` // page of the problems
	Lists    int             `json:"lists"`
	Effect   *IntakeEffect   `json:"effect,omitempty"` // nil: not worked out
}

// IntakeEffect is what saving would do to the board of today.
type IntakeEffect struct {
	AsOf     time.Time `json:"asof"`
	Compared int       `json:"compared"`
	Total    int       `json:"total"`  // lights that would turn
	Shifts   []Shift   `json:"shifts"` // the first of them
}

// IntakeFile is one of the files.
type IntakeFile struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

// KindTally counts what becomes of the entries of one kind.
type KindTally struct {
	Kind    office.Kind `json:"kind,omitempty"`
	New     int         `json:"new"`
	Changed int         `json:"changed"`
	Same    int         `json:"same"`
	Refused int         `json:"refused"`
}

// IntakeSheet is one sheet of the upload.
type IntakeSheet struct {
	File    string         `json:"file"`
	Name    string         `json:"name"` // "" for a CSV
	Kind    office.Kind    `json:"kind"` // "" where it was not recognised
	Grid    bool           `json:"grid"`
	Rows    int            `json:"rows"` // rows (cells of a grid) read
	Skipped int            `json:"skipped"`
	Head    int            `json:"head"`
	Columns []IntakeColumn `json:"columns"`
	New     int            `json:"new"`
	Changed int            `json:"changed"`
	Same    int            `json:"same"`
	Refused int            `json:"refused"`
	Warned  int            `json:"warned"`
}

// IntakeColumn is a column and what it was taken for.
type IntakeColumn struct {
	Ref    string        `json:"ref"`
	Head   string        `json:"head"`
	Field  string        `json:"field,omitempty"` // "" = not read
	Name   luoshi.Names  `json:"name"`
	Number bool          `json:"number,omitempty"` // it holds quantities
	Period luoshi.Period `json:"period,omitzero"`
	Basis  luoshi.Basis  `json:"basis,omitempty"`
}

// IntakeRow is one row as it stands in the sheet.
type IntakeRow struct {
	Number  int             `json:"row"`
	Head    bool            `json:"head,omitempty"`
	Outcome Outcome         `json:"outcome,omitzero"` // the gravest of its cells'
	Cells   []IntakeCell    `json:"cells"`
	Beside  []IntakeChange  `json:"beside,omitempty"` // what changes and has no column
	Says    []IntakeProblem `json:"problems,omitempty"`
}

// IntakeCell is one cell.
type IntakeCell struct {
	Ref     string  `json:"ref"`
	Text    string  `json:"text"`
	Outcome Outcome `json:"outcome,omitzero"` // of a cell that is a figure of its own
	Old     string  `json:"old,omitempty"`    // what is known and is to change
	Changes bool    `json:"changes,omitempty"`
	Bad     bool    `json:"bad,omitempty"`
	Warned  bool    `json:"warned,omitempty"`
}

// IntakeChange is a value that changes.
type IntakeChange struct {
	Name luoshi.Names `json:"name"`
	Old  string       `json:"old"`
	New  string       `json:"new"`
}

// IntakeProblem is a problem at its cell. The words of Says.Key + ".fix" say the
// way out.
type IntakeProblem struct {
	Sheet    int             `json:"sheet"` // from one, 0 = of a whole file
	File     string          `json:"file,omitempty"`
	Name     string          `json:"name,omitempty"`
	Row      int             `json:"row,omitempty"`
	Ref      string          `json:"ref,omitempty"`
	Text     string          `json:"text,omitempty"` // what the cell holds
	Severity luoshi.Severity `json:"severity"`
	Says     luoshi.Message  `json:"-"`
}

// Intake shows an upload before it is saved.
func (s *Service) Intake(ctx context.Context, q IntakeQuery) (*IntakeView, error) {
	in, err := s.intake(q.Owner, q.ID)
	if err != nil {
		return nil, err
	}
	v := &IntakeView{ID: in.id, Name: in.name()}
	if v.Frame, err = s.frameAt(ctx, q.Look); err != nil {
		return nil, err
	}
	for _, f := range in.files {
		v.Files = append(v.Files, IntakeFile{f.name, f.size})
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	v.Stage, v.Done, v.Total, v.Batch, v.Why = in.stage, in.done, in.total, in.batch, whyOf(in.err)
	if in.report == nil || in.rows == nil {
		return v, nil
	}
	v.sum(in)
	if err := v.show(in, q); err != nil {
		return nil, err
	}
	v.list(in, q.Problems)
	if e := in.effect; e != nil {
		v.Effect = &IntakeEffect{e.AsOf, e.Compared, len(e.Shifts), e.Shifts[:min(effectShifts, len(e.Shifts))]}
	}
	return v, nil
}

// frameAt is the head of a page that shows nothing of the board itself.
func (s *Service) frameAt(ctx context.Context, look Look) (Frame, error) {
	sn, node, err := s.stand(ctx, look)
	if err != nil {
		return Frame{}, err
	}
	return s.frame(ctx, sn, node)
}

func whyOf(err error) luoshi.Message {
	if err == nil {
		return luoshi.Message{}
	}
	return messageOf(err)
}

// sum counts what becomes of everything.
func (v *IntakeView) sum(in *intake) {
	r := in.report
	v.Blocked, v.Broken, v.Uncut = luoshi.Blocked(r.Problems), r.Broken, !in.rows.cut
	for _, kind := range office.Kinds {
		t, there := r.Tally[kind]
		if !there || t == (Tally{}) {
			continue
		}
		v.Kinds = append(v.Kinds, KindTally{kind, t.New, t.Changed, t.Same, t.Refused})
		v.Sum.New, v.Sum.Changed, v.Sum.Same, v.Sum.Refused = v.Sum.New+t.New, v.Sum.Changed+t.Changed, v.Sum.Same+t.Same, v.Sum.Refused+t.Refused
	}
	for _, p := range r.Problems {
		if p.Severity == luoshi.Blocking {
			v.Errors++
		} else {
			v.Warnings++
		}
	}
	for _, sheet := range r.Sheets {
		one := IntakeSheet{File: sheet.File, Name: sheet.Name, Kind: sheet.Kind, Grid: sheet.Wide, Rows: sheet.Rows + sheet.Blocked, Skipped: sheet.Skipped, Head: sheet.Head}
		for _, c := range sheet.Columns {
			one.Columns = append(one.Columns, IntakeColumn{luoshi.Place{Col: c.Col}.Ref(), c.Head, c.Field, c.Name, c.Number, c.Period, c.Basis})
		}
		n := in.ledger.count(sheet.File, sheet.Name)
		one.New, one.Changed, one.Same, one.Refused = n[RowNew], n[RowChanged], n[RowSame], n[RowRefused]
		one.Warned = len(in.warned(sheetName{sheet.File, sheet.Name}))
		v.Sheets = append(v.Sheets, one)
	}
}

// warned lists the rows of a sheet that pass with a warning.
func (in *intake) warned(name sheetName) []int {
	var rows []int
	for row, list := range in.byRow[name] {
		if row > 0 && slices.ContainsFunc(list, func(i int) bool { return in.report.Problems[i].Severity == luoshi.Warning }) {
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	return rows
}

// show puts a page of rows into the view.
func (v *IntakeView) show(in *intake, q IntakeQuery) error {
	v.Only, v.Page, v.Pages = q.Only, 1, 1
	v.Sheet = v.pick(in, q.Sheet)
	if v.Sheet == 0 {
		return nil
	}
	sheet := v.Sheets[v.Sheet-1]
	kept := in.rows.sheet(sheetName{sheet.File, sheet.Name})
	if kept == nil {
		return nil
	}
	v.Width = max(kept.width, 1)
	rows, err := v.turn(in, kept, q)
	if err != nil {
		return err
	}
	for _, r := range rows {
		v.Rows = append(v.Rows, in.row(sheet, v.Sheet, r, v.Width, q.Lang))
	}
	return nil
}

// pick is the sheet that is shown: the one asked for, or else the first with
// something wrong, or else the first with rows.
func (v *IntakeView) pick(in *intake, asked int) int {
	has := func(i int) bool {
		return in.rows.sheet(sheetName{v.Sheets[i].File, v.Sheets[i].Name}) != nil
	}
	if asked > 0 && asked <= len(v.Sheets) && has(asked-1) {
		return asked
	}
	first := 0
	for i, sheet := range v.Sheets {
		if !has(i) {
			continue
		}
		if sheet.Refused > 0 {
			return i + 1
		}
		if first == 0 {
			first = i + 1
		}
	}
	return first
}

// turn reads the page of rows that is asked for.
func (v *IntakeView) turn(in *intake, kept *rowSheet, q IntakeQuery) ([]sheetRow, error) {
	total := kept.rows
	var numbers []int
	if q.Only != "" {
		numbers = in.only(kept.sheetName, q.Only)
		total = len(numbers)
	}
	v.Pages = max(1, (total+IntakePage-1)/IntakePage)
	page := q.Page
	if q.Row > 0 {
		before, _ := slices.BinarySearch(numbers, q.Row)
		if q.Only == "" {
			var err error
			if before, err = in.rows.place(kept, q.Row); err != nil {
				return nil, err
			}
		}
		page = before/IntakePage + 1
	}
	v.Page = min(max(page, 1), v.Pages)
	from := (v.Page - 1) * IntakePage
	if q.Only == "" {
		return in.rows.page(kept, from, IntakePage)
	}
	return in.rows.rows(kept, numbers[from:min(from+IntakePage, len(numbers))])
}

// only lists the rows of a sheet that have an outcome.
func (in *intake) only(name sheetName, only string) []int {
	if only == "warned" {
		return in.warned(name)
	}
	seen := map[int]bool{}
	for _, n := range in.ledger.of(name.file, name.sheet, 0, 1<<30) {
		if n.outcome.String() == only {
			seen[int(n.row)] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// row says what becomes of one row, cell by cell.
func (in *intake) row(sheet IntakeSheet, at int, r sheetRow, width int, lang string) IntakeRow {
	row := IntakeRow{Number: r.number, Head: r.number == sheet.Head}
	for col := range width {
		c := IntakeCell{Ref: luoshi.Place{Row: r.number, Col: col + 1}.Ref()}
		if col < len(r.cells) {
			c.Text = r.cells[col]
		}
		row.Cells = append(row.Cells, c)
	}
	name := sheetName{sheet.File, sheet.Name}
	for _, n := range in.ledger.of(name.file, name.sheet, r.number, r.number) {
		row.Outcome = gravest(row.Outcome, n.outcome)
		if n.col > 0 && int(n.col) <= width {
			row.Cells[n.col-1].Outcome = n.outcome
		}
		for _, c := range in.ledger.changes[n.change] {
			old, now := office.Text(sheet.Kind, c.Field, c.Old, lang), office.Text(sheet.Kind, c.Field, c.New, lang)
			if c.col > 0 && c.col <= width {
				cell := &row.Cells[c.col-1]
				cell.Changes, cell.Old = true, old
			} else {
				row.Beside = append(row.Beside, IntakeChange{office.Head(sheet.Kind, c.Field), old, now})
			}
		}
	}
	for _, i := range in.byRow[name][r.number] {
		p := in.problem(i, at)
		if col := in.report.Problems[i].Col; col > 0 && col <= width {
			row.Cells[col-1].Bad = row.Cells[col-1].Bad || p.Severity == luoshi.Blocking
			row.Cells[col-1].Warned = true
		}
		row.Says = append(row.Says, p)
	}
	return row
}

// gravest is what a row is marked with whose cells have different outcomes.
func gravest(a, b Outcome) Outcome {
	rank := [...]int{0, 2, 3, 1, 4}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

func (in *intake) problem(i, sheet int) IntakeProblem {
	p := in.report.Problems[i]
	return IntakeProblem{Sheet: sheet, File: p.File, Name: p.Sheet, Row: p.Row, Ref: p.Ref(), Severity: p.Severity, Says: p.Message}
}

// list puts a page of the problems into the view, what keeps rows out first.
func (v *IntakeView) list(in *intake, page int) {
	order := in.ordered()
	v.Lists = max(1, (len(order)+ProblemsShown-1)/ProblemsShown)
	v.Listed = min(max(page, 1), v.Lists)
	from := (v.Listed - 1) * ProblemsShown
	for _, i := range order[from:min(from+ProblemsShown, len(order))] {
		v.Problems = append(v.Problems, in.problem(i, v.sheetOf(in.report.Problems[i].Place)))
	}
}

// ordered lists the problems: what keeps rows out first, else as they stand; what
// was only counted stands behind what it is like.
func (in *intake) ordered() []int {
	sheets := map[sheetName]int{}
	for i, sheet := range in.report.Sheets {
		sheets[sheetName{sheet.File, sheet.Name}] = i + 1
	}
	order := make([]int, len(in.report.Problems))
	for i := range order {
		order[i] = i
	}
	counted := func(p luoshi.Problem) int {
		if p.Message.Key == "office.problems.more" {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(order, func(i, k int) int {
		a, b := in.report.Problems[i], in.report.Problems[k]
		return cmp.Or(strings.Compare(string(a.Severity), string(b.Severity)), // blocking, warning
			cmp.Compare(sheets[sheetName{a.File, a.Sheet}], sheets[sheetName{b.File, b.Sheet}]), counted(a)-counted(b), a.Row-b.Row, a.Col-b.Col)
	})
	return order
}

func (v *IntakeView) sheetOf(p luoshi.Place) int {
	return slices.IndexFunc(v.Sheets, func(s IntakeSheet) bool { return s.File == p.File && s.Name == p.Sheet }) + 1
}

// IntakeProblems hands out every problem of an intake with what its cell holds.
func (s *Service) IntakeProblems(owner, id string) ([]IntakeProblem, error) {
	in, err := s.intake(owner, id)
	if err != nil {
		return nil, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.report == nil || in.rows == nil {
		return nil, &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("import.not_ready")}
	}
	list := make([]IntakeProblem, 0, len(in.report.Problems))
	for _, i := range in.ordered() {
		p := in.problem(i, 0)
		if at := in.report.Problems[i].Place; at.Row > 0 && at.Col > 0 {
			if p.Text, err = in.cell(at); err != nil {
				return nil, err
			}
		}
		list = append(list, p)
	}
	return list, nil
}

// cell is what stands at a place.
func (in *intake) cell(at luoshi.Place) (string, error) {
	kept := in.rows.sheet(sheetName{at.File, at.Sheet})
	if kept == nil {
		return "", nil
	}
	rows, err := in.rows.rows(kept, []int{at.Row})
	if err != nil {
		return "", fmt.Errorf("cell %s: %w", at.Ref(), err)
	}
	if len(rows) == 0 || at.Col > len(rows[0].cells) {
		return "", nil
	}
	return rows[0].cells[at.Col-1], nil
}

// ProblemSheet is what is wrong with an upload as a table in one language.
type ProblemSheet struct {
	Owner, ID string
	Book      bool // a workbook, else CSV
	Lang      string
	Name      string
	Heads     []string // file, sheet, cell, what stands there, how grave, rule, way out
	Blocking  string
	Warning   string
	Say       func(luoshi.Message) string // in the language; "" for a key without words
}

// WriteProblems writes every problem of an intake as a table.
func (s *Service) WriteProblems(_ context.Context, w io.Writer, q ProblemSheet) error {
	problems, err := s.IntakeProblems(q.Owner, q.ID)
	if err != nil {
		return err
	}
	sheet := office.Sheet{Name: q.Name, Heads: q.Heads, Widths: []float64{24, 14, 8, 18, 10, 60, 60}}
	for _, p := range problems {
		grave := q.Blocking
		if p.Severity == luoshi.Warning {
			grave = q.Warning
		}
		fix := p.Says
		fix.Key += ".fix"
		sheet.Rows = append(sheet.Rows, []string{p.File, p.Name, p.Ref, p.Text, grave, q.Say(p.Says), q.Say(fix)})
	}
	if q.Book {
		return office.WriteSheetBook(w, sheet, q.Lang)
	}
	return office.WriteSheetCSV(w, sheet)
}
