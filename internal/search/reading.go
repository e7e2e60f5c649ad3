package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"

	"luoshi.dev"
)

// reader looks characters up and keeps what it found.
type reader struct{ known map[rune][]string }

// of lists the readings of a character without tones, none where it has none. ü is
// written v on a keyboard, and by some u or yu.
func (r *reader) of(c rune) []string {
	if list, done := r.known[c]; done {
		return list
	}
	var list []string
	add := func(s string) {
		if s != "" && letters(s) != 0 && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	args := pinyin.NewArgs()
	args.Heteronym = true
	for _, s := range pinyin.SinglePinyin(c, args) {
		s = strings.ReplaceAll(s, "ü", "v")
		add(s)
		if strings.Contains(s, "v") {
			add(strings.ReplaceAll(s, "v", "u"))
			add(strings.ReplaceAll(s, "v", "yu"))
		}
	}
	if r.known == nil {
		r.known = map[rune][]string{}
	}
	r.known[c] = list
	return list
}

// maxSpoken bounds the characters of a name that are compared by their sound.
const maxSpoken = 24

// name reads a Chinese name. Letters and digits in it stand for themselves; other
// marks are passed over.
func (r *reader) name(name string, kind Kind) spoken {
	var s spoken
	if !strings.ContainsFunc(name, func(c rune) bool { return unicode.Is(unicode.Han, c) }) {
		return s
	}
	name = strings.ReplaceAll(fold(name), " ", "")
	end := len(name)
	if kind == Unit {
		end = core(name)
	}
	for i, c := range name {
		if i == end {
			s.core = len(s.chars)
		}
		list := r.of(c)
		if c < utf8.RuneSelf {
			list = []string{string(c)}
		}
		if len(list) > 0 {
			s.chars = append(s.chars, list)
		}
		if len(s.chars) == maxSpoken {
			break
		}
	}
	if s.core == 0 {
		s.core = len(s.chars)
	}
	return s
}

// maxReadings bounds how many spellings of a query in characters are tried.
const maxReadings = 8

// query spells a query in characters, in some of its readings.
func (r *reader) query(words []word) []word {
	texts := []string{""}
	for _, w := range words {
		for _, c := range luoshi.Fold(w.text) {
			list := r.of(c)
			if len(list) == 0 {
				return nil // letters among them: not a question of sound
			}
			var next []string
			for _, t := range texts {
				for _, reading := range list {
					if len(next) < maxReadings {
						next = append(next, t+reading)
					}
				}
			}
			texts = next
		}
	}
	var list []word
	for _, t := range texts {
		if t != "" {
			list = append(list, newWord(t))
		}
	}
	return list
}

// maxSpellings bounds the ways in which one name is spelt out.
const maxSpellings = 16

// Spellings are the ways in which the Chinese name of a unit is typed on a keyboard:
// in full, liuan and luan, and by its initials, la. A place that only filters what it already
// shows compares them with what is typed, as it stands.
func Spellings(name string) []string {
	var read reader
	full, initials := []string{""}, []string{""}
	spoken := read.name(name, Unit)
	if len(spoken.chars) == 0 {
		return nil
	}
	for i, readings := range spoken.chars {
		if i >= spoken.core { // 市, 县: nobody means a rare reading of these
			readings = readings[:1]
		}
		var first []string
		for _, s := range readings {
			if !slices.Contains(first, s[:1]) {
				first = append(first, s[:1])
			}
		}
		full, initials = spelt(full, readings), spelt(initials, first)
	}
	return append(full, initials...)
}

// spelt adds each of the readings to each of the beginnings.
func spelt(beginnings, readings []string) []string {
	var list []string
	for _, b := range beginnings {
		for _, s := range readings {
			if len(list) < maxSpellings {
				list = append(list, b+s)
			}
		}
	}
	return list
}
