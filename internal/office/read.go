package office

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"luoshi.dev"
)

// source is one sheet that may be read: a sheet of a workbook or a CSV file. It is
// opened twice, once to see what it is, once to read it.
type source struct {
	file, sheet string // sheet is "" for a CSV
	hidden      bool
	open        func() (rows, error)
	layout      *layout
}

// name is what the sheet is called, for recognising it.
func (s *source) name() string {
	if s.sheet != "" {
		return s.sheet
	}
	base := path.Base(s.file)
	return strings.TrimSuffix(base, path.Ext(base))
}

func (s *source) place(row, col int) luoshi.Place {
	return luoshi.Place{File: s.file, Sheet: s.sheet, Row: row, Col: col}
}

// reader is one reading of one file or folder.
type reader struct {
	ctx     context.Context
	opt     Options
	draft   *Draft
	faults  collector
	sources []*source
	total   int64 // bytes to come, for the progress
	done    int64 // of them
	used    int64 // bytes of content read
	peeked  int64 // bytes of content looked at ahead of that
	rows    int64
	codes   known
	texts   known
	totals  map[string]bool
	figures figureSink
}

// Read reads a workbook, a CSV or a .zip of CSVs into a draft. The error is one of
// the whole file (not readable, too large, cancelled); everything about its rows
// is in Draft.Problems.
func Read(ctx context.Context, src io.ReaderAt, size int64, opt Options) (*Draft, error) {
	r := newReader(ctx, opt)
	if err := r.add(opt.Name, src, size); err != nil {
		return nil, err
	}
	return r.run()
}

// File is one of several files to be read together.
type File struct {
	Name string
	Src  io.ReaderAt
	Size int64
}

// ReadFiles reads several files into one draft. One that cannot be read is a problem
// beside the others; where it is the only one, it is the error.
func ReadFiles(ctx context.Context, files []File, opt Options) (*Draft, error) {
	if len(files) == 1 {
		opt.Name = files[0].Name
		return Read(ctx, files[0].Src, files[0].Size, opt)
	}
	r := newReader(ctx, opt)
	for _, f := range files {
		if err := r.add(f.Name, f.Src, f.Size); err != nil {
			if err := r.fileProblem(f.Name, err); err != nil {
				return nil, err
			}
		}
	}
	return r.run()
}

// ReadPath reads a file or every workbook and CSV of a folder.
func ReadPath(ctx context.Context, name string, opt Options) (*Draft, error) {
	info, err := os.Stat(name)
	if err != nil {
		code := luoshi.Unavailable
		if errors.Is(err, fs.ErrNotExist) {
			code = luoshi.NotFound
		}
		return nil, &luoshi.Error{Code: code, Message: luoshi.Say("office.file.unreadable", "file", name), Err: err}
	}
	if info.IsDir() {
		return ReadFS(ctx, os.DirFS(name), opt)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, &luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("office.file.unreadable", "file", name), Err: err}
	}
	defer done(file)
	if opt.Name == "" {
		opt.Name = path.Base(name)
	}
	return Read(ctx, file, info.Size(), opt)
}

// ReadFS reads every workbook and CSV of a file system, in the order of their
// names. A file that cannot be read is a problem; the others are still read.
func ReadFS(ctx context.Context, fsys fs.FS, opt Options) (*Draft, error) {
	r := newReader(ctx, opt)
	var open []io.Closer
	defer func() {
		for _, c := range open {
			done(c)
		}
	}()
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !readable(name) {
			return err
		}
		file, err := fsys.Open(name)
		if err != nil {
			return fmt.Errorf("open %s: %w", name, err)
		}
		open = append(open, file)
		src, ok := file.(io.ReaderAt)
		info, err := file.Stat()
		if err != nil || !ok {
			return fmt.Errorf("read %s at random: %w", name, errors.Join(err, errors.ErrUnsupported))
		}
		if err := r.add(name, src, info.Size()); err != nil {
			return r.fileProblem(name, err)
		}
		return nil
	})
	if err != nil {
		if e := (*luoshi.Error)(nil); errors.As(err, &e) {
			return nil, err
		}
		return nil, &luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("office.file.unreadable", "file", opt.Name), Err: err}
	}
	return r.run()
}

// done closes what was only read, or written elsewhere: its error says nothing.
func done(c io.Closer) { _ = c.Close() }

// readable reports whether a folder's file is one of ours by its name; "~$" is the
// lock that a spreadsheet program leaves beside an open workbook.
func readable(name string) bool {
	base := path.Base(name)
	if strings.HasPrefix(base, "~$") || strings.HasPrefix(base, ".") || strings.HasPrefix(name, "__MACOSX/") {
		return false
	}
	switch strings.ToLower(path.Ext(base)) {
	case ".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".et":
		return true
	}
	return false
}

func newReader(ctx context.Context, opt Options) *reader {
	if opt.MaxBytes <= 0 {
		opt.MaxBytes = defaultBytes
	}
	if opt.MaxRows <= 0 {
		opt.MaxRows = defaultRows
	}
	if opt.PerRule <= 0 {
		opt.PerRule = keptPerRule
	}
	return &reader{ctx: ctx, opt: opt, faults: collector{keep: opt.PerRule}, draft: &Draft{}, codes: known{fold: true}, texts: known{mark: 1 << 31}, totals: map[string]bool{}}
}

// fileProblem turns the error of one of several files into a problem, unless it
// must stop the whole reading.
func (r *reader) fileProblem(name string, err error) error {
	var e *luoshi.Error
	if !errors.As(err, &e) || e.Code != luoshi.Invalid {
		return err
	}
	r.faults.add(luoshi.Problem{Place: luoshi.Place{File: name}, Severity: luoshi.Blocking, Message: e.Message})
	return nil
}

// add looks at the first bytes of a file and lists what can be read in it.
func (r *reader) add(name string, src io.ReaderAt, size int64) error {
	if size > r.opt.MaxBytes {
		return tooLarge(name, r.opt.MaxBytes)
	}
	r.total += size
	start := make([]byte, min(size, 4096))
	if n, err := src.ReadAt(start, 0); err != nil && !errors.Is(err, io.EOF) {
		return &luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("office.file.unreadable", "file", name), Err: err}
	} else if start = start[:n]; n == 0 {
		return invalid("office.file.empty", name)
	}
	switch {
	case bytes.HasPrefix(start, []byte("PK")):
		return r.addZip(name, src, size)
	case bytes.HasPrefix(start, []byte("\xd0\xcf\x11\xe0")):
		return invalid(oldBinary(src, size), name)
	case webPage(start):
		return invalid("office.file.html", name)
	case bytes.HasPrefix(start, []byte("%PDF")) || binary(start):
		return invalid("office.file.unknown", name)
	}
	return r.addCSV(name, func() (io.ReadCloser, error) {
		return io.NopCloser(io.NewSectionReader(src, 0, size)), nil
	}, size)
}

// webPage tells a page that was saved with a spreadsheet's name, as many reporting
// systems export it.
func webPage(start []byte) bool {
	text := bytes.ToLower(bytes.TrimLeft(start, "\xef\xbb\xbf \t\r\n"))
	for _, tag := range []string{"<!doctype", "<html", "<table", "<?xml", "<meta", "<head"} {
		if bytes.HasPrefix(text, []byte(tag)) {
			return true
		}
	}
	return false
}

// oldBinary tells the two kinds of file that begin as .xls does. A workbook with a
// password is such a container around an encrypted .xlsx.
func oldBinary(src io.ReaderAt, size int64) string {
	mark := []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
	buf := make([]byte, 64<<10)
	for at := int64(0); at < min(size, 64<<20); at += int64(len(buf) - len(mark)) {
		n, err := src.ReadAt(buf, at)
		if bytes.Contains(buf[:n], mark) {
			return "office.file.encrypted"
		}
		if err != nil {
			break
		}
	}
	return "office.file.xls"
}

func invalid(key, name string) error {
	return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say(key, "file", name)}
}

func tooLarge(name string, limit int64) error {
	return &luoshi.Error{Code: luoshi.TooLarge, Message: luoshi.Say("office.file.too_large", "file", name, "limit", fmt.Sprintf("%d MB", max(1, limit>>20)))}
}

// run recognises every sheet, reads them in the order of [Kinds], and returns what
// came of it.
func (r *reader) run() (*Draft, error) {
	for _, s := range r.sources {
		if err := r.look(s); err != nil {
			if err := r.fileProblem(s.file, err); err != nil {
				return nil, err
			}
		}
	}
	order := func(s *source) int {
		if s.layout == nil {
			return -1
		}
		return slices.Index(Kinds, s.layout.kind)
	}
	sorted := slices.Clone(r.sources)
	slices.SortStableFunc(sorted, func(a, b *source) int { return order(a) - order(b) })
	for _, s := range sorted {
		if s.layout == nil || s.layout.kind == "" {
			continue
		}
		if err := r.read(s); err != nil {
			if err := r.fileProblem(s.file, err); err != nil {
				return nil, err
			}
		}
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	if r.opt.Progress != nil {
		r.opt.Progress(r.total, r.total)
	}
	r.draft.Problems = r.faults.list()
	return r.draft, nil
}

// look peeks at the top of a sheet.
func (r *reader) look(s *source) error {
	if s.hidden {
		r.faults.say(luoshi.Warning, s.place(0, 0), "office.sheet.hidden", "sheet", s.sheet)
	}
	top, err := r.top(s)
	if err != nil {
		return err
	}
	if len(top) == 0 {
		return nil
	}
	s.layout = r.recognise(s, top)
	if s.layout == nil {
		r.draft.Sheets = append(r.draft.Sheets, SheetInfo{File: s.file, Name: s.sheet})
	}
	return nil
}

// topRows is how far down the heads may stand.
const topRows = 30

func (r *reader) top(s *source) ([]line, error) {
	src, err := s.open()
	if err != nil {
		return nil, err
	}
	defer src.close()
	var top []line
	for len(top) < topRows {
		l, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(l.cells, func(c cell) bool { return !c.blank() }) {
			top = append(top, l.clone())
		}
	}
	return top, nil
}

// metered counts what comes out of a file against the limit, and reports progress
// by the part of the file (`packed` bytes of it, `full` when unpacked) that is done.
type metered struct {
	r            *reader
	src          io.Reader
	name         string
	packed, full int64 // 0: does not count towards progress
	read         int64
	shown        int64
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.src.Read(p)
	m.read += int64(n)
	if m.packed > 0 {
		m.r.used += int64(n)
	} else {
		m.r.peeked += int64(n)
	}
	// What is read has been looked at twice at most: to tell what it is, and where its
	// cells are merged. More than that is an archive made to be unpacked for ever.
	if m.read > m.r.opt.MaxBytes || m.r.used > m.r.opt.MaxBytes || m.r.peeked > 2*m.r.opt.MaxBytes {
		return 0, tooLarge(m.name, m.r.opt.MaxBytes)
	}
	if m.r.ctx.Err() != nil {
		return 0, m.r.ctx.Err()
	}
	if m.packed > 0 && m.full > 0 && m.r.opt.Progress != nil {
		done := int64(float64(m.packed) * min(1, float64(m.read)/float64(m.full)))
		m.r.done += done - m.shown
		m.shown = done
		m.r.opt.Progress(min(m.r.done, m.r.total), m.r.total)
	}
	if err != nil && !errors.Is(err, io.EOF) && luoshi.CodeOf(err) == luoshi.Internal {
		err = &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("office.file.corrupt", "file", m.name), Err: err}
	}
	return n, err
}
