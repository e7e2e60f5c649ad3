package service

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
)

// EventLine is an event in words.
type EventLine struct {
	luoshi.Event
	Who     PersonRef      `json:"who"`
	For     *PersonRef     `json:"for,omitempty"` // on whose behalf
	Says    luoshi.Message `json:"-"`             // who did what to which
	About   ObjectRef      `json:"about"`
	Where   luoshi.Names   `json:"where"` // its unit
	Code    string         `json:"unit_code,omitempty"`
	Changes []EventChange  `json:"changes"`
	More    int            `json:"more,omitempty"` // objects that changed too
}

// EventChange is one field before and after. nil is nothing.
type EventChange struct {
	Of     ObjectRef `json:"of"` // which object's, where the event is of several
	Kind   string    `json:"-"`  // whose fields are called so
	Field  string    `json:"field"`
	Before any       `json:"before,omitzero"`
	After  any       `json:"after,omitzero"`
}

// ObjectRef is what an event is about.
type ObjectRef struct {
	Text      string         `json:"text"` // as the event has it
	Kind      string         `json:"kind"` // target, figure, import …; "" = nothing
	Indicator string         `json:"indicator,omitempty"`
	Unit      string         `json:"unit,omitempty"` // code
	Year      string         `json:"year,omitempty"`
	Period    luoshi.Period  `json:"-"`
	Basis     luoshi.Basis   `json:"basis,omitempty"`
	Code      string         `json:"code,omitempty"` // of a register entry, a number, a setting's name
	Says      luoshi.Message `json:"-"`
}

// objectOf reads how an event names what it is about. What it cannot read is shown
// as it stands.
func (sn *snapshot) objectOf(text string, people cast) ObjectRef {
	o := ObjectRef{Text: text, Says: luoshi.Say("object.other", "text", text)}
	if text == "" {
		o.Says = luoshi.Say("object.none")
		return o
	}
	f := strings.Fields(text)
	o.Kind = f[0]
	arg := func(i int) string {
		if i < len(f) {
			return f[i]
		}
		return ""
	}
	switch {
	case o.Kind == "target" && len(f) >= 4:
		o.Indicator, o.Unit, o.Year = f[1], f[2], strings.Join(f[3:], "–")
		o.Says = luoshi.Say("object.target", "indicator", sn.indicatorNamed(f[1]), "unit", sn.unitNamed(f[2]), "year", o.Year)
	case o.Kind == "plan" && len(f) == 4:
		o.Indicator, o.Unit, o.Year = f[1], f[2], f[3]
		o.Says = luoshi.Say("object.plan", "indicator", sn.indicatorNamed(f[1]), "unit", sn.unitNamed(f[2]), "year", o.Year)
	case (o.Kind == "catchup" || o.Kind == "capacity") && len(f) == 4:
		o.Indicator, o.Unit, o.Year = f[1], f[2], f[3]
		o.Says = luoshi.Say("object."+o.Kind, "indicator", sn.indicatorNamed(f[1]), "unit", sn.unitNamed(f[2]), "year", o.Year)
	case o.Kind == "figure" && len(f) >= 4:
		o.Indicator, o.Unit, o.Basis = f[1], f[2], luoshi.Basis(arg(4))
		period, err := luoshi.ParsePeriod(f[3])
		if err != nil {
			return o
		}
		o.Period = period
		o.Says = luoshi.Say("object.figure", "indicator", sn.indicatorNamed(f[1]), "unit", sn.unitNamed(f[2]), "period", period)
	case (o.Kind == "import" || o.Kind == "batch" || o.Kind == "change") && len(f) == 2:
		o.Code = f[1]
		o.Says = luoshi.Say("object."+o.Kind, "n", f[1])
	case o.Kind == "indicator" && len(f) == 2, o.Kind == "targets" && len(f) == 2:
		o.Code = f[1]
		o.Says = luoshi.Say("object."+o.Kind, "name", sn.indicatorNamed(f[1]))
	case (o.Kind == "scheme" || o.Kind == "goal" || o.Kind == "set") && len(f) == 2:
		o.Code = f[1]
		o.Says = luoshi.Say("object."+o.Kind, "name", sn.entryNamed(o.Kind, f[1]))
	case o.Kind == "unit" && len(f) >= 2:
		o.Unit = f[1]
		o.Says = luoshi.Say("object.unit", "unit", sn.unitNamed(f[1]))
	case o.Kind == "person" && len(f) == 2:
		o.Code = f[1]
		o.Says = luoshi.Say("object.person", "who", people.ref(personOf(f[1])).Says())
	case o.Kind == "post" && len(f) >= 4:
		o.Code, o.Unit = f[1], f[3]
		o.Says = luoshi.Say("object.post", "who", people.ref(personOf(f[1])).Says(), "role", luoshi.Role(f[2]), "unit", sn.unitNamed(f[3]))
	case o.Kind == "duty" && len(f) >= 3:
		o.duty(sn, f)
	case o.Kind == "setting" && len(f) == 2:
		o.Code = f[1]
		if f[1] == "second_factor_roles" {
			o.Says = luoshi.Say("object.setting.second_factor_roles")
		}
	}
	return o
}

func (o *ObjectRef) duty(sn *snapshot, f []string) {
	o.Unit = f[len(f)-1]
	o.Says = luoshi.Say("object.duty.leader", "unit", sn.unitNamed(o.Unit))
	if f[1] == string(luoshi.PersonInCharge) {
		o.Indicator = f[2]
		o.Says = luoshi.Say("object.duty.person", "unit", sn.unitNamed(o.Unit), "indicator", sn.indicatorNamed(f[2]))
	}
}

func personOf(text string) luoshi.PersonID {
	n, err := strconv.ParseInt(strings.TrimPrefix(text, "#"), 10, 64)
	if err != nil {
		return -1
	}
	return luoshi.PersonID(n)
}

// indicatorNamed, unitNamed and entryNamed are names as of today, or the code.
func (sn *snapshot) indicatorNamed(code string) luoshi.Names {
	if in, ok := sn.indicators[code]; ok {
		return in.Names
	}
	return luoshi.Names{Hans: code}
}

func (sn *snapshot) unitNamed(code string) luoshi.Names {
	if id, ok := sn.meant(code); ok {
		return sn.lastFact(id).Name
	}
	return luoshi.Names{Hans: code}
}

func (sn *snapshot) entryNamed(kind, code string) luoshi.Names {
	switch kind {
	case "scheme":
		if sc, ok := sn.schemes[code]; ok {
			return sc.Names
		}
	case "goal":
		for _, g := range sn.plan.goals {
			if g.Code == code {
				return g.Names
			}
		}
	case "set":
		for _, set := range sn.plan.sets {
			if set.Code == code {
				return set.Names
			}
		}
	}
	return luoshi.Names{Hans: code}
}

// eventLine puts an event into words. only, where it is not empty, keeps of what
// changed that object alone.
func (sn *snapshot) eventLine(e luoshi.Event, people cast, only string) EventLine {
	l := EventLine{Event: e, Who: people.ref(e.Actor), About: sn.objectOf(e.Object, people)}
	if e.Behalf != 0 {
		ref := people.ref(e.Behalf)
		l.For = &ref
	}
	if facts := sn.codes.facts[e.Unit]; len(facts) > 0 {
		last := sn.lastFact(e.Unit)
		l.Where, l.Code = last.Name, last.Code
	}
	before, after := statement(e.Before), statement(e.After)
	l.Changes, l.More = sn.eventChanges(before, after, people, l.About, only)
	l.Says = sn.sentence(l, before, after, people)
	return l
}

// statement reads Before or After: the fields of an object, or a list under "".
func statement(text string) map[string]any {
	m := map[string]any{}
	if text == "" {
		return m
	}
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return map[string]any{"": text}
	}
	if fields, ok := v.(map[string]any); ok {
		return fields
	}
	return map[string]any{"": v}
}

// eventChanges lists field by field what an event changed. Those of several objects come
// object by object.
func (sn *snapshot) eventChanges(before, after map[string]any, people cast, about ObjectRef, only string) (list []EventChange, more int) {
	add := func(of ObjectRef, kind string, was, is map[string]any) {
		keys := map[string]bool{}
		for k := range was {
			keys[k] = true
		}
		for k := range is {
			keys[k] = true
		}
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			c := EventChange{Of: of, Kind: kind, Field: k, Before: sn.eventValue(k, was[k], people), After: sn.eventValue(k, is[k], people)}
			if k == "targets" { // follows from the rows, to find events by
				continue
			}
			if flag := c.Before == nil && c.After == true; flag || c.Before == nil && c.After == nil {
				continue // the sentence says it
			}
			list = append(list, c)
		}
	}
	plainly := func(m map[string]any) map[string]any {
		m = maps.Clone(m)
		maps.DeleteFunc(m, func(k string, _ any) bool { return k == "fields" || k == "more" || k == "batch" && only != "" })
		return m
	}
	if only == "" || len(fieldsOf(before))+len(fieldsOf(after)) == 0 {
		add(ObjectRef{}, about.Kind, plainly(before), plainly(after))
	}
	was, is := fieldsOf(before), fieldsOf(after)
	objects := map[string]bool{}
	for k := range was {
		objects[k] = true
	}
	for k := range is {
		objects[k] = true
	}
	for _, k := range slices.Sorted(maps.Keys(objects)) {
		if only != "" && k != only {
			more++
			continue
		}
		of := sn.objectOf(k, people)
		kind := of.Kind
		if len(objects) == 1 || only != "" {
			of = ObjectRef{}
		}
		add(of, kind, was[k], is[k])
	}
	if n, err := strconv.Atoi(textOf(after["more"])); err == nil {
		more += n
	}
	return list, more
}

// fieldsOf are the fields of each object that an event is of.
func fieldsOf(m map[string]any) map[string]map[string]any {
	all := map[string]map[string]any{}
	objects, _ := m["fields"].(map[string]any)
	for object, v := range objects {
		if fields, ok := v.(map[string]any); ok {
			all[object] = fields
		}
	}
	return all
}

// people's numbers, and lists of objects, by the names of their fields.
var (
	personFields = []string{"person", "handed_over_to", "to", "by", "behalf"}
	objectFields = []string{"duties", "objects"}
)

// eventValue is a value as a page shows it: nil, a text, a boolean, a name, a word of ours
// or a message.
func (sn *snapshot) eventValue(field string, v any, people cast) any {
	switch v := v.(type) {
	case nil:
		return nil
	case bool:
		return v
	case json.Number:
		if slices.Contains(personFields, field) {
			return people.ref(personOf(v.String())).Says()
		}
		return v.String()
	case string:
		switch field {
		case "signed_in":
			return luoshi.Say("event.way." + strings.TrimPrefix(v, "signin."))
		case "role":
			return luoshi.Role(v)
		case "form":
			return luoshi.Form(v)
		case "direction":
			return luoshi.Direction(v)
		case "calendar":
			return luoshi.Calendar(v)
		case "combine":
			return luoshi.Combine(v)
		case "unit", "owner", "parent", "department":
			if v != "" {
				return sn.unitNamed(v)
			}
		case "reference_indicator":
			if v != "" {
				return sn.indicatorNamed(v)
			}
		}
		if v == "" {
			return nil
		}
		return v
	case []any:
		var list []luoshi.Message
		for _, one := range v {
			text := textOf(one)
			switch {
			case slices.Contains(objectFields, field):
				list = append(list, sn.objectOf(text, people).Says)
			case slices.Contains(luoshi.Roles, luoshi.Role(text)):
				list = append(list, luoshi.Say("who.role", "role", luoshi.Role(text)))
			default:
				list = append(list, luoshi.Say("object.other", "text", text))
			}
		}
		return list
	}
	if rows, ok := v.(map[string]any); ok && field == "rows" {
		return rowsSaid(rows)
	}
	return textOf(v)
}

// rowsSaid counts what an import wrote.
func rowsSaid(rows map[string]any) []luoshi.Message {
	var list []luoshi.Message
	for _, kind := range slices.Sorted(maps.Keys(rows)) {
		n, _ := rows[kind].(map[string]any)
		count := func(k string) int { i, _ := strconv.Atoi(textOf(n[k])); return i }
		list = append(list, luoshi.Say("event.rows", "kind", luoshi.Say("sheetkind."+kind), "new", count("new"), "changed", count("changed")))
	}
	return list
}

// textOf writes a value of JSON as it is.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSpace(b.String())
}

// deeds are what the events of accounts say in one field, the first that is there.
var deeds = []string{"signed_in", "password_changed", "recovery_codes", "second_factor", "recovery_code_used", "sessions_ended", "token_ended", "scope", "looks_as", "locked", "added",
	"begun_anew", "anonymised", "unlocked", "reset", "handed_over_to", "linked", "unlinked", "set_up", "signed_out"}

// sentence says who did what.
func (sn *snapshot) sentence(l EventLine, before, after map[string]any, people cast) luoshi.Message {
	who := l.Who.Says()
	if l.For != nil {
		who = luoshi.Say("who.behalf", "who", who, "behalf", l.For.Says())
	}
	say := func(key string, pairs ...any) luoshi.Message {
		return luoshi.Say("event."+key, append([]any{"who", who, "object", l.About.Says}, pairs...)...)
	}
	objects := len(fieldsOf(after)) + l.More
	switch kind := l.About.Kind; {
	case l.Intent == "write" || l.Intent == "history.begin":
		return say(l.Intent)
	case after["undoes"] != nil:
		return say("undo", "n", textOf(after["undoes"]))
	case after["name"] != nil && (kind == "import" || kind == "batch"):
		return say("import", "name", textOf(after["name"]))
	case kind == "import":
		return say("import.bare")
	case kind == "setting" && after[""] != nil:
		return say("setting", "value", allOf(sn.eventValue("", after[""], people)))
	case kind == "duty" && textOf(after["person"]) == "0":
		return say("duty.none", "from", textOf(after["from"]))
	case kind == "duty":
		return say("duty", "person", people.ref(personOf(textOf(after["person"]))).Says(), "from", textOf(after["from"]))
	case kind == "post" && after["until"] != nil:
		return say("post.until", "from", textOf(after["from"]), "until", textOf(after["until"]))
	case kind == "post":
		return say("post", "from", textOf(after["from"]))
	case kind == "person":
		return sn.accountSentence(say, before, after, people)
	case objects > 1:
		return say("several", "intent", luoshi.Say("intent."+l.Intent), "n", objects)
	case kind == "":
		return say("intent", "intent", luoshi.Say("intent."+l.Intent))
	case l.Before == "" && l.After == "":
		return say("touched")
	case l.Before == "" || len(fieldsOf(before)) == 0 && len(fieldsOf(after)) > 0:
		return say("new")
	case l.After == "":
		return say("gone")
	}
	return say("changed")
}

// accountSentence says what was done to an account.
func (sn *snapshot) accountSentence(say func(string, ...any) luoshi.Message, before, after map[string]any, people cast) luoshi.Message {
	for _, deed := range deeds {
		v, there := after[deed]
		if !there {
			continue
		}
		switch v {
		case false:
			return say("account." + deed + ".off")
		default:
			if deed == "handed_over_to" {
				return say("account."+deed, "to", people.ref(personOf(textOf(v))).Says(), "from", textOf(after["from"]))
			}
			return say("account."+deed, "value", textOf(v))
		}
	}
	switch {
	case after["disabled"] == true && before["disabled"] != true:
		return say("account.disabled")
	case after["disabled"] == false && before["disabled"] == true:
		return say("account.enabled")
	case after["renamed"] == true:
		return say("account.renamed")
	}
	return say("touched")
}

// allOf is a list as one argument.
func allOf(v any) []luoshi.Message {
	list, _ := v.([]luoshi.Message)
	if len(list) == 0 {
		list = []luoshi.Message{luoshi.Say("object.nobody")}
	}
	return list
}

// wrote counts the rows that an event answers for, by table.
func wrote(covers string) []EventWrote {
	var list []luoshi.Cover
	if covers == "" || json.Unmarshal([]byte(covers), &list) != nil {
		return nil
	}
	var out []EventWrote
	for _, c := range list {
		if n := len(out); n > 0 && out[n-1].Table == c.Table {
			out[n-1].Rows += c.Rows
			continue
		}
		out = append(out, EventWrote{c.Table, c.Rows})
	}
	return out
}
