package office

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"luoshi.dev"
)

// Nearest returns the words that somebody who wrote `word` may have meant, best
// first, at most three: by edit distance over characters with neighbours swapped
// counted once (optimal string alignment, Damerau 1964), case and width aside. Only
// words within a third of the longer length (at least one step) are offered: a far
// suggestion is worse than none.
func Nearest(word string, among []string) []string {
	w := nearForm(word)
	if len(w) == 0 {
		return nil
	}
	type match struct {
		word string
		far  int
	}
	var best []match
	for _, other := range among {
		o := nearForm(other)
		limit := max(1, max(len(w), len(o))/3)
		if len(o) == 0 || len(w)-len(o) > limit || len(o)-len(w) > limit {
			continue
		}
		if d := distance(w, o, limit); d <= limit && d < max(len(w), len(o)) {
			best = append(best, match{other, d})
		}
	}
	slices.SortStableFunc(best, func(a, b match) int { return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.word, b.word)) })
	best = slices.CompactFunc(best, func(a, b match) bool { return a.word == b.word })
	words := make([]string, 0, 3)
	for _, m := range best[:min(3, len(best))] {
		words = append(words, m.word)
	}
	return words
}

// nearForm is what is compared, at most 64 characters of it.
func nearForm(s string) []rune {
	if len(s) > 256 {
		s = s[:256]
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "")
	}
	r := []rune(strings.ToLower(luoshi.Fold(s)))
	return r[:min(64, len(r))]
}

// distance is the optimal string alignment distance, or something above limit as
// soon as it must be.
func distance(a, b []rune, limit int) int {
	var rows [3][65]int
	before, last, now := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			step := 1
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
		if least > limit {
			return limit + 1
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
