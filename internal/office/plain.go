package office

import "bytes"

// Nearly all cells of nearly all sheets are written in one of a few ways:
//
//	<c r="A2" s="1" t="s"><v>4</v></c>
//	<c r="A2" t="inlineStr"><is><t>合肥市</t></is></c>
//	<c r="A2" s="1"/>
//
// Such a cell, if the buffer has all of it, is read in one go rather than tag by
// tag; every other is left to the careful way, which reads these no differently.

// plainCell reads a cell behind column col and returns its column; false, having
// done nothing, where it is not plain.
func (s *sheetRows) plainCell(col int) (int, bool) {
	rest := s.in.buf[s.in.start:s.in.end]
	size := len(rest)
	place, style, kind, rest := plainAttrs(rest)
	if rest == nil {
		return col, false
	}
	text, rest, filled := plainValue(rest)
	if rest == nil || len(s.text)+len(text) > maxPart {
		return col, false
	}
	if _, at := address2(place); at > 0 {
		col = at
	} else {
		col++
	}
	s.in.start += size - len(rest)
	if !filled || col > maxColumns {
		return col, true
	}
	form := isNumber
	if i, ok := atoi(style); ok && i < len(s.b.forms) {
		form = s.b.forms[i]
	}
	start := len(s.text)
	if bytes.IndexByte(text, '&') < 0 && bytes.IndexByte(text, '_') < 0 {
		s.text = append(s.text, text...)
	} else {
		s.text = unescape(s.text, text)
	}
	for len(s.cells) < col {
		s.cells = append(s.cells, cell{})
	}
	s.cells[col-1] = s.cell(start, cellType(kind), form, false, true)
	return col, true
}

// plainAttrs reads <c with the attributes r, s and t, up to what follows its name
// and attributes; a nil rest is another beginning.
func plainAttrs(rest []byte) (place, style, kind, after []byte) {
	if len(rest) < 2 || rest[0] != '<' || rest[1] != 'c' {
		return nil, nil, nil, nil
	}
	for rest = rest[2:]; len(rest) > 4 && rest[0] == ' '; {
		if rest[2] != '=' || rest[3] != '"' {
			return nil, nil, nil, nil
		}
		end := bytes.IndexByte(rest[4:min(len(rest), 64)], '"')
		if end < 0 {
			return nil, nil, nil, nil
		}
		value := rest[4 : 4+end]
		switch name := rest[1]; {
		case name == 'r' && place == nil:
			place = value
		case name == 's' && style == nil:
			style = value
		case name == 't' && kind == nil:
			kind = value
		default:
			return nil, nil, nil, nil
		}
		rest = rest[5+end:]
	}
	return place, style, kind, rest
}

// plainValue reads the rest of a cell; a nil rest is another one, or not all of it.
func plainValue(rest []byte) (text, after []byte, filled bool) {
	for _, way := range plainWays {
		if len(rest) < len(way[0]) || string(rest[:len(way[0])]) != way[0] {
			continue
		}
		if way[1] == "" {
			return nil, rest[len(way[0]):], false
		}
		rest = rest[len(way[0]):]
		end := bytes.IndexByte(rest, '<')
		if end < 0 || len(rest) < end+len(way[1]) || string(rest[end:end+len(way[1])]) != way[1] {
			return nil, nil, false
		}
		return rest[:end], rest[end+len(way[1]):], true
	}
	return nil, nil, false
}

// plainWays are how a plain cell goes on behind its attributes, and how it ends
// behind its text.
var plainWays = [...][2]string{
	{"><v>", "</v></c>"},
	{"><is><t>", "</t></is></c>"},
	{`><is><t xml:space="preserve">`, "</t></is></c>"},
	{"/>", ""},
}
