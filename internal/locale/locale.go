// Package locale owns the words of the product in simplified Chinese, traditional
// Chinese and English, and how each writes numbers, dates and periods. It turns a
// luoshi.Message into a sentence. It knows nothing of what the sentences mean.
package locale

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"golang.org/x/text/language"

	"luoshi.dev"
)

// Lang is one of the three written languages.
type Lang string

// The languages. Traditional Chinese words are written, never converted.
const (
	ZhHans Lang = "zh-Hans"
	ZhHant Lang = "zh-Hant"
	En     Lang = "en"
)

// Langs lists them in the order of the switch.
var Langs = []Lang{ZhHans, ZhHant, En}

var matcher = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.TraditionalChinese, language.English})

// Choose returns the best language for a list of wishes, each a language tag or an
// Accept-Language header, the first that is understood winning.
func Choose(wishes ...string) Lang {
	for _, wish := range wishes {
		tags, _, err := language.ParseAcceptLanguage(wish)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, confidence := matcher.Match(tags...); confidence > language.No {
			return Langs[i]
		}
	}
	return ZhHans
}

//go:embed words/*.toml
var words embed.FS

// Catalogue holds the words by key.
type Catalogue struct {
	entries map[string]map[Lang]string
}

// New reads the embedded words. An error is a broken build, not a user's.
func New() (*Catalogue, error) {
	c := &Catalogue{entries: map[string]map[Lang]string{}}
	files, err := fs.Glob(words, "words/*.toml")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		text, err := words.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var table map[string]map[Lang]string
		if err := toml.Unmarshal(text, &table); err != nil {
			return nil, fmt.Errorf("words %s: %w", name, err)
		}
		for key, entry := range table {
			if _, twice := c.entries[key]; twice {
				return nil, fmt.Errorf("words %s: %q stands twice", name, key)
			}
			c.entries[key] = entry
		}
	}
	return c, nil
}

// Keys lists every key, sorted.
func (c *Catalogue) Keys() []string {
	keys := make([]string, 0, len(c.entries))
	for key := range c.entries {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Has reports whether the key has words.
func (c *Catalogue) Has(key string) bool { return c.entries[key] != nil }

// Template returns the words of a key before its arguments are put in.
func (c *Catalogue) Template(lang Lang, key string) (string, bool) {
	entry, ok := c.entries[key]
	if !ok {
		return "", false
	}
	if text, ok := entry[lang]; ok {
		return text, true
	}
	return entry[ZhHans], true
}

// Word is a message without arguments; an unknown key comes back as itself, so
// that it is seen and reported rather than blank.
func (c *Catalogue) Word(lang Lang, key string) string {
	if text, ok := c.Template(lang, key); ok {
		return text
	}
	return key
}

// Say writes the sentence of a message. An empty message is an empty sentence.
func (c *Catalogue) Say(lang Lang, m luoshi.Message) string {
	if m.Key == "" {
		return ""
	}
	text, ok := c.Template(lang, m.Key)
	if !ok {
		return m.String()
	}
	var b strings.Builder
	for {
		before, rest, open := strings.Cut(text, "{")
		b.WriteString(before)
		if !open {
			return b.String()
		}
		hole, after, closed := strings.Cut(rest, "}")
		if !closed {
			b.WriteString("{" + rest)
			return b.String()
		}
		name, format, _ := strings.Cut(hole, "|")
		if arg, given := m.Args[name]; given {
			b.WriteString(c.Show(lang, arg, format))
		} else {
			b.WriteString("{" + hole + "}")
		}
		text = after
	}
}

// Error writes what a user is told of an error: the first of its messages that has
// words, with the way out, or else that the fault is ours.
func (c *Catalogue) Error(lang Lang, err error) string {
	for ; err != nil; err = errors.Unwrap(err) {
		var e *luoshi.Error
		if !errors.As(err, &e) {
			break
		}
		if err = e; !c.Has(e.Message.Key) {
			continue
		}
		text := c.Say(lang, e.Message)
		if fix := e.Message.Key + ".fix"; c.Has(fix) {
			text = c.then(lang, text, c.Say(lang, luoshi.Message{Key: fix, Args: e.Message.Args}))
		}
		return text
	}
	return c.Word(lang, "error.internal")
}

// Problem writes a problem with its place, its rule and its way out.
func (c *Catalogue) Problem(lang Lang, p luoshi.Problem) string {
	var b strings.Builder
	for _, part := range []string{p.File, p.Sheet, p.Ref()} {
		if part != "" {
			if b.Len() > 0 {
				b.WriteString(" ")
			}
			b.WriteString(part)
		}
	}
	if b.Len() > 0 {
		b.WriteString(c.Word(lang, "punct.colon"))
	}
	text := c.Say(lang, p.Message)
	if fix := p.Message.Key + ".fix"; c.Has(fix) {
		text = c.then(lang, text, c.Say(lang, luoshi.Message{Key: fix, Args: p.Message.Args}))
	}
	return b.String() + text
}

// then puts a second sentence after a first, which may end with a mark of its own.
func (c *Catalogue) then(lang Lang, first, second string) string {
	stop := c.Word(lang, "punct.stop")
	if strings.HasSuffix(first, "?") || strings.HasSuffix(first, "？") {
		stop = stop[len(strings.TrimRight(stop, " ")):]
	}
	return first + stop + second
}

// Written reports whether the key has words of its own in the language.
func (c *Catalogue) Written(lang Lang, key string) bool { return c.entries[key][lang] != "" }
