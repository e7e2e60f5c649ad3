package office

import (
	"embed"
	"encoding/csv"
	"strings"
	"sync"
	"unicode"

	"luoshi.dev"
)

// The heads of the sheets and the words in their cells are data: words/heads.csv
// names every column in three languages with what else people call it, words/words.csv
// every word that a cell may hold. Reading accepts them all in any mixture; writing
// uses those of one language.
//
//go:embed words/*.csv
var wordFiles embed.FS

// field is one column of one kind of sheet.
type field struct {
	key   string
	form  string // what its cells hold: text, code, number, date, or the name of a list
	must  bool
	heads luoshi.Names
	notes luoshi.Names
}

// word is one entry of a list of words.
type word struct {
	value string
	names luoshi.Names
}

type lexicon struct {
	fields map[Kind][]field
	heads  map[Kind]map[string]int // head as compared -> index into fields
	all    map[Kind][]string       // every head, for suggestions
	lists  map[string][]word
	words  map[string]map[string]string // list -> word as compared -> value
	every  map[string][]string          // every word of a list, for suggestions

	inTotals [256]bool // the last bytes of the characters of the words for a total
}

// lex is read once; what is embedded cannot fail but by our own fault.
var lex = sync.OnceValue(readLexicon)

func readLexicon() *lexicon {
	l := &lexicon{
		fields: map[Kind][]field{}, heads: map[Kind]map[string]int{}, all: map[Kind][]string{},
		lists: map[string][]word{}, words: map[string]map[string]string{}, every: map[string][]string{},
	}
	for _, r := range embedded("words/heads.csv") {
		kind := Kind(r[0])
		if l.heads[kind] == nil {
			l.heads[kind] = map[string]int{}
		}
		at := len(l.fields[kind])
		l.fields[kind] = append(l.fields[kind], field{
			key: r[1], form: r[2], must: r[3] == "must",
			heads: luoshi.Names{Hans: r[4], Hant: r[5], En: r[6]},
			notes: luoshi.Names{Hans: r[8], Hant: r[9], En: r[10]},
		})
		for _, head := range append([]string{r[4], r[5], r[6], r[1]}, strings.Split(r[7], "|")...) {
			form := headForm(head)
			if _, taken := l.heads[kind][form]; form != "" && !taken {
				l.heads[kind][form] = at
				l.all[kind] = append(l.all[kind], head)
			}
		}
	}
	for _, r := range embedded("words/words.csv") {
		if l.words[r[0]] == nil {
			l.words[r[0]] = map[string]string{}
		}
		l.lists[r[0]] = append(l.lists[r[0]], word{r[1], luoshi.Names{Hans: r[2], Hant: r[3], En: r[4]}})
		for _, w := range append([]string{r[2], r[3], r[4], r[1]}, strings.Split(r[5], "|")...) {
			form := wordForm(w)
			if _, taken := l.words[r[0]][form]; form != "" && !taken {
				l.words[r[0]][form] = r[1]
				l.every[r[0]] = append(l.every[r[0]], w)
			}
		}
	}
	for _, r := range strings.Join(l.every["total"], "") {
		l.inTotals[byte(r)] = true
	}
	return l
}

func embedded(name string) [][]string {
	file, err := wordFiles.Open(name)
	if err != nil {
		panic(err)
	}
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		panic(err)
	}
	return records[1:]
}

// field returns a field by its key.
func (l *lexicon) field(kind Kind, key string) field {
	for _, f := range l.fields[kind] {
		if f.key == key {
			return f
		}
	}
	return field{}
}

// headForm is how heads are compared: folded, lower case, without white space,
// underscores, stars and what stands in brackets (a unit of measure, "required").
func headForm(s string) string {
	return headBare(s, true)
}

func headBare(s string, brackets bool) string {
	if len(s) > 256 {
		return ""
	}
	var b strings.Builder
	depth := 0
	for _, r := range strings.ToLower(luoshi.Fold(s)) {
		switch {
		case brackets && strings.ContainsRune("([【〔", r):
			depth++
		case brackets && strings.ContainsRune(")]】〕", r):
			depth = max(0, depth-1)
		case depth > 0 || unicode.IsSpace(r) || strings.ContainsRune("_*:;,。、", r):
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// wordForm is how words are compared: as heads, but with what stands in brackets.
func wordForm(s string) string {
	if plain := headBare(s, false); plain != "" {
		return plain
	}
	return strings.TrimSpace(s)
}

// find returns the value of a word of a list.
func (l *lexicon) find(list, text string) (string, bool) {
	v, ok := l.words[list][wordForm(text)]
	return v, ok
}

// say returns the word for a value in a language.
func (l *lexicon) say(list, value, lang string) string {
	for _, w := range l.lists[list] {
		if w.value == value {
			return pick(w.names, lang)
		}
	}
	return value
}

// allowed lists the preferred words of a list, for messages.
func (l *lexicon) allowed(list string) luoshi.Names {
	var hans, hant, en []string
	for _, w := range l.lists[list] {
		hans, hant, en = append(hans, w.names.Hans), append(hant, w.names.Hant), append(en, w.names.En)
	}
	return luoshi.Names{Hans: strings.Join(hans, "、"), Hant: strings.Join(hant, "、"), En: strings.Join(en, ", ")}
}

// The languages of heads, words and templates.
const (
	Hans = "zh-Hans"
	Hant = "zh-Hant"
	En   = "en"
)

// pick returns the name in a language, or the simplified Chinese one.
func pick(n luoshi.Names, lang string) string {
	switch {
	case lang == Hant && n.Hant != "":
		return n.Hant
	case lang == En && n.En != "":
		return n.En
	}
	return n.Hans
}
