package service

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/office"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// Entry is a figure on its way in, by codes.
type Entry = office.FigureRow

// ImportOptions say how a workbook is taken in.
type ImportOptions struct {
	Name   string
	By     string
	Note   string
	DryRun bool // check everything, save nothing
	// SaveRight saves the rows that are right although others are not. Without it
	// one blocking problem keeps the whole workbook out.
	SaveRight bool
	// History loads what was known at earlier instants: figures count as learned on
	// their day of publication, targets on the day from which they hold, everything
	// else at At. It is for setting up; the store refuses it where it would change
	// what was already recorded later.
	History  bool
	At       time.Time // recorded time of what History does not date; zero = now
	Progress func(stage string, done, total int64)
	// PerRule is how many problems of one rule in one sheet are kept, the others are
	// counted; 0 = 1000.
	PerRule int
	// Expect keeps everything out unless exactly this becomes of the rows: what was
	// shown before is what is saved.
	Expect map[office.Kind]Tally

	ledger *ledger // where what becomes of each row is noted
	line   func(file, sheet string, row int, cells []string) error
	kind   string                   // of the batch; "" = an import
	look   func(im *importer) error // at what would be written, before it is
}

// Tally counts what becomes of the rows of one kind.
type Tally struct {
	New, Changed, Same, Refused int
}

// ImportReport says what a workbook holds and what became of it.
type ImportReport struct {
	Sheets   []office.SheetInfo
	Tally    map[office.Kind]Tally
	Problems []luoshi.Problem
	Broken   bool // the unit tree would be: nothing can be saved
	Saved    bool
	Batch    int64
}

// Rows is the number of rows that were or would be written.
func (r *ImportReport) Rows() int {
	n := 0
	for _, t := range r.Tally {
		n += t.New + t.Changed
	}
	return n
}

// ImportPath takes in a workbook, a CSV file, or a folder or .zip of CSV files.
func (s *Service) ImportPath(ctx context.Context, path string, opt ImportOptions) (*ImportReport, error) {
	draft, err := office.ReadPath(ctx, path, office.Options{Name: path, Progress: opt.stage("read")})
	if err != nil {
		return nil, err
	}
	return s.importDraft(ctx, draft, opt)
}

// ImportReader takes in one uploaded file.
func (s *Service) ImportReader(ctx context.Context, src io.ReaderAt, size int64, opt ImportOptions) (*ImportReport, error) {
	return s.importFiles(ctx, []office.File{{Name: opt.Name, Src: src, Size: size}}, office.Options{}, opt)
}

func (s *Service) importFiles(ctx context.Context, files []office.File, limits office.Options, opt ImportOptions) (*ImportReport, error) {
	limits.Progress, limits.Line, limits.PerRule = opt.stage("read"), opt.line, opt.PerRule
	if opt.ledger != nil {
		limits.Refused = func(kind office.Kind, at luoshi.Place) { opt.ledger.note(kind, at, RowRefused, nil) }
	}
	draft, err := office.ReadFiles(ctx, files, limits)
	if err != nil {
		return nil, err
	}
	return s.importDraft(ctx, draft, opt)
}

// ImportFS takes in a folder of CSV files and figures from elsewhere.
func (s *Service) ImportFS(ctx context.Context, files fs.FS, more iter.Seq[Entry], opt ImportOptions) (*ImportReport, error) {
	draft, err := office.ReadFS(ctx, files, office.Options{Name: opt.Name, Progress: opt.stage("read")})
	if err != nil {
		return nil, err
	}
	if more != nil {
		draft.Figures = slices.AppendSeq(draft.Figures, more)
	}
	return s.importDraft(ctx, draft, opt)
}

func (o ImportOptions) stage(name string) func(done, total int64) {
	if o.Progress == nil {
		return nil
	}
	return func(done, total int64) { o.Progress(name, done, total) }
}

// importer carries one import: what is stored, what is new, what is wrong.
type importer struct {
	opt    ImportOptions
	draft  *office.Draft
	report *ImportReport
	at     time.Time
	before *plan // what held

	units      []luoshi.Unit // stored, then those of the draft
	links      []luoshi.Succession
	stored     map[string]bool // indicators that the store has already
	indicators map[string]luoshi.Indicator
	sets       map[string]luoshi.IndicatorSet
	goals      map[string]luoshi.Goal
	schemes    map[string]luoshi.Scheme
	targets    map[targetKey][]luoshi.Target
	codes      *codebook

	newUnits       []luoshi.Unit
	newLinks       []luoshi.Succession
	newIndicators  []luoshi.Indicator
	newSets        []luoshi.IndicatorSet
	newGoals       []luoshi.Goal
	newSchemes     []luoshi.Scheme
	newTargets     []luoshi.Target
	newFigures     []luoshi.Figure
	ledger         *ledger // nil: nobody asks what becomes of each row
	rules          map[ruleAt]int
	firsts         map[ruleAt]luoshi.Problem // of those that are only counted
	nearIndicators map[string][]string
	years          map[yearKey]map[luoshi.UnitID]*knownYear // as they would be after the import
	judge          judge                                    // whoever guards the context, nil = the caller is trusted
	verdicts       map[judged]luoshi.Message
	madeUnits      int // ids below zero given so far, until the store gives real ones
}

func (s *Service) importDraft(ctx context.Context, draft *office.Draft, opt ImportOptions) (*ImportReport, error) {
	im, err := s.newImporter(ctx, draft, opt)
	if err != nil {
		return nil, err
	}
	im.takeUnits()
	im.takeIndicators()
	im.takeSchemes()
	im.takeSets()
	im.takeGoals()
	im.takeTargets()
	if err := im.takeFigures(ctx, s.store); err != nil {
		return nil, err
	}
	im.sumUp()
	if opt.look != nil {
		if err := opt.look(im); err != nil {
			return nil, err
		}
	}
	r := im.report
	if opt.Expect != nil && !maps.Equal(opt.Expect, r.Tally) {
		return r, &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("import.changed_since")}
	}
	if opt.DryRun || r.Broken || r.Rows() == 0 || luoshi.Blocked(r.Problems) && !opt.SaveRight {
		return r, nil
	}
	if err := im.giveUnitIDs(ctx, s.store); err != nil {
		return nil, err
	}
	if err := s.store.Write(ctx, func(tx *store.Tx) error { return im.save(ctx, tx) }); err != nil {
		return nil, err
	}
	r.Saved = true
	s.refresher.touch(im.urgent())
	return r, nil
}

func (s *Service) newImporter(ctx context.Context, draft *office.Draft, opt ImportOptions) (*importer, error) {
	im := &importer{
		opt: opt, draft: draft, at: opt.At, ledger: opt.ledger, nearIndicators: map[string][]string{}, rules: map[ruleAt]int{}, firsts: map[ruleAt]luoshi.Problem{},
		report: &ImportReport{Sheets: draft.Sheets, Tally: map[office.Kind]Tally{}, Problems: draft.Problems},
		stored: map[string]bool{}, indicators: map[string]luoshi.Indicator{}, sets: map[string]luoshi.IndicatorSet{}, goals: map[string]luoshi.Goal{},
		schemes: map[string]luoshi.Scheme{}, targets: map[targetKey][]luoshi.Target{}, verdicts: map[judged]luoshi.Message{},
	}
	im.judge, _ = ctx.Value(judgeKey{}).(judge)
	if im.at.IsZero() {
		im.at = s.now()
	}
	for _, sheet := range draft.Sheets {
		if sheet.Kind != "" {
			im.count(sheet.Kind, func(t *Tally) { t.Refused += sheet.Blocked })
		}
	}
	p, err := s.loadPlan(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	im.opt.By = clerk(ctx, opt.By)
	im.before, im.units, im.links = p, p.units, p.links
	for _, in := range p.indicators {
		im.indicators[in.Code] = in
		im.stored[in.Code] = true
	}
	for _, set := range p.sets {
		im.sets[set.Code] = set
	}
	for _, g := range p.goals {
		im.goals[g.Code] = g
	}
	for _, sc := range p.schemes {
		im.schemes[sc.Code] = sc
	}
	for _, t := range p.targets {
		im.targets[keyOf(t)] = append(im.targets[keyOf(t)], t)
	}
	im.codes = newCodebook(im.units)
	im.codes.near = map[string][]string{}
	return im, nil
}

func (im *importer) count(kind office.Kind, f func(*Tally)) {
	t := im.report.Tally[kind]
	f(&t)
	im.report.Tally[kind] = t
}

// add keeps a problem. Of one rule in one sheet the first are kept and the rest
// counted, as office does with its own.
func (im *importer) add(p luoshi.Problem) {
	id := ruleAt{p.File, p.Sheet, p.Message.Key}
	if im.rules[id]++; im.rules[id] <= im.perRule() {
		im.report.Problems = append(im.report.Problems, p)
	} else if _, noted := im.firsts[id]; !noted {
		im.firsts[id] = p
	}
}

// refuse notes a blocking problem at a field of a row and counts the row out.
func (im *importer) refuse(kind office.Kind, row office.Spot, field string, m luoshi.Message) {
	im.count(kind, func(t *Tally) { t.Refused++ })
	im.ledger.note(kind, row.Place, RowRefused, nil)
	im.add(luoshi.Problem{Place: row.At(field), Severity: luoshi.Blocking, Message: m})
}

func (im *importer) warn(at luoshi.Place, key string, pairs ...any) {
	im.add(luoshi.Problem{Place: at, Severity: luoshi.Warning, Message: luoshi.Say(key, pairs...)})
}

// refuseAll puts problems that a noun found in itself at a field of the row.
func (im *importer) refuseAll(kind office.Kind, row office.Spot, field string, problems []luoshi.Problem) bool {
	blocked := luoshi.Blocked(problems)
	for _, p := range problems {
		p.Place = row.At(field)
		im.add(p)
	}
	if blocked {
		im.count(kind, func(t *Tally) { t.Refused++ })
		im.ledger.note(kind, row.Place, RowRefused, nil)
	}
	return blocked
}

// nounIntents are what it takes to write what holds for all units alike.
var nounIntents = map[office.Kind]workflow.Intent{
	office.Units: workflow.EditUnits, office.Changes: workflow.EditUnits,
	office.Indicators: workflow.EditPlan, office.Schemes: workflow.EditPlan, office.Sets: workflow.EditPlan, office.Goals: workflow.EditPlan,
}

// barred refuses a row that whoever imports has no right to write: at a unit, or
// with 0 at the top of the tree.
func (im *importer) barred(kind office.Kind, row office.Spot, field string, intent workflow.Intent, unit luoshi.UnitID) bool {
	if im.judge == nil {
		return false
	}
	at := judged{intent, unit}
	why, known := im.verdicts[at]
	if !known {
		if err := im.judge(intent, unit); err != nil {
			why = messageOf(err)
		}
		im.verdicts[at] = why
	}
	if why.Key != "" {
		im.refuse(kind, row, field, why)
	}
	return why.Key != ""
}

type judged struct {
	intent workflow.Intent
	unit   luoshi.UnitID
}

// same counts a row that says what is known.
func (im *importer) same(kind office.Kind, row office.Spot) {
	im.count(kind, func(t *Tally) { t.Same++ })
	im.ledger.note(kind, row.Place, RowSame, nil)
}

// tally counts a row as new, changed or the same and reports whether to write it.
// differ says what is to change, where that is asked for.
func (im *importer) tally(kind office.Kind, row office.Spot, known, same bool, differ func() []office.Difference) bool {
	if intent, noun := nounIntents[kind]; noun && (!known || !same) && im.barred(kind, row, "code", intent, 0) {
		return false
	}
	if im.ledger != nil {
		state := RowNew
		if known {
			state = RowChanged
		}
		if known && same {
			state = RowSame
		}
		im.ledger.note(kind, row.Place, state, at(row, state, differ))
	}
	return im.counted(kind, known, same)
}

// counted is tally without the row.
func (im *importer) counted(kind office.Kind, known, same bool) bool {
	im.count(kind, func(t *Tally) {
		switch {
		case !known:
			t.New++
		case same:
			t.Same++
		default:
			t.Changed++
		}
	})
	return !known || !same
}

// mark says what becomes of one of several rows that are counted together.
func (im *importer) mark(kind office.Kind, row office.Spot, known bool, differ func() []office.Difference) {
	if im.ledger == nil {
		return
	}
	state := RowNew
	var changes []fieldChange
	if known {
		state = RowSame
		if changes = at(row, RowChanged, differ); len(changes) > 0 {
			state = RowChanged
		}
	}
	im.ledger.note(kind, row.Place, state, changes)
}

// ruleAt is a rule broken in a sheet.
type ruleAt struct{ file, sheet, key string }

// keptPerRule is how many problems of one rule in one sheet are kept, if nobody says.
const keptPerRule = 1000

func (im *importer) perRule() int {
	if im.opt.PerRule > 0 {
		return im.opt.PerRule
	}
	return keptPerRule
}

// sumUp adds one problem for each rule that was broken too often to list.
func (im *importer) sumUp() {
	for _, id := range slices.SortedFunc(maps.Keys(im.firsts), func(a, b ruleAt) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.sheet, b.sheet), cmp.Compare(a.key, b.key))
	}) {
		p := im.firsts[id]
		p.Place = luoshi.Place{File: id.file, Sheet: id.sheet}
		p.Message = luoshi.Say("office.problems.more", "count", im.rules[id]-im.perRule(), "like", p.Message)
		im.report.Problems = append(im.report.Problems, p)
	}
}

// messageOf is the message of one of our errors.
func messageOf(err error) luoshi.Message {
	var e *luoshi.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return luoshi.Say("error.internal")
}

// save writes everything in one transaction. It may run again.
func (im *importer) save(ctx context.Context, tx *store.Tx) error {
	batch, err := tx.NewBatch(ctx, store.Batch{Name: im.opt.Name, Kind: cmp.Or(im.opt.kind, "import"), By: im.opt.By, At: im.at, Note: im.opt.Note, Rows: int64(im.report.Rows())})
	if err != nil {
		return err
	}
	im.report.Batch = batch
	for _, step := range []func() error{
		func() error { return tx.AddUnits(ctx, im.newUnits) },
		func() error { return tx.AddSuccessions(ctx, im.newLinks) },
		func() error { return tx.AddIndicators(ctx, im.newIndicators) },
		func() error { return tx.AddSets(ctx, im.newSets) },
		func() error { return tx.AddGoals(ctx, im.newGoals) },
		func() error { return tx.AddSchemes(ctx, im.newSchemes) },
		func() error { return tx.AddTargets(ctx, im.newTargets) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := tx.Lock(ctx, im.touched()); err != nil {
		return err
	}
	const step = 50_000
	for done := 0; done < len(im.newFigures); done += step {
		part := im.newFigures[done:min(done+step, len(im.newFigures))]
		if err := tx.AddFigures(ctx, batch, part); err != nil {
			return err
		}
		if im.opt.Progress != nil {
			im.opt.Progress("save", int64(done+len(part)), int64(len(im.newFigures)))
		}
	}
	tx.Record(im.event(ctx))
	return nil
}

// event is the event of what was saved: of a change what differs, of an import how
// many rows of each kind.
func (im *importer) event(ctx context.Context) luoshi.Event {
	w := &written{im.newUnits, im.newLinks, im.newIndicators, im.newSets, im.newGoals, im.newSchemes, im.newTargets, nil, nil, im.newFigures}
	if im.opt.kind != "" {
		return newContrast(im.before, w).event(ctx, w, im.report.Batch, im.opt.Note)
	}
	state := luoshi.EventState{Batch: im.report.Batch, Name: im.opt.Name, History: im.opt.History, Rows: map[string]luoshi.RowsWritten{}, Targets: w.targetCodes()}
	for kind, t := range im.report.Tally {
		if t.New+t.Changed > 0 {
			state.Rows[string(kind)] = luoshi.RowsWritten{New: t.New, Changed: t.Changed}
		}
	}
	e := byOf(ctx).Event(w.intent(), importObject(im.report.Batch), w.whose(after(im.before, w)))
	e.Reason, e.After = im.opt.Note, state.Text()
	return e
}

// touched are the indicator-years that the figures touch.
func (im *importer) touched() []store.IndicatorYear {
	seen := map[store.IndicatorYear]bool{}
	for i := range im.newFigures {
		seen[store.IndicatorYear{Indicator: im.newFigures[i].Indicator, Year: im.newFigures[i].Period.Year}] = true
	}
	return slices.Collect(maps.Keys(seen))
}

// giveUnitIDs replaces the provisional ids below zero by the store's own. They are
// drawn ahead of the import: drawn in vain they are only never used.
func (im *importer) giveUnitIDs(ctx context.Context, st *store.Store) error {
	if im.madeUnits == 0 {
		return nil
	}
	var ids []luoshi.UnitID
	err := st.Write(ctx, func(tx *store.Tx) (err error) {
		ids, err = tx.NewUnitIDs(ctx, im.madeUnits)
		return err
	})
	if err != nil {
		return err
	}
	real := func(id *luoshi.UnitID) {
		if *id < 0 {
			*id = ids[-*id-1]
		}
	}
	for i := range im.newUnits {
		real(&im.newUnits[i].ID)
		real(&im.newUnits[i].Parent)
	}
	for i := range im.newLinks {
		real(&im.newLinks[i].From)
		real(&im.newLinks[i].To)
	}
	for i := range im.newTargets {
		real(&im.newTargets[i].Unit)
		real(&im.newTargets[i].Reference.Unit)
	}
	for i := range im.newFigures {
		real(&im.newFigures[i].Unit)
	}
	return nil
}
