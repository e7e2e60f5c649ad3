package office

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// A sheet of half a million figures is some 200 MB of XML. encoding/xml reads it at
// a tenth of the speed at which it unpacks, and excelize's row reader, which sits
// on it, gives neither types nor styles nor hidden rows of a cell. So sheets have
// their own scanner: of the XML that spreadsheets write (UTF-8, no DTD) it returns
// elements and text, and refuses the rest. It holds one tag or one text at a time.

// token is an element's start or end, or text, valid until the next one.
type token struct {
	kind  tokenKind
	name  []byte // without prefix
	attrs []byte // as written
	text  []byte // as written; see unescape
	empty bool   // <name/>
}

type tokenKind uint8

const (
	startTag tokenKind = iota
	endTag
	charData
)

var errXML = errors.New("not the XML of a spreadsheet")

type scanner struct {
	src        io.Reader
	buf        []byte
	start, end int
	err        error
}

func newScanner(src io.Reader) *scanner { return &scanner{src: src, buf: make([]byte, 64<<10)} }

// fill reads more behind what is kept; false at the end.
func (s *scanner) fill() bool {
	if s.err != nil {
		return false
	}
	if s.start > 0 {
		copy(s.buf, s.buf[s.start:s.end])
		s.end -= s.start
		s.start = 0
	}
	if s.end == len(s.buf) {
		if len(s.buf) >= maxRecord {
			s.err = errXML
			return false
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	n, err := s.src.Read(s.buf[s.end:])
	s.end += n
	s.err = err
	return n > 0 || err == nil
}

// until returns the bytes up to and with the mark, which it passes.
func (s *scanner) until(mark []byte) ([]byte, bool) {
	from := 0
	for {
		if at := bytes.Index(s.buf[s.start+from:s.end], mark); at >= 0 {
			piece := s.buf[s.start : s.start+from+at+len(mark)]
			s.start += from + at + len(mark)
			return piece, true
		}
		from = max(0, s.end-s.start-len(mark)+1)
		if !s.fill() {
			return nil, false
		}
	}
}

// next returns the next token, or io.EOF.
func (s *scanner) next() (token, error) {
	for {
		if s.start == s.end && !s.fill() {
			return token{}, s.fail()
		}
		if s.start == s.end {
			continue
		}
		if s.buf[s.start] != '<' {
			return s.characters()
		}
		if t, ok, err := s.tag(); ok || err != nil {
			return t, err
		}
	}
}

// fail is the end: io.EOF, or why there is no more.
func (s *scanner) fail() error {
	if s.err == nil {
		return errXML
	}
	return s.err
}

func (s *scanner) characters() (token, error) {
	from := 0
	for {
		if at := bytes.IndexByte(s.buf[s.start+from:s.end], '<'); at >= 0 {
			text := s.buf[s.start : s.start+from+at]
			s.start += from + at
			return token{kind: charData, text: text}, nil
		}
		from = s.end - s.start
		if !s.fill() {
			if !errors.Is(s.fail(), io.EOF) {
				return token{}, s.fail()
			}
			text := s.buf[s.start:s.end]
			s.start = s.end
			return token{kind: charData, text: text}, nil
		}
	}
}

// tag reads what begins with <; false for comments and the like.
func (s *scanner) tag() (token, bool, error) {
	for s.end-s.start < 9 && s.fill() {
	}
	rest := s.buf[s.start:s.end]
	switch {
	case len(rest) > 1 && rest[1] != '!' && rest[1] != '?':
	case bytes.HasPrefix(rest, []byte("<!--")):
		return token{}, false, s.skip("-->")
	case bytes.HasPrefix(rest, []byte("<?")):
		return token{}, false, s.skip("?>")
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		piece, ok := s.until([]byte("]]>"))
		if !ok {
			return token{}, false, s.broken()
		}
		return token{kind: charData, text: bytes.ReplaceAll(piece[9:len(piece)-3], []byte("&"), []byte("&amp;"))}, true, nil
	case bytes.HasPrefix(rest, []byte("<!")):
		return token{}, false, errXML
	}
	piece, ok := s.until([]byte(">"))
	if ok && bytes.Count(piece, []byte(`"`))%2 == 1 { // a > inside an attribute
		s.start -= len(piece)
		piece, ok = s.quotedTag()
	}
	if !ok {
		return token{}, false, s.broken()
	}
	return element(piece[1 : len(piece)-1]), true, nil
}

// quotedTag returns the bytes up to the first > outside double quotes.
func (s *scanner) quotedTag() ([]byte, bool) {
	inside := false
	for at := 0; ; at++ {
		for s.start+at == s.end {
			if !s.fill() {
				return nil, false
			}
		}
		switch c := s.buf[s.start+at]; {
		case c == '"':
			inside = !inside
		case c == '>' && !inside:
			piece := s.buf[s.start : s.start+at+1]
			s.start += at + 1
			return piece, true
		}
	}
}

// find passes everything up to and with the mark, keeping nothing.
func (s *scanner) find(mark []byte) bool {
	for {
		if at := bytes.Index(s.buf[s.start:s.end], mark); at >= 0 {
			s.start += at + len(mark)
			return true
		}
		s.start = max(s.start, s.end-len(mark)+1)
		if !s.fill() {
			return false
		}
	}
}

func (s *scanner) skip(mark string) error {
	if _, ok := s.until([]byte(mark)); !ok {
		return s.broken()
	}
	return nil
}

// broken is an end in the middle of something.
func (s *scanner) broken() error {
	if err := s.fail(); !errors.Is(err, io.EOF) {
		return err
	}
	return io.ErrUnexpectedEOF
}

func element(piece []byte) token {
	t := token{kind: startTag}
	if len(piece) > 0 && piece[0] == '/' {
		t.kind, piece = endTag, piece[1:]
	} else if len(piece) > 0 && piece[len(piece)-1] == '/' {
		t.empty, piece = true, piece[:len(piece)-1]
	}
	name, attrs := piece, []byte(nil)
	if at := bytes.IndexAny(piece, " \t\r\n"); at >= 0 {
		name, attrs = piece[:at], piece[at+1:]
	}
	if at := bytes.IndexByte(name, ':'); at >= 0 {
		name = name[at+1:]
	}
	t.name, t.attrs = name, attrs
	return t
}

// attr returns an attribute's value as written, or nil.
func (t token) attr(name string) []byte {
	rest := t.attrs
	for {
		at := bytes.IndexByte(rest, '=')
		if at < 0 {
			return nil
		}
		key := bytes.TrimSpace(rest[:at])
		if rest = rest[at+1:]; len(rest) > 0 && rest[0] <= ' ' {
			rest = bytes.TrimLeft(rest, " \t\r\n")
		}
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return nil
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil
		}
		if string(key) == name {
			return rest[1 : 1+end]
		}
		rest = rest[end+2:]
	}
}

func (t token) attrInt(name string) (int, bool) { return atoi(t.attr(name)) }

// atoi reads a small count without allocation.
func atoi(text []byte) (int, bool) {
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' || n > 100_000_000 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(text) > 0
}

func (t token) attrTrue(name string) bool {
	v := t.attr(name)
	return string(v) == "1" || string(v) == "true"
}

// unescape appends text with its entities resolved, and Excel's own _x000D_ form
// of characters that XML cannot hold.
func unescape(dst, text []byte) []byte {
	for len(text) > 0 {
		at := bytes.IndexAny(text, "&_")
		if at < 0 {
			return append(dst, text...)
		}
		dst, text = append(dst, text[:at]...), text[at:]
		if text[0] == '_' {
			if len(text) >= 7 && text[1] == 'x' && text[6] == '_' {
				if n, err := strconv.ParseUint(string(text[2:6]), 16, 32); err == nil {
					dst, text = utf8.AppendRune(dst, rune(n)), text[7:]
					continue
				}
			}
			dst, text = append(dst, '_'), text[1:]
			continue
		}
		end := bytes.IndexByte(text[:min(len(text), 12)], ';')
		if end < 0 {
			dst, text = append(dst, '&'), text[1:]
			continue
		}
		dst, text = entity(dst, string(text[1:end])), text[end+1:]
	}
	return dst
}

func entity(dst []byte, name string) []byte {
	switch name {
	case "amp":
		return append(dst, '&')
	case "lt":
		return append(dst, '<')
	case "gt":
		return append(dst, '>')
	case "quot":
		return append(dst, '"')
	case "apos":
		return append(dst, '\'')
	}
	if len(name) > 1 && name[0] == '#' {
		base, digits := 10, name[1:]
		if digits[0] == 'x' {
			base, digits = 16, digits[1:]
		}
		if n, err := strconv.ParseUint(digits, base, 32); err == nil && n <= utf8.MaxRune {
			return utf8.AppendRune(dst, rune(n))
		}
	}
	return append(append(append(dst, '&'), name...), ';')
}
