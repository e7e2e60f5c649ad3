package office

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"luoshi.dev"
)

// book is an .xlsx: ECMA-376, a zip of XML parts that name one another.
type book struct {
	r       *reader
	name    string
	parts   map[string]*zip.File
	shared  *sharedText
	forms   []cellForm // by style
	mac     bool       // days are counted from 1904
	loaded  bool
	loadErr error
}

// maxPart bounds the small parts that are read whole (workbook, relations, styles).
const maxPart = 16 << 20

// addBook lists the sheets of a workbook.
func (r *reader) addBook(name string, archive *zip.Reader) error {
	b := &book{r: r, name: name, parts: map[string]*zip.File{}}
	for _, f := range archive.File {
		b.parts[strings.TrimPrefix(f.Name, "/")] = f
	}
	main := "xl/workbook.xml"
	for _, rel := range b.relations("_rels/.rels") {
		if strings.HasSuffix(rel.Type, "/officeDocument") {
			main = path.Clean(strings.TrimPrefix(rel.Target, "/"))
		}
	}
	var found struct {
		Pr struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string     `xml:"name,attr"`
			State string     `xml:"state,attr"`
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := b.part(main, &found); err != nil {
		return corrupt(name, err)
	}
	b.mac = found.Pr.Date1904 == "1" || found.Pr.Date1904 == "true"
	targets := map[string]string{}
	for _, rel := range b.relations(path.Join(path.Dir(main), "_rels", path.Base(main)+".rels")) {
		target := rel.Target
		if !strings.HasPrefix(target, "/") {
			target = path.Join(path.Dir(main), target)
		}
		target = strings.TrimPrefix(target, "/")
		targets[rel.ID] = target
		switch path.Base(rel.Type) {
		case "sharedStrings":
			b.shared = &sharedText{part: target}
		case "styles":
			if err := b.styles(target); err != nil {
				return corrupt(name, err)
			}
		}
	}
	if len(found.Sheets) == 0 {
		return corrupt(name, errors.New("no sheets"))
	}
	for _, sheet := range found.Sheets {
		target := ""
		for _, a := range sheet.Attrs {
			if a.Name.Local == "id" {
				target = targets[a.Value]
			}
		}
		if b.parts[target] == nil || !strings.Contains(target, "worksheets") && strings.Contains(target, "chartsheets") {
			continue
		}
		r.sources = append(r.sources, b.sheet(sheet.Name, target, sheet.State != "" && sheet.State != "visible"))
	}
	return nil
}

func corrupt(name string, err error) error {
	var e *luoshi.Error
	if errors.As(err, &e) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("office.file.corrupt", "file", name), Err: err}
}

type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

func (b *book) relations(part string) []relation {
	var found struct {
		Relations []relation `xml:"Relationship"`
	}
	if b.part(part, &found) != nil {
		return nil
	}
	return found.Relations
}

// part reads a small part whole.
func (b *book) part(name string, into any) error {
	f := b.parts[name]
	if f == nil {
		return fmt.Errorf("part %s: %w", name, io.ErrUnexpectedEOF)
	}
	src, err := f.Open()
	if err != nil {
		return fmt.Errorf("part %s: %w", name, err)
	}
	defer done(src)
	if err := xml.NewDecoder(io.LimitReader(src, maxPart)).Decode(into); err != nil {
		return fmt.Errorf("part %s: %w", name, err)
	}
	return nil
}

// styles learns which cells are shown as dates and which as percentages.
func (b *book) styles(part string) error {
	var found struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if b.parts[part] == nil {
		return nil
	}
	if err := b.part(part, &found); err != nil {
		return err
	}
	own := map[int]string{}
	for _, f := range found.Formats {
		own[f.ID] = f.Code
	}
	for _, c := range found.Cells {
		form := isNumber
		if code, ok := own[c.Format]; ok {
			form = formatForm(code)
		} else if builtinDate(c.Format) {
			form = isDate
		} else if c.Format == 9 || c.Format == 10 {
			form = isPercent
		}
		if form == isDate && b.mac {
			form = isDate04
		}
		b.forms = append(b.forms, form)
	}
	return nil
}

// builtinDate lists the formats that need no code: 14–17 and 22 everywhere, 27–36 and
// 50–58 in East Asian workbooks (ECMA-376 part 1, 18.8.30). Times of day are not dates.
func builtinDate(id int) bool {
	return id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 54 || id == 57 || id == 58
}

// formatForm reads the code of a number format outside its quotes and brackets.
func formatForm(code string) cellForm {
	code, _, _ = strings.Cut(code, ";")
	quoted, bracket, percent := false, false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case bracket:
		case c == 'y' || c == 'Y' || c == 'd' || c == 'D' || c == 'e' && !strings.Contains(code, "E+"):
			if strings.HasPrefix(code[i:], "d") && strings.Contains(code, "General") {
				continue
			}
			return isDate
		case c == '%':
			percent = true
		case c == 'G' && strings.HasPrefix(code[i:], "General"):
			i += len("General") - 1
		}
	}
	if percent {
		return isPercent
	}
	return isNumber
}

// load reads the shared texts, once, when the first sheet is opened.
func (b *book) load() error {
	if b.loaded || b.shared == nil {
		return b.loadErr
	}
	b.loaded = true
	if f := b.parts[b.shared.part]; f != nil {
		src, err := f.Open()
		if err != nil {
			b.loadErr = corrupt(b.name, err)
			return b.loadErr
		}
		defer done(src)
		m := &metered{r: b.r, src: src, name: b.name, packed: int64(f.CompressedSize64), full: int64(f.UncompressedSize64)}
		b.shared.limit = int(b.r.opt.MaxBytes / 4)
		if err := b.shared.read(newScanner(m)); errors.Is(err, errShared) {
			b.loadErr = tooLarge(b.name, b.r.opt.MaxBytes)
		} else if err != nil {
			b.loadErr = corrupt(b.name, err)
		}
	}
	return b.loadErr
}

// sharedText is the table of texts that cells refer to by number: one run of bytes
// and where each text ends in it.
type sharedText struct {
	part  string
	limit int // it is the one part that is held in memory
	all   []byte
	ends  []int
}

var errShared = errors.New("too many texts")

func (t *sharedText) at(i int) []byte {
	if i < 0 || i >= len(t.ends) {
		return nil
	}
	start := 0
	if i > 0 {
		start = t.ends[i-1]
	}
	return t.all[start:t.ends[i]:t.ends[i]]
}

func (t *sharedText) read(s *scanner) error {
	inText, phonetic := false, 0
	for {
		tok, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case tok.kind == charData:
			if inText && phonetic == 0 {
				t.all = unescape(t.all, tok.text)
			}
			if len(t.all)+8*len(t.ends) > t.limit {
				return errShared
			}
		case string(tok.name) == "t":
			inText = tok.kind == startTag && !tok.empty
		case string(tok.name) == "rPh": // how the text is spoken, not what it says
			if tok.kind == endTag {
				phonetic--
			} else if !tok.empty {
				phonetic++
			}
		case string(tok.name) == "si" && (tok.kind == endTag || tok.empty):
			t.ends = append(t.ends, len(t.all))
		}
	}
}

// sheet describes one sheet; opening it first reads where its cells are merged,
// which stands behind the rows.
func (b *book) sheet(name, part string, hidden bool) *source {
	s := &source{file: b.name, sheet: name, hidden: hidden}
	f := b.parts[part]
	var down spread
	opened := 0
	s.open = func() (rows, error) {
		if err := b.load(); err != nil {
			return nil, err
		}
		opened++
		if opened == 2 {
			merged, err := b.merges(f)
			if err != nil {
				return nil, err
			}
			down = b.sayMerged(s, merged)
		}
		src, err := f.Open()
		if err != nil {
			return nil, corrupt(b.name, err)
		}
		m := &metered{r: b.r, src: src, name: b.name}
		if opened > 1 {
			m.packed, m.full = int64(f.CompressedSize64), int64(f.UncompressedSize64)
		}
		return &sheetRows{b: b, file: src, in: newScanner(m), merged: down}, nil
	}
	return s
}
