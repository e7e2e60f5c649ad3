// Package search owns finding a unit, an indicator, a goal, a set or a scheme by
// what people type: Chinese in either script, English, a code, pinyin in full, by
// its initials or half and half, with a slip of the finger. It takes names and gives
// places in a list; what stands behind them, and whether it may be seen, it does not
// know.
//
// A character has all its readings: 六安 is found by lu'an and by liuan. That
// accepts a little too much and never too little, and needs no list of words.
package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"luoshi.dev"
)

// Kind is what an entry is.
type Kind string

// The kinds, in the order of their groups where nothing else decides.
const (
	Unit      Kind = "unit"
	Indicator Kind = "indicator"
	Goal      Kind = "goal"
	Set       Kind = "set"
	Scheme    Kind = "scheme"
)

// Kinds lists them.
var Kinds = []Kind{Unit, Indicator, Goal, Set, Scheme}

// Entry is one thing that can be found.
type Entry struct {
	Kind  Kind
	Code  string
	Names luoshi.Names
	Short luoshi.Names
	Once  []string // names and codes that it bore before
	Rank  int      // among equals the lower comes first: the depth of a unit
}

// Tier is how well an entry fits, best first.
type Tier uint8

// The tiers.
const (
	Exact       Tier = iota + 1 // the name or the code itself
	Spelled                     // the name in pinyin
	Initials                    // the initials of the name
	Begins                      // the name or code begins so
	SpellBegins                 // in pinyin
	InitBegins                  // by its initials
	Contains                    // the name contains it
	SpellInside                 // in pinyin or by initials, from a later character on
	Mixed                       // some syllables whole, some by their first letters
	Sounds                      // other characters of the same sound
	Near                        // with a slip
)

// Hit is one entry that was found, by its place in the list of the index.
type Hit struct {
	Entry int
	Tier  Tier
	fine  int // within the tier, less is better
}

// Pair is an indicator at a unit: "合肥 GDP".
type Pair struct{ Unit, Indicator Hit }

// Result is what was found: the hits of each kind, best first, and pairs where the
// words name a unit and an indicator.
type Result struct {
	Hits  []Hit
	Pairs []Pair
}

// Index finds entries. It is never changed once made.
type Index struct {
	entries []Entry
	docs    []doc
	short   map[string]int // short names of units in Chinese, for words written together
}

// doc is an entry as it is compared.
type doc struct {
	forms  []form
	spoken []spoken // the Chinese name, and the short one where it is no part of it
	runes  uint64   // which characters occur, hashed: what lacks one need not be compared
	sound  uint32   // which letters occur in any reading
	typed  []typed
}

// form is a name or code, folded, without white space.
type form struct {
	text  string
	words string // with single blanks, "" where there is one word
	core  int    // bytes of text without the word for its rung (市, 县)
	once  bool   // borne before
}

// New makes an index of the entries.
func New(entries []Entry) *Index {
	x := &Index{entries: entries, docs: make([]doc, len(entries)), short: map[string]int{}}
	read := reader{}
	for i, e := range entries {
		d := &x.docs[i]
		add := func(text string, once bool) {
			f := newForm(text, e.Kind, once)
			if f.text == "" || slices.ContainsFunc(d.forms, func(old form) bool { return old.text == f.text }) {
				return
			}
			d.forms = append(d.forms, f)
			d.runes |= bloom(f.text)
		}
		for _, n := range []luoshi.Names{e.Names, e.Short} {
			add(n.Hans, false)
			add(n.Hant, false)
			add(n.En, false)
		}
		add(e.Code, false)
		for _, name := range e.Once {
			add(name, true)
		}
		d.speak(e.Names.Hans, e.Kind, &read)
		if !strings.Contains(e.Names.Hans, e.Short.Hans) {
			d.speak(e.Short.Hans, e.Kind, &read)
		}
		d.types()
		if e.Kind == Unit {
			x.nick(i)
		}
	}
	return x
}

func (d *doc) speak(name string, kind Kind, read *reader) {
	if s := read.name(name, kind); len(s.chars) > 0 {
		d.spoken = append(d.spoken, s)
		d.sound |= s.letters()
	}
}

// nick notes the short Chinese names of a unit.
func (x *Index) nick(i int) {
	for _, f := range x.docs[i].forms {
		name := f.text[:f.core]
		if utf8.RuneCountInString(name) < 2 || !han(name) || f.once {
			continue
		}
		if old, taken := x.short[name]; !taken || x.entries[i].Rank < x.entries[old].Rank {
			x.short[name] = i
		}
	}
}

// Entry returns an entry by its place.
func (x *Index) Entry(i int) Entry { return x.entries[i] }

// Former is the name or code that an entry bore before, where the query means that
// one rather than what it is called now; "" otherwise.
func (x *Index) Former(i int, query string) string {
	text := strings.ReplaceAll(fold(query), " ", "")
	best, former := Near+1, ""
	for _, once := range []bool{false, true} {
		for k := range x.docs[i].forms {
			f := &x.docs[i].forms[k]
			if f.once != once {
				continue
			}
			if tier, _, ok := f.fits(text); ok && tier < best {
				if best = tier; once {
					former = f.text
				}
			}
		}
	}
	return former
}

// Len is the number of entries.
func (x *Index) Len() int { return len(x.entries) }

// Weight is about how many bytes the index holds.
func (x *Index) Weight() int {
	n := 0
	for i := range x.docs {
		n += 400
		for _, f := range x.docs[i].forms {
			n += 48 + len(f.text) + len(f.words)
		}
		for _, t := range x.docs[i].typed {
			n += 32 + 4*len(t.runes)
		}
	}
	return n
}

// rungs are the words at the end of a unit's name that people leave out.
var rungs = []string{"自治区", "自治州", "自治县", "省", "市", "县", "縣", "区", "區", "镇", "鎮", "乡", "鄉", "街道"}

func newForm(text string, kind Kind, once bool) form {
	words := fold(text)
	f := form{text: strings.ReplaceAll(words, " ", ""), once: once}
	if strings.Contains(words, " ") {
		f.words = words
	}
	f.core = len(f.text)
	if kind == Unit {
		f.core = core(f.text)
	}
	return f
}

// core is how much of a unit's name is left without the word for its rung.
func core(name string) int {
	for _, rung := range rungs {
		if rest, ok := strings.CutSuffix(name, rung); ok && utf8.RuneCountInString(rest) >= 2 {
			return len(rest)
		}
	}
	return len(name)
}

// maxQuery bounds what is read of a query, in characters.
const maxQuery = 64

// fold is how names and queries are compared: plain letters and digits, lower case,
// no marks, single blanks.
func fold(s string) string {
	var b strings.Builder
	blank := false
	for _, r := range luoshi.Fold(s) {
		switch {
		case r == '\'' || r == '’' || r == '‘' || r == 'ʼ' || r == '`' || r == '·' || r == utf8.RuneError: // lu'an is luan
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-':
			if blank && b.Len() > 0 {
				b.WriteByte(' ')
			}
			blank = false
			if r == 'ü' || r == 'Ü' {
				r = 'v'
			}
			b.WriteRune(unicode.ToLower(r))
		default:
			blank = true
		}
	}
	return b.String()
}

// bloom marks the characters of a text in 64 bits.
func bloom(s string) uint64 {
	var b uint64
	for _, r := range s {
		b |= 1 << (uint32(r) * 2654435761 >> 26)
	}
	return b
}

// word is a part of a query.
type word struct {
	text    string
	runes   uint64
	letters uint32 // of a word of letters alone, else 0
	count   int    // characters
}

func newWord(text string) word {
	w := word{text: text, runes: bloom(text), count: utf8.RuneCountInString(text)}
	w.letters = letters(text)
	return w
}

// letters marks the letters of a text, 0 where it has anything else.
func letters(s string) uint32 {
	var m uint32
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return 0
		}
		m |= 1 << (s[i] - 'a')
	}
	return m
}

func han(s string) bool {
	for _, r := range s {
		if !unicode.Is(unicode.Han, r) {
			return false
		}
	}
	return s != ""
}

// parse splits a query into words.
func parse(query string) []word {
	if len(query) > 8*maxQuery {
		query = query[:8*maxQuery]
	}
	text := fold(strings.ToValidUTF8(query, ""))
	if r := []rune(text); len(r) > maxQuery {
		text = strings.TrimSpace(string(r[:maxQuery]))
	}
	var words []word
	for _, part := range strings.Fields(text) {
		words = append(words, newWord(part))
	}
	return words
}

// Find returns what fits the query, at most `most` of each kind.
func (x *Index) Find(query string, most int) Result {
	words := parse(query)
	if len(words) == 0 || most <= 0 {
		return Result{}
	}
	r := Result{Hits: x.hits(words, most), Pairs: x.pairs(words)}
	if len(r.Hits) == 0 && len(r.Pairs) == 0 {
		r.Hits = x.otherwise(words, most)
	}
	return r
}

// hits lists the entries that every word fits.
func (x *Index) hits(words []word, most int) []Hit {
	whole := words[0]
	if len(words) > 1 {
		var b strings.Builder
		for _, w := range words {
			b.WriteString(w.text)
		}
		whole = newWord(b.String())
	}
	return x.best(most, func(d *doc) (Tier, int, bool) {
		tier, fine, ok := d.fits(whole)
		if ok && (len(words) == 1 || tier < Contains) {
			return tier, fine, true
		}
		if len(words) == 1 {
			return 0, 0, false
		}
		tier, fine = Contains, 0
		for _, w := range words {
			t, f, ok := d.fits(w)
			if !ok {
				return 0, 0, false
			}
			tier, fine = max(tier, t), fine+f
		}
		return tier, fine, true
	})
}

// best gathers the hits of a measure, of each kind the best.
func (x *Index) best(most int, measure func(d *doc) (Tier, int, bool)) []Hit {
	var list []Hit
	for i := range x.docs {
		if tier, fine, ok := measure(&x.docs[i]); ok {
			list = append(list, Hit{i, tier, fine})
		}
	}
	slices.SortFunc(list, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Tier, b.Tier), cmp.Compare(x.entries[a.Entry].Rank, x.entries[b.Entry].Rank), cmp.Compare(a.fine, b.fine), cmp.Compare(a.Entry, b.Entry))
	})
	count := map[Kind]int{}
	return slices.DeleteFunc(list, func(h Hit) bool {
		kind := x.entries[h.Entry].Kind
		count[kind]++
		return count[kind] > most
	})
}

// pairs reads a query as a unit and an indicator, in either order, apart or, in
// Chinese, written together.
func (x *Index) pairs(words []word) []Pair {
	if len(words) == 1 {
		if unit, rest, ok := x.cut(words[0].text); ok {
			return x.join([]Hit{{Entry: unit, Tier: Exact}}, []word{newWord(rest)})
		}
		return nil
	}
	var list []Pair
	for k := 1; k < len(words) && len(list) == 0; k++ {
		list = append(x.join(x.some(Unit, words[:k], 2), words[k:]), x.join(x.some(Unit, words[k:], 2), words[:k])...)
	}
	return list
}

// cut takes the longest short name of a unit off the start of a text.
func (x *Index) cut(text string) (unit int, rest string, ok bool) {
	for end := len(text) - 1; end > 3; end-- {
		if unit, ok := x.short[text[:end]]; ok && utf8.RuneStart(text[end]) {
			for _, rung := range rungs {
				if left, cut := strings.CutPrefix(text[end:], rung); cut && left != "" {
					return unit, left, true
				}
			}
			return unit, text[end:], true
		}
	}
	return 0, "", false
}

func (x *Index) join(units []Hit, words []word) []Pair {
	if len(units) == 0 {
		return nil
	}
	var list []Pair
	for _, u := range units {
		for _, in := range x.some(Indicator, words, 3) {
			list = append(list, Pair{u, in})
		}
	}
	return list
}

// some are the best entries of a kind, if they fit well.
func (x *Index) some(kind Kind, words []word, most int) []Hit {
	hits := slices.DeleteFunc(x.hits(words, most), func(h Hit) bool { return x.entries[h.Entry].Kind != kind || h.Tier > Contains })
	return hits[:min(most, len(hits))]
}

// otherwise looks for the same sound in other characters, and then for slips.
func (x *Index) otherwise(words []word, most int) []Hit {
	read := reader{}
	for _, spelled := range read.query(words) {
		hits := x.best(most, func(d *doc) (Tier, int, bool) {
			if tier, fine, ok := d.fits(spelled); ok && tier < Mixed {
				return Sounds, 10*int(tier) + fine, true
			}
			return 0, 0, false
		})
		if len(hits) > 0 {
			return hits
		}
	}
	var whole strings.Builder
	for _, w := range words {
		whole.WriteString(w.text)
	}
	limit := slips(whole.String())
	if limit == 0 {
		return nil
	}
	mistyped := newTyped(whole.String())
	return x.best(most, func(d *doc) (Tier, int, bool) {
		far, ok := d.near(mistyped, limit)
		return Near, far, ok
	})
}
