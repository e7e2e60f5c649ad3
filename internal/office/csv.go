package office

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"luoshi.dev"
)

const (
	maxRecord  = 1 << 20 // bytes of one CSV record or one piece of XML
	maxColumns = 2048
)

// errRecord is a record that does not end: nearly always a quote never closed.
var errRecord = errors.New("record too long")

// addCSV lists a CSV file whose bytes `open` gives from the start each time.
func (r *reader) addCSV(name string, open func() (io.ReadCloser, error), size int64) error {
	form, err := r.sniff(name, open, size)
	if err != nil {
		return err
	}
	first := true // the first opening only looks at the heads
	r.sources = append(r.sources, &source{file: name, open: func() (rows, error) {
		file, err := open()
		if err != nil {
			return nil, err
		}
		m := &metered{r: r, src: file, name: name}
		if !first {
			m.packed, m.full = size, size
		}
		first = false
		return &csvRows{name: name, file: file, comma: form.comma, in: bufio.NewReaderSize(form.decode(m), buffer(size))}, nil
	}})
	return nil
}

// buffer is the size of a buffer for a file of a size: small files are many.
func buffer(size int64) int { return int(min(max(2*size, 4<<10), 256<<10)) }

// csvForm is how a CSV file is written.
type csvForm struct {
	charset encoding.Encoding // nil = UTF-8
	comma   byte
	macEnds bool // lines end with a bare carriage return
}

func (f csvForm) decode(src io.Reader) io.Reader {
	if f.charset != nil {
		src = transform.NewReader(src, f.charset.NewDecoder())
	} else {
		src = transform.NewReader(src, unicode.BOMOverride(transform.Nop))
	}
	if f.macEnds {
		src = &lineEnds{src}
	}
	return src
}

type lineEnds struct{ src io.Reader }

func (l *lineEnds) Read(p []byte) (int, error) {
	n, err := l.src.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// sniff reads the whole file once to learn its encoding (a file may be plain ASCII
// for megabytes before the first name), and its top to learn its separator.
func (r *reader) sniff(name string, open func() (io.ReadCloser, error), size int64) (csvForm, error) {
	file, err := open()
	if err != nil {
		return csvForm{}, fmt.Errorf("open %s: %w", name, err)
	}
	defer done(file)
	src := &metered{r: r, src: file, name: name}
	top := make([]byte, min(64<<10, buffer(size)))
	n, err := io.ReadFull(src, top)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return csvForm{}, err
	}
	top = top[:n]
	var form csvForm
	if form.charset = wide16(top); form.charset == nil {
		valid, err := allUTF8(io.MultiReader(bytes.NewReader(top), src), buffer(size))
		if err != nil {
			return csvForm{}, err
		}
		if !valid {
			form.charset = chinese(top)
		}
	}
	text, err := io.ReadAll(form.decode(bytes.NewReader(top)))
	if err != nil && len(text) == 0 {
		return csvForm{}, invalid("office.file.unknown", name)
	}
	if binary(text) {
		return csvForm{}, invalid("office.file.unknown", name)
	}
	form.macEnds = bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') >= 0
	if form.macEnds {
		text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	}
	form.comma = separator(text)
	return form, nil
}

// binary reports whether the text has characters that no text file has.
func binary(text []byte) bool {
	if wide16(text) != nil {
		return false
	}
	strange := 0
	for _, c := range text {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\f' && c != 0x1a {
			strange++
		}
	}
	return strange > 0 && (strange > len(text)/200 || bytes.IndexByte(text, 0) >= 0)
}

// wide16 tells UTF-16 by its mark, or by the zero bytes of its ASCII letters.
func wide16(top []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(top, []byte{0xff, 0xfe}):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(top, []byte{0xfe, 0xff}):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	var zero [2]int
	top = top[:len(top)&^1]
	for i, c := range top {
		if c == 0 {
			zero[i&1]++
		}
	}
	half := len(top) / 2
	switch {
	case half < 8:
	case zero[1] > half/4 && zero[0] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case zero[0] > half/4 && zero[1] == 0:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
}

func allUTF8(src io.Reader, size int) (bool, error) {
	buf := make([]byte, size)
	kept := 0
	for {
		n, err := src.Read(buf[kept:])
		n += kept
		whole := n
		for back := 1; back <= min(3, n); back++ { // a character cut by the buffer's end
			if c := buf[n-back]; utf8.RuneStart(c) {
				if !utf8.FullRune(buf[n-back : n]) {
					whole = n - back
				}
				break
			}
		}
		if !utf8.Valid(buf[:whole]) {
			return false, nil
		}
		kept = copy(buf, buf[whole:n])
		if errors.Is(err, io.EOF) {
			return kept == 0, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// chinese chooses between the encodings that Chinese spreadsheets save CSV in: the
// one under which more heads are words we know, GB18030 if neither.
func chinese(top []byte) encoding.Encoding {
	var best encoding.Encoding
	most := -1
	for _, charset := range []encoding.Encoding{simplifiedchinese.GB18030, traditionalchinese.Big5} {
		text, _ := charset.NewDecoder().Bytes(top)
		known := 0
		for i, row := range strings.SplitN(string(text), "\n", topRows+1) {
			if i == topRows {
				break
			}
			for _, head := range strings.FieldsFunc(row, func(c rune) bool { return strings.ContainsRune(",;\t|\"\r", c) }) {
				form := headForm(head)
				for _, heads := range lex().heads {
					if _, ok := heads[form]; ok && form[0] >= utf8.RuneSelf {
						known++
						break
					}
				}
			}
		}
		if known > most {
			best, most = charset, known
		}
	}
	return best
}

// separator picks what occurs most often, outside quotes, in the first lines.
func separator(text []byte) byte {
	if rest, ok := bytes.CutPrefix(text, []byte("sep=")); ok && len(rest) > 0 {
		return rest[0]
	}
	var count [128]int
	quoted, lines := false, 0
	for _, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			lines++
		case c < 128:
			count[c]++
		}
		if lines > 20 {
			break
		}
	}
	best := byte(',')
	for _, c := range []byte{'\t', ';', '|'} {
		if count[c] > count[best] {
			best = c
		}
	}
	return best
}

// csvRows splits records as RFC 4180 does, and forgives what spreadsheets forgive:
// a quote inside a bare field is itself, text after a closing quote belongs to the
// field. Fields point into the reader's buffer: nothing is copied but records with
// quotes. Rows are counted as a spreadsheet shows them, empty ones and all.
type csvRows struct {
	name   string
	file   io.Closer
	in     *bufio.Reader
	comma  byte
	row    int
	record []byte // a record that had to be put together
	plain  []byte // its unquoted fields
	cells  []cell
}

func (c *csvRows) close() { done(c.file) }

func (c *csvRows) next() (line, error) {
	for {
		record, err := c.whole()
		if err != nil {
			return line{}, c.explain(err)
		}
		c.row++
		if len(record) == 0 || c.row == 1 && bytes.HasPrefix(record, []byte("sep=")) {
			continue
		}
		c.cells = c.cells[:0]
		if bytes.IndexByte(record, '"') < 0 {
			c.split(record)
		} else {
			c.unquote(record)
		}
		return line{number: c.row, cells: c.cells}, nil
	}
}

func (c *csvRows) explain(err error) error {
	if errors.Is(err, errRecord) {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("office.file.quote", "file", c.name, "row", strconv.Itoa(c.row+1)), Err: err}
	}
	return err
}

// whole returns one record without its line end: a line, or as many as the open
// quote needs.
func (c *csvRows) whole() ([]byte, error) {
	text, err := c.in.ReadSlice('\n')
	if err == nil && bytes.IndexByte(text, '"') < 0 {
		return trimEnd(text), nil
	}
	c.record = append(c.record[:0], text...)
	state := fieldStart.after(text, c.comma)
	for {
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if errors.Is(err, io.EOF) && len(c.record) > 0 {
				return trimEnd(c.record), nil
			}
			return nil, err
		}
		if err == nil && state != quoted {
			return trimEnd(c.record), nil
		}
		if len(c.record) > maxRecord {
			return nil, errRecord
		}
		text, err = c.in.ReadSlice('\n')
		c.record = append(c.record, text...)
		state = state.after(text, c.comma)
	}
}

func trimEnd(text []byte) []byte {
	text = bytes.TrimSuffix(text, []byte("\n"))
	return bytes.TrimSuffix(text, []byte("\r"))
}

// quoteState follows the quotes of a record piece by piece.
type quoteState uint8

const (
	fieldStart quoteState = iota
	bare
	quoted
	closed // just behind a quote that closed, or the first of a doubled one
)

func (q quoteState) after(text []byte, comma byte) quoteState {
	for _, c := range text {
		switch {
		case q == quoted && c == '"':
			q = closed
		case q == quoted:
		case c == '"' && q != bare:
			q = quoted
		case c == comma:
			q = fieldStart
		default:
			q = bare
		}
	}
	return q
}

func (c *csvRows) split(record []byte) {
	for len(c.cells) < maxColumns {
		at := bytes.IndexByte(record, c.comma)
		if at < 0 {
			c.cells = append(c.cells, cell{text: record})
			return
		}
		c.cells = append(c.cells, cell{text: record[:at]})
		record = record[at+1:]
	}
}

func (c *csvRows) unquote(record []byte) {
	if cap(c.plain) < len(record) {
		c.plain = make([]byte, 0, 2*len(record))
	}
	out := c.plain[:0]
	start, quoted, field := true, false, 0
	for i := 0; i < len(record) && len(c.cells) < maxColumns-1; i++ {
		switch ch := record[i]; {
		case quoted && ch == '"':
			if i+1 < len(record) && record[i+1] == '"' {
				out = append(out, '"')
				i++
			} else {
				quoted = false
			}
		case quoted:
			out = append(out, ch)
		case ch == c.comma:
			c.cells = append(c.cells, cell{text: out[field:len(out):len(out)]})
			field, start = len(out), true
			continue
		case ch == '"' && start:
			quoted = true
		default:
			out = append(out, ch)
		}
		start = false
	}
	c.cells = append(c.cells, cell{text: out[field:len(out):len(out)]})
}
