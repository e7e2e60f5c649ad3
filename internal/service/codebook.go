package service

import (
	"slices"

	"luoshi.dev"
	"luoshi.dev/internal/office"
)

// codebook answers which unit a code means: codes change and may be used again.
type codebook struct {
	facts map[luoshi.UnitID][]luoshi.Unit // by From
	codes map[string][]luoshi.UnitID
	names map[string][]luoshi.UnitID
	near  map[string][]string // what looks like a word, once looked for; nil: not kept
}

func newCodebook(units []luoshi.Unit) *codebook {
	b := &codebook{facts: map[luoshi.UnitID][]luoshi.Unit{}, codes: map[string][]luoshi.UnitID{}, names: map[string][]luoshi.UnitID{}}
	for _, u := range units {
		b.add(u)
	}
	return b
}

func (b *codebook) add(u luoshi.Unit) {
	list := b.facts[u.ID]
	at := len(list)
	for at > 0 && list[at-1].From > u.From {
		at--
	}
	if at > 0 && list[at-1].From == u.From { // a correction of the same day's fact
		list[at-1] = u
	} else {
		list = slices.Insert(list, at, u)
	}
	b.facts[u.ID] = list
	for _, index := range []struct {
		by  map[string][]luoshi.UnitID
		key string
	}{{b.codes, u.Code}, {b.names, u.Names.Hans}, {b.names, u.Short.Hans}} {
		if index.key != "" && !slices.Contains(index.by[index.key], u.ID) {
			index.by[index.key] = append(index.by[index.key], u.ID)
		}
	}
}

// on returns the fact of a unit in force on the day.
func (b *codebook) on(id luoshi.UnitID, day luoshi.Date) (luoshi.Unit, bool) {
	var u luoshi.Unit
	for _, fact := range b.facts[id] {
		if fact.From <= day {
			u = fact
		}
	}
	return u, u.ID != 0 && !u.Ended
}

// holder returns the unit that bears the code on the day.
func (b *codebook) holder(code string, day luoshi.Date) (luoshi.Unit, bool) {
	for _, id := range b.codes[code] {
		if u, ok := b.on(id, day); ok && u.Code == code {
			return u, true
		}
	}
	return luoshi.Unit{}, false
}

// find returns the unit that the code means on the day: the one that bears it
// then, else one that bore or will bear it and is in force then (moved is true).
func (b *codebook) find(code string, day luoshi.Date) (u luoshi.Unit, moved, ok bool) {
	if u, ok := b.holder(code, day); ok {
		return u, false, true
	}
	for _, id := range b.codes[code] {
		if u, ok := b.on(id, day); ok {
			return u, true, true
		}
	}
	return luoshi.Unit{}, false, false
}

// byName returns the one unit in force on the day that has the name.
func (b *codebook) byName(name string, day luoshi.Date) (luoshi.Unit, bool) {
	var found []luoshi.Unit
	for _, id := range b.names[name] {
		if u, ok := b.on(id, day); ok && (u.Names.Hans == name || u.Short.Hans == name) {
			found = append(found, u)
		}
	}
	if len(found) == 1 {
		return found[0], true
	}
	return luoshi.Unit{}, false
}

// codeOf is the code that a unit bears on the day, or else the first it bore.
func (b *codebook) codeOf(id luoshi.UnitID, day luoshi.Date) string {
	if id == 0 {
		return ""
	}
	u, _ := b.on(id, day)
	if u.Code == "" && len(b.facts[id]) > 0 {
		u = b.facts[id][0]
	}
	return u.Code
}

// known reports whether the code was ever used.
func (b *codebook) known(code string) bool { return len(b.codes[code]) > 0 }

// nearest lists codes that look like the word, for "did you mean". Looking is slow
// and a file may have the same mistake in every row.
func (b *codebook) nearest(word string) []string {
	if near, done := b.near[word]; done {
		return slices.Clone(near)
	}
	if len(b.near) >= maxNear {
		return nil
	}
	all := make([]string, 0, len(b.codes))
	for code := range b.codes {
		all = append(all, code)
	}
	slices.Sort(all)
	near := office.Nearest(word, all)
	if b.near != nil {
		b.near[word] = slices.Clone(near)
	}
	return near
}

// maxNear bounds for how many words it is looked: past that they are no slips.
const maxNear = 500

// unknown says why a unit could not be told, and what may have been meant.
func (b *codebook) unknown(code, name string, day luoshi.Date) luoshi.Message {
	switch {
	case code == "" && name == "":
		return luoshi.Say("import.unit_empty")
	case code == "" && len(b.names[name]) > 1:
		return luoshi.Say("import.unit_name_twice", "name", name)
	case b.known(code):
		return luoshi.Say("import.unit_not_in_force", "code", code, "on", day)
	}
	word := code
	if word == "" {
		word = name
	}
	near := b.nearest(word)
	for i, c := range near {
		if id := b.codes[c]; len(id) > 0 {
			facts := b.facts[id[0]]
			near[i] = c + " " + facts[len(facts)-1].Names.Hans
		}
	}
	if len(near) == 0 {
		return luoshi.Say("import.unit_unknown", "code", word)
	}
	return luoshi.Say("import.unit_unknown_near", "code", word, "near", near)
}
