package office

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"

	"luoshi.dev"
)

// span is a merged range, counted from one.
type span struct{ top, left, bottom, right int }

const maxMerges = 100_000

// merges lists the merged ranges of a sheet, top down.
func (b *book) merges(f *zip.File) ([]span, error) {
	src, err := f.Open()
	if err != nil {
		return nil, corrupt(b.name, err)
	}
	defer done(src)
	in := newScanner(&metered{r: b.r, src: src, name: b.name})
	var list []span
	for in.find([]byte("mergeCell ")) {
		piece, ok := in.until([]byte(">"))
		if !ok || len(list) >= maxMerges {
			break
		}
		from, to, _ := bytes.Cut(token{attrs: piece}.attr("ref"), []byte(":"))
		top, left := address2(from)
		bottom, right := address2(to)
		if top > 0 && left > 0 && bottom >= top && right >= left {
			list = append(list, span{top, left, bottom, right})
		}
	}
	if in.err != nil && !errors.Is(in.err, io.EOF) {
		return nil, corrupt(b.name, in.err)
	}
	slices.SortFunc(list, func(a, b span) int { return cmp.Or(a.top-b.top, a.left-b.left) })
	return list, nil
}

// address2 reads C7 as row 7, column 3; zeros where it cannot.
func address2(ref []byte) (row, col int) {
	i := 0
	for ; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && i < 3; i++ {
		col = col*26 + int(ref[i]-'A') + 1
	}
	row, _ = atoi(ref[i:])
	return row, col
}

// sayMerged reports cells merged over several rows. What they say holds for each
// of the rows, but a number does not tell how it is shared out among them.
func (b *book) sayMerged(s *source, merged []span) (down spread) {
	for _, m := range merged {
		if m.bottom <= s.layout.head || m.bottom == m.top {
			continue
		}
		number := s.layout.isNumber(m.left - 1)
		if !number {
			b.r.faults.say(luoshi.Warning, s.place(m.top, m.left), "office.sheet.merged", "range", ref(m.top, m.left)+":"+ref(m.bottom, m.right))
		}
		down.waiting = append(down.waiting, mergedCell{span: m, number: number})
	}
	return down
}

// isNumber reports whether a column holds quantities.
func (l *layout) isNumber(col int) bool {
	for _, f := range lex().fields[l.kind] {
		if at, ok := l.cols[f.key]; ok && at == col {
			return f.form == "number" || f.form == "percent" || f.form == "share"
		}
	}
	return slices.ContainsFunc(l.values, func(v valueColumn) bool { return v.col == col })
}

func ref(row, col int) string { return luoshi.Place{Row: row, Col: col}.Ref() }

// spread carries what merged cells say down over the rows that they span.
type spread struct{ waiting, live []mergedCell }

type mergedCell struct {
	span
	number bool
	cell   cell
}

func (p *spread) apply(l *line) {
	for len(p.waiting) > 0 && p.waiting[0].top <= l.number {
		m := p.waiting[0]
		p.waiting = p.waiting[1:]
		if m.top == l.number && m.left <= len(l.cells) {
			m.cell = l.at(m.left - 1)
			m.cell.text = bytes.Clone(m.cell.text)
			if m.number && !m.cell.blank() {
				l.cells[m.left-1].form = isMerged
			}
			p.live = append(p.live, m)
		}
	}
	p.live = slices.DeleteFunc(p.live, func(m mergedCell) bool { return m.bottom < l.number })
	for _, m := range p.live {
		if m.number || m.top == l.number || m.left > maxColumns {
			continue
		}
		for len(l.cells) < m.left {
			l.cells = append(l.cells, cell{})
		}
		if l.cells[m.left-1].blank() {
			l.cells[m.left-1] = m.cell
		}
	}
}

// sheetRows reads the rows of a sheet.
type sheetRows struct {
	b      *book
	file   io.Closer
	in     *scanner
	row    int
	cells  []cell
	text   []byte // of the row's cells, one behind the other
	merged spread
	done   bool
}

func (s *sheetRows) close() { done(s.file) }

func (s *sheetRows) next() (line, error) {
	for !s.done {
		t, err := s.in.next()
		if errors.Is(err, io.EOF) {
			return line{}, io.EOF
		}
		if err != nil {
			return line{}, corrupt(s.b.name, err)
		}
		switch {
		case t.kind == endTag && string(t.name) == "sheetData":
			s.done = true
		case t.kind != startTag || string(t.name) != "row":
		default:
			number, ok := t.attrInt("r")
			if !ok || number <= s.row {
				number = s.row + 1
			}
			s.row = number
			l := line{number: number, hidden: t.attrTrue("hidden")}
			s.cells, s.text = s.cells[:0], s.text[:0]
			if !t.empty {
				if err := s.readRow(); err != nil {
					return line{}, corrupt(s.b.name, err)
				}
			}
			l.cells = s.cells
			s.merged.apply(&l)
			return l, nil
		}
	}
	return line{}, io.EOF
}

// readRow reads the cells up to </row>.
func (s *sheetRows) readRow() error {
	col := 0
	for {
		if to, ok := s.plainCell(col); ok {
			col = to
			continue
		}
		t, err := s.in.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		switch {
		case t.kind == endTag && string(t.name) == "row":
			return nil
		case t.kind == startTag && string(t.name) == "c":
			if _, at := address2(t.attr("r")); at > 0 {
				col = at
			} else {
				col++
			}
			form, kind := isNumber, cellType(t.attr("t"))
			if style, ok := t.attrInt("s"); ok && style < len(s.b.forms) {
				form = s.b.forms[style]
			}
			if t.empty {
				continue
			}
			c, err := s.readCell(kind, form)
			if err != nil {
				return err
			}
			if col > maxColumns {
				continue
			}
			for len(s.cells) < col {
				s.cells = append(s.cells, cell{})
			}
			s.cells[col-1] = c
		}
	}
}

// cellType is the t attribute: shared, inline and formula texts, numbers, truth
// values, errors, ISO dates.
func cellType(t []byte) byte {
	switch string(t) {
	case "s":
		return 's'
	case "str":
		return 'f'
	case "inlineStr":
		return 'i'
	case "b":
		return 'b'
	case "e":
		return 'e'
	case "d":
		return 'd'
	}
	return 'n'
}

// readCell reads one cell up to </c>.
func (s *sheetRows) readCell(kind byte, form cellForm) (cell, error) {
	start := len(s.text)
	formula, value, inside, phonetic := false, false, false, 0
	for {
		t, err := s.in.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return cell{}, err
		}
		if t.kind == charData {
			if len(s.text)+len(t.text) > maxPart {
				return cell{}, errXML
			}
			if inside && phonetic == 0 {
				s.text = unescape(s.text, t.text)
			}
			continue
		}
		switch string(t.name) {
		case "c":
			if t.kind == endTag {
				return s.cell(start, kind, form, formula, value), nil
			}
		case "f":
			formula = true
		case "v", "t":
			inside = t.kind == startTag && !t.empty
			value = value || t.kind == startTag
		case "rPh":
			if t.kind == endTag {
				phonetic--
			} else if !t.empty {
				phonetic++
			}
		}
	}
}

func (s *sheetRows) cell(start int, kind byte, form cellForm, formula, value bool) cell {
	text := s.text[start:len(s.text):len(s.text)]
	if formula && !value {
		return cell{form: isFormula}
	}
	switch kind {
	case 's':
		if i, ok := atoi(text); ok && s.b.shared != nil {
			return cell{text: s.b.shared.at(i)}
		}
		return cell{}
	case 'f', 'i':
		return cell{text: text}
	case 'b':
		return cell{text: text, form: isBool}
	case 'e':
		return cell{text: text, form: isError}
	case 'd':
		return cell{text: text, form: isISO}
	}
	if len(text) == 0 {
		return cell{}
	}
	return cell{text: text, form: form}
}
