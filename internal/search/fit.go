package search

import (
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// fits says how well a word fits an entry.
func (d *doc) fits(w word) (tier Tier, fine int, ok bool) {
	best := Near + 1
	if w.runes&^d.runes == 0 {
		for i := range d.forms {
			if t, f, ok := d.forms[i].fits(w.text); ok && (t < best || t == best && f < fine) {
				best, fine = t, f
			}
		}
	}
	if w.letters != 0 && w.letters&^d.sound == 0 && best > Spelled {
		for i := range d.spoken {
			if t, f, ok := d.spoken[i].fits(w.text); ok && (t < best || t == best && f < fine) {
				best, fine = t, f
			}
		}
	}
	return best, fine, best <= Near
}

// fits compares a word with one name or code.
func (f *form) fits(text string) (Tier, int, bool) {
	i := strings.Index(f.text, text)
	if i < 0 {
		return 0, 0, false
	}
	over := len(f.text) - len(text)
	past := 0 // what it was called before comes after what it is called
	if f.once {
		past = 1
	}
	switch {
	case over == 0 || i == 0 && len(text) == f.core:
		return Exact, past, true
	case i == 0:
		return Begins, over + 100*past, true
	case f.words != "" && strings.Contains(f.words, " "+text):
		return Contains, over + 100*past, true
	case len(text) < 2: // one letter in the middle is no sign
		return 0, 0, false
	}
	return Contains, 100 + over + 100*past, true
}

// spoken is a Chinese name by the readings of its characters.
type spoken struct {
	chars [][]string
	core  int // characters without the word for the rung
}

func (s *spoken) letters() uint32 {
	var m uint32
	for _, readings := range s.chars {
		for _, r := range readings {
			m |= letters(r)
		}
	}
	return m
}

// fits compares letters with the name as it is spoken.
func (s *spoken) fits(text string) (Tier, int, bool) {
	best, fine := Near+1, 0
	over := len(s.chars) - len(text)
	take := func(t Tier, f int) {
		if t < best {
			best, fine = t, f
		}
	}
	if used, whole := s.spell(0, text); used > 0 {
		if whole && (used == len(s.chars) || used == s.core) {
			return Spelled, len(s.chars) - used, true
		}
		take(SpellBegins, len(s.chars)-used)
	}
	if len(text) >= 2 {
		if used := s.initials(0, text); used > 0 {
			if used == len(s.chars) || used == s.core {
				take(Initials, len(s.chars)-used)
			}
			take(InitBegins, over)
		}
	}
	if best <= Near || len(text) < 2 {
		return best, fine, best <= Near
	}
	for from := 1; from < len(s.chars); from++ {
		if used, _ := s.spell(from, text); used > 1 || used == 1 && len(text) >= 3 || s.initials(from, text) > 0 && len(text) >= 3 {
			return SpellInside, 10*from + len(s.chars), true
		}
	}
	if len(text) >= 3 && s.mixed(0, text) {
		return Mixed, len(s.chars), true
	}
	return 0, 0, false
}

// spell reads text as whole syllables from a character on, the last of them perhaps
// only begun. It returns how many characters were used, 0 if it is none, and whether
// the last was whole.
func (s *spoken) spell(from int, text string) (used int, whole bool) {
	if from >= len(s.chars) {
		return 0, false
	}
	for _, r := range s.chars[from] {
		switch {
		case text == r:
			return 1, true
		case strings.HasPrefix(text, r):
			if n, w := s.spell(from+1, text[len(r):]); n > 0 {
				if !whole || n+1 > used {
					used, whole = n+1, w
				}
			}
		case strings.HasPrefix(r, text) && used == 0:
			used = 1
		}
	}
	return used, whole
}

// initials reads each letter (or zh, ch, sh) as the beginning of one character and
// returns how many were used, 0 if it does not go on so to the end.
func (s *spoken) initials(from int, text string) int {
	n := 0
	for ; text != ""; n++ {
		if from+n >= len(s.chars) {
			return 0
		}
		step := 0
		for _, r := range s.chars[from+n] {
			if r[0] != text[0] {
				continue
			}
			step = max(step, 1)
			if len(text) > 1 && text[1] == 'h' && len(r) > 1 && r[1] == 'h' {
				step = 2
			}
		}
		if step == 0 {
			return 0
		}
		text = text[step:]
	}
	return n
}

// mixed reads text as the beginnings, of any length, of one character after another.
func (s *spoken) mixed(from int, text string) bool {
	if text == "" {
		return true
	}
	if from >= len(s.chars) {
		return false
	}
	for _, r := range s.chars[from] {
		for n := min(len(r), len(text)); n > 0; n-- {
			if r[:n] == text[:n] && s.mixed(from+1, text[n:]) {
				return true
			}
		}
	}
	return false
}

// typed is a name as it may be mistyped.
type typed struct {
	runes []rune
	marks uint64
}

func newTyped(text string) typed { return typed{[]rune(text), bloom(text)} }

// maxTyped bounds the names that slips are looked for in, in characters.
const maxTyped = 60

// types gathers the ways in which an entry is typed.
func (d *doc) types() {
	add := func(text string) {
		one := newTyped(text)
		if len(one.runes) < 2 || len(one.runes) > maxTyped || slices.ContainsFunc(d.typed, func(old typed) bool { return string(old.runes) == text }) {
			return
		}
		d.typed = append(d.typed, one)
	}
	for i := range d.forms {
		if f := &d.forms[i]; !f.once {
			add(f.text)
			add(f.text[:f.core])
		}
	}
	for i := range d.spoken {
		text, core := d.spoken[i].plain()
		add(text)
		add(text[:core])
	}
}

// slips is how many slips are forgiven in a word.
func slips(text string) int {
	n := utf8.RuneCountInString(text)
	switch {
	case n > maxTyped:
		return 0
	case n >= 8:
		return 2
	case n >= 4 || n == 3 && han(text):
		return 1
	}
	return 0
}

// near is the least distance of an entry from a mistyped word.
func (d *doc) near(w typed, limit int) (int, bool) {
	best := limit + 1
	for i := range d.typed {
		t := &d.typed[i]
		if over := len(t.runes) - len(w.runes); over >= best || -over >= best || bits.OnesCount64(w.marks&^t.marks) > limit || bits.OnesCount64(t.marks&^w.marks) > limit {
			continue
		}
		best = min(best, distance(w.runes, t.runes, best))
	}
	return best, best <= limit
}

// plain is the name in the first reading of each character, and how much of it is
// left without the word for the rung.
func (s *spoken) plain() (text string, core int) {
	var b strings.Builder
	for i, readings := range s.chars {
		if i == s.core {
			core = b.Len()
		}
		b.WriteString(readings[0])
	}
	if s.core >= len(s.chars) {
		core = b.Len()
	}
	return b.String(), core
}

// distance is the optimal string alignment distance (a letter more, less, other, or
// two exchanged), or limit where it is no less.
func distance(a, b []rune, limit int) int {
	var rows [3][maxTyped + 1]uint8
	before, last, now := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = uint8(j) //nolint:gosec // at most maxTyped
	}
	for i := 1; i <= len(a); i++ {
		now[0] = uint8(i) //nolint:gosec // at most maxTyped
		least := now[0]
		for j := 1; j <= len(b); j++ {
			step := uint8(1)
			if a[i-1] == b[j-1] {
				step = 0
			}
			d := min(last[j]+1, now[j-1]+1, last[j-1]+step)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			now[j] = d
			least = min(least, d)
		}
		if int(least) >= limit {
			return limit
		}
		before, last, now = last, now, before
	}
	return min(int(last[len(b)]), limit)
}
