package service

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"luoshi.dev"
	"luoshi.dev/internal/office"
)

// An intake is an upload that is looked at before it is saved. Its files lie in a
// temporary folder of this server, under names of our own, until it is saved,
// dropped, forgotten for an hour, or pushed out by newer ones. Only who has the key
// under which it was brought can see it; to all others it is not there.

// The bounds of what is kept. One upload may have 64 MiB, which is what the gate
// lets in; its content, unpacked, eight times that.
const (
	intakeBytes   = 64 << 20
	intakeFiles   = 50
	intakeContent = 512 << 20
	intakeRows    = 2_000_000
	intakesOfOne  = 3
	intakesOfAll  = 16
	intakeLife    = time.Hour
	intakeProblem = 2_000 // of one rule in one sheet, each with its place
	checksAtOnce  = 2
	checkPatience = 10 * time.Minute
)

// Stage is how far an intake is.
type Stage string

// The stages of an intake.
const (
	Waiting  Stage = "wait"  // for another check to end
	Reading  Stage = "read"  // the files
	Checking Stage = "check" // against what is stored
	Ready    Stage = "ready" // to be looked at and saved
	Saving   Stage = "save"
	Kept     Stage = "saved"
	Failed   Stage = "failed" // the whole upload cannot be read
)

// Under reports whether something is being done to the intake.
func (s Stage) Under() bool { return s == Waiting || s == Reading || s == Checking || s == Saving }

// intakes are those of this server.
type intakes struct {
	mu    sync.Mutex
	list  map[string]*intake
	dir   string
	check chan struct{}
}

type intake struct {
	id, owner, dir string
	files          []stagedFile
	size           int64

	mu      sync.Mutex
	used    time.Time
	stage   Stage
	done    int64
	total   int64
	idle    chan struct{} // closed when nothing is under way
	cancel  context.CancelFunc
	err     error // why it failed, or why it was not saved
	report  *ImportReport
	ledger  *ledger
	rows    *rowFile
	byRow   map[sheetName]map[int][]int // problems by the rows at which they stand
	effect  *Effect
	batch   int64
	dropped bool
}

type stagedFile struct {
	name string // as the user calls it
	path string
	size int64
}

// Upload is one file on its way in.
type Upload struct {
	Name string
	Src  io.Reader
}

// BringIntake keeps the files that next hands out, until io.EOF, and begins to check
// them. It returns the name of the intake.
func (s *Service) BringIntake(ctx context.Context, owner string, next func() (Upload, error)) (string, error) {
	in, err := s.intakes.make(owner)
	if err != nil {
		return "", err
	}
	for err == nil {
		var u Upload
		if u, err = next(); err == nil {
			err = in.keep(u)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
		if len(in.files) == 0 {
			err = &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("import.no_file")}
		}
	}
	if err != nil {
		_ = os.RemoveAll(in.dir)
		return "", err
	}
	s.intakes.sweep(s.now())
	s.intakes.put(in, s.now())
	time.AfterFunc(intakeLife+time.Second, func() { s.intakes.sweep(s.now()) })
	s.begin(ctx, in, Waiting, s.checkIntake)
	return in.id, nil
}

// make opens a folder for an intake.
func (k *intakes) make(owner string) (*intake, error) {
	if len(owner) < 16 {
		return nil, &luoshi.Error{Code: luoshi.Forbidden, Message: luoshi.Say("import.gone")}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dir == "" {
		dir, err := os.MkdirTemp("", "luoshi-import-")
		if err != nil {
			return nil, &luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("import.no_room"), Err: err}
		}
		sweepFolders(filepath.Dir(dir))
		k.dir, k.list, k.check = dir, map[string]*intake{}, make(chan struct{}, checksAtOnce)
	}
	id := strings.ToLower(rand.Text())
	in := &intake{id: id, owner: owner, dir: filepath.Join(k.dir, id)}
	if err := os.MkdirAll(in.dir, 0o700); err != nil {
		return nil, &luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("import.no_room"), Err: err}
	}
	return in, nil
}

// sweepFolders removes what a server left that did not end in peace.
func sweepFolders(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, "luoshi-import-*"))
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > 24*intakeLife {
			_ = os.RemoveAll(path)
		}
	}
}

// keep writes one file of the upload.
func (in *intake) keep(u Upload) error {
	if len(in.files) >= intakeFiles {
		return &luoshi.Error{Code: luoshi.TooLarge, Message: luoshi.Say("import.too_many_files", "limit", intakeFiles)}
	}
	staged := stagedFile{name: fileName(u.Name), path: filepath.Join(in.dir, fmt.Sprintf("file-%d", len(in.files)))}
	f, err := os.OpenFile(staged.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("import.no_room"), Err: err}
	}
	n, err := io.Copy(f, io.LimitReader(u.Src, intakeBytes-in.size+1))
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("keep %s: %w", staged.name, err)
	}
	if in.size += n; in.size > intakeBytes {
		return &luoshi.Error{Code: luoshi.TooLarge, Message: luoshi.Say("import.too_large", "limit", intakeBytes>>20)}
	}
	staged.size = n
	in.files = append(in.files, staged)
	return nil
}

// fileName is the last part of a name, without what does not print.
func fileName(name string) string {
	name = strings.ToValidUTF8(name[strings.LastIndexAny(name, `/\`)+1:], "")
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) { // marks that turn the direction of writing hide an ending
			return -1
		}
		return r
	}, name))
	if runes := []rune(name); len(runes) > 120 {
		name = string(runes[:100]) + "…" + string(runes[len(runes)-16:])
	}
	if name == "" {
		return "upload"
	}
	return name
}

// put makes the intake known, pushing out what is too much.
func (k *intakes) put(in *intake, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	in.used = now
	k.list[in.id] = in
	mine := 0
	for _, one := range k.list {
		if one.owner == in.owner {
			mine++
		}
	}
	for _, one := range slices.SortedFunc(maps.Values(k.list), func(a, b *intake) int { return a.lastUsed().Compare(b.lastUsed()) }) {
		own := one.owner == in.owner
		if one == in || len(k.list) <= intakesOfAll && (!own || mine <= intakesOfOne) {
			continue
		}
		if own {
			mine--
		}
		delete(k.list, one.id)
		one.drop()
	}
}

// sweep forgets what nobody has looked at for long.
func (k *intakes) sweep(now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, one := range k.list {
		if now.Sub(one.lastUsed()) > intakeLife {
			delete(k.list, id)
			one.drop()
		}
	}
}

func (in *intake) lastUsed() time.Time {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.used
}

// drop stops what is under way and removes the files. What is being written to the
// store is not stopped: it ends as it would.
func (in *intake) drop() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.dropped {
		return
	}
	in.dropped = true
	if in.stage.Under() && in.stage != Saving && in.cancel != nil {
		in.cancel()
	}
	if !in.stage.Under() {
		in.clear()
	}
}

// clear removes the files; the lock is held.
func (in *intake) clear() {
	if in.rows != nil {
		in.rows.close()
		in.rows = nil
	}
	_ = os.RemoveAll(in.dir)
}

// intake finds one that belongs to the owner.
func (s *Service) intake(owner, id string) (*intake, error) {
	s.intakes.mu.Lock()
	in := s.intakes.list[id]
	s.intakes.mu.Unlock()
	if in == nil || in.owner != owner || s.now().Sub(in.lastUsed()) > intakeLife {
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.gone")}
	}
	in.mu.Lock()
	in.used = s.now()
	in.mu.Unlock()
	return in, nil
}

// DropIntake forgets an upload that is not wanted.
func (s *Service) DropIntake(_ context.Context, owner, id string) error {
	in, err := s.intake(owner, id)
	if err != nil {
		return err
	}
	s.intakes.mu.Lock()
	delete(s.intakes.list, id)
	s.intakes.mu.Unlock()
	in.drop()
	return nil
}

// begin does something to the intake in the background.
func (s *Service) begin(ctx context.Context, in *intake, stage Stage, do func(ctx context.Context, in *intake)) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkPatience)
	in.mu.Lock()
	in.stage, in.done, in.total, in.cancel, in.idle = stage, 0, 0, cancel, make(chan struct{})
	idle := in.idle
	in.mu.Unlock()
	go func() {
		defer cancel()
		defer close(idle)
		s.intakes.check <- struct{}{}
		defer func() { <-s.intakes.check }()
		do(ctx, in)
		in.mu.Lock()
		defer in.mu.Unlock()
		if in.dropped || in.stage == Kept || in.stage == Failed {
			in.clear()
		}
	}()
}

// AwaitIntake waits until nothing is under way, or as long as ctx allows.
func (s *Service) AwaitIntake(ctx context.Context, owner, id string) (Stage, error) {
	in, err := s.intake(owner, id)
	if err != nil {
		return "", err
	}
	in.mu.Lock()
	idle := in.idle
	in.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.stage, nil
}

func (in *intake) progress(stage string, done, total int64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.stage != Saving || stage == string(Saving) { // reading again on the way to saving is part of it
		in.stage, in.done, in.total = Stage(stage), done, total
	}
}

// end settles how it came out.
func (in *intake) end(stage Stage, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.stage, in.err = stage, err
}

// checkIntake reads and checks the files and saves nothing.
func (s *Service) checkIntake(ctx context.Context, in *intake) {
	rows, err := newRowFile(filepath.Join(in.dir, "rows"))
	if err != nil {
		in.end(Failed, &luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("import.no_room"), Err: err})
		return
	}
	l := newLedger()
	var effect *Effect
	report, err := s.takeIntake(ctx, in, ImportOptions{DryRun: true, ledger: l, line: rows.add, look: func(im *importer) (err error) {
		effect, err = s.effectOf(ctx, im)
		return err
	}})
	if err == nil {
		err = rows.done()
	}
	if err != nil {
		rows.close()
		in.end(Failed, err)
		return
	}
	l.sort()
	byRow := map[sheetName]map[int][]int{}
	for i, p := range report.Problems {
		name := sheetName{p.File, p.Sheet}
		if byRow[name] == nil {
			byRow[name] = map[int][]int{}
		}
		byRow[name][p.Row] = append(byRow[name][p.Row], i)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.rows != nil {
		in.rows.close()
	}
	in.report, in.ledger, in.rows, in.byRow, in.effect, in.stage = report, l, rows, byRow, effect, Ready
}

// takeIntake runs the import over the files of the intake.
func (s *Service) takeIntake(ctx context.Context, in *intake, opt ImportOptions) (*ImportReport, error) {
	files := make([]office.File, 0, len(in.files))
	for _, f := range in.files {
		src, err := os.Open(f.path)
		if err != nil {
			return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.gone"), Err: err}
		}
		defer func() { _ = src.Close() }()
		files = append(files, office.File{Name: f.name, Src: src, Size: f.size})
	}
	opt.Name, opt.Progress, opt.PerRule = in.name(), in.progress, intakeProblem
	return s.importFiles(ctx, files, office.Options{MaxBytes: intakeContent, MaxRows: intakeRows}, opt)
}

// name is that of the import: the files'.
func (in *intake) name() string {
	if len(in.files) > 3 {
		return fmt.Sprintf("%s + %d", in.files[0].name, len(in.files)-1)
	}
	var names []string
	for _, f := range in.files {
		names = append(names, f.name)
	}
	return strings.Join(names, " + ")
}

// IntakeSave says how an intake is saved.
type IntakeSave struct {
	Owner, ID string
	By, Note  string
	SaveRight bool // leave out what is wrong
}

// SaveIntake begins to save what was shown. If the store has changed meanwhile so
// that something else would become of the rows, nothing is saved and the intake is
// checked again.
func (s *Service) SaveIntake(ctx context.Context, q IntakeSave) error {
	in, err := s.intake(q.Owner, q.ID)
	if err != nil {
		return err
	}
	in.mu.Lock()
	stage, report := in.stage, in.report
	in.mu.Unlock()
	if err := savable(stage, report, q.SaveRight); err != nil {
		return err
	}
	s.begin(ctx, in, Saving, func(ctx context.Context, in *intake) {
		saved, err := s.takeIntake(ctx, in, ImportOptions{By: q.By, Note: q.Note, SaveRight: q.SaveRight, Expect: report.Tally})
		switch {
		case err == nil && saved.Saved:
			in.mu.Lock()
			in.batch = saved.Batch
			in.mu.Unlock()
			in.end(Kept, nil)
		case luoshi.CodeOf(err) == luoshi.Conflict:
			in.end(Checking, nil)
			s.checkIntake(ctx, in)
			in.mu.Lock()
			in.err = err
			in.mu.Unlock()
		default:
			if err == nil {
				err = &luoshi.Error{Code: luoshi.Internal, Message: luoshi.Say("error.internal")}
			}
			in.end(Ready, err)
		}
	})
	return nil
}

// savable says why an intake cannot be saved, if it cannot.
func savable(stage Stage, report *ImportReport, right bool) error {
	refuse := func(code luoshi.Code, key string) error {
		return &luoshi.Error{Code: code, Message: luoshi.Say(key)}
	}
	switch {
	case stage.Under():
		return refuse(luoshi.Conflict, "import.under_way")
	case stage != Ready:
		return refuse(luoshi.Conflict, "import.not_ready")
	case report.Broken:
		return refuse(luoshi.Invalid, "import.tree_broken")
	case report.Rows() == 0:
		return refuse(luoshi.Invalid, "import.nothing_to_save")
	case luoshi.Blocked(report.Problems) && !right:
		return refuse(luoshi.Invalid, "import.has_wrong")
	}
	return nil
}

// IntakeLine is one upload that is not saved yet.
type IntakeLine struct {
	ID    string    `json:"id"`
	Name  string    `json:"name"`
	Stage Stage     `json:"stage"`
	At    time.Time `json:"at"` // last looked at
}

// Intakes lists the uploads of an owner that are not saved, the newest first.
func (s *Service) Intakes(owner string) []IntakeLine {
	s.intakes.mu.Lock()
	defer s.intakes.mu.Unlock()
	var list []IntakeLine
	for _, in := range s.intakes.list {
		if in.owner != owner || s.now().Sub(in.lastUsed()) > intakeLife {
			continue
		}
		in.mu.Lock()
		if in.stage != Kept {
			list = append(list, IntakeLine{in.id, in.name(), in.stage, in.used})
		}
		in.mu.Unlock()
	}
	slices.SortFunc(list, func(a, b IntakeLine) int { return b.At.Compare(a.At) })
	return list
}

// IntakeHome is the page where uploads begin.
type IntakeHome struct {
	Frame
	Mine   []IntakeLine `json:"mine"`
	Recent []Import     `json:"recent"`
	Limit  int64        `json:"limit"` // bytes of one upload
}

// IntakesShown is how many imports the page where uploads begin lists.
const IntakesShown = 5

// IntakeHome says what an owner has brought and what was imported lately.
func (s *Service) IntakeHome(ctx context.Context, look Look, owner string) (*IntakeHome, error) {
	list, err := s.Imports(ctx, look, 1)
	if err != nil {
		return nil, err
	}
	return &IntakeHome{Frame: list.Frame, Mine: s.Intakes(owner), Recent: list.Imports[:min(IntakesShown, len(list.Imports))], Limit: intakeBytes}, nil
}
