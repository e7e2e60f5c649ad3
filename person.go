package luoshi

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// PersonID names a person for good. It is given by the store; the record of what
// was done knows people by it alone, so that a name can be taken away.
type PersonID int64

// Person is somebody who signs in. Everything that tells who it is stands here
// and nowhere else.
type Person struct {
	ID         PersonID
	Login      string // sign-in name, as [FoldLogin] writes it; "" once anonymised
	Name       string // as shown
	Disabled   bool   // may not sign in
	Anonymous  bool   // name and sign-in name were taken away for good
	RecordedAt int64  // microseconds since 1970 UTC, set by the store
}

// FoldLogin is the one form of a sign-in name: no space around it, lower case,
// full-width letters made plain.
func FoldLogin(s string) string { return strings.ToLower(Fold(strings.TrimSpace(s))) }

// LoginMost and NameMost bound the lengths of names, in characters.
const (
	LoginMost = 64
	NameMost  = 64
)

// Validate returns every rule that the person breaks.
func (p Person) Validate() []Problem {
	var problems []Problem
	rule := func(ok bool, key string, pairs ...any) {
		if !ok {
			problems = append(problems, Problem{Severity: Blocking, Message: Say(key, pairs...)})
		}
	}
	if p.Anonymous {
		rule(p.Login == "" && p.Name == "" && p.Disabled, "person.anonymous")
		return problems
	}
	rule(p.Login != "", "person.login")
	rule(p.Login == FoldLogin(p.Login) && !strings.ContainsFunc(p.Login, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }),
		"person.login_form", "login", p.Login)
	rule(utf8.RuneCountInString(p.Login) <= LoginMost, "person.login_long", "max", LoginMost)
	rule(strings.TrimSpace(p.Name) != "" && !strings.ContainsFunc(p.Name, unicode.IsControl), "person.name")
	rule(utf8.RuneCountInString(p.Name) <= NameMost, "person.name_long", "max", NameMost)
	return problems
}

// Role is what a post lets its holder do.
type Role string

// The roles. internal documents and doc/RIGHTS.md have what each may do.
const (
	Administrator Role = "administrator" // accounts, posts, units; no business content by that right
	Planner       Role = "planner"       // targets, the cascade, the registers
	Reporter      Role = "reporter"      // figures of the own unit
	Reviewer      Role = "reviewer"      // approves figures of the units below
	Leader        Role = "leader"        // reads all below, instructs
	Inspector     Role = "inspector"     // outside the reporting line: reads all in scope, raises problems, changes no figure
	Auditor       Role = "auditor"       // reads the history, changes nothing
	Viewer        Role = "viewer"        // reads the boards
)

// Roles lists them in the order in which they are shown.
var Roles = []Role{Administrator, Planner, Reporter, Reviewer, Leader, Inspector, Auditor, Viewer}

// Post is a person's role at a unit from a day to a day, both included. It covers
// the units below, as the tree of the day asks.
type Post struct {
	Person     PersonID
	Unit       UnitID
	Role       Role
	From       Date
	Until      Date   // 0 = open
	Title      string // 副省长, 综合科科长; "" = the role alone
	Reason     string
	RecordedAt int64
	By         PersonID // who gave it, 0 = the command line
}

// Held reports whether the post is held on the day.
func (p Post) Held(on Date) bool { return p.From <= on && (p.Until == 0 || on <= p.Until) }

// Validate returns every rule that the post breaks by itself.
func (p Post) Validate() []Problem {
	var problems []Problem
	rule := func(ok bool, key string, pairs ...any) {
		if !ok {
			problems = append(problems, Problem{Severity: Blocking, Message: Say(key, pairs...)})
		}
	}
	known := false
	for _, r := range Roles {
		known = known || r == p.Role
	}
	rule(known, "post.role", "text", string(p.Role))
	rule(p.Person != 0, "post.person")
	rule(p.Unit != 0, "post.unit")
	rule(p.From != 0, "post.from")
	rule(p.Until == 0 || p.Until >= p.From, "post.until", "from", p.From, "until", p.Until)
	rule(utf8.RuneCountInString(p.Title) <= NameMost, "person.name_long", "max", NameMost)
	return problems
}

// DutyKind says what somebody answers for.
type DutyKind string

// The duties: the leader in charge of a unit (分管领导), and the person in charge of
// one target (责任人).
const (
	LeaderInCharge DutyKind = "leader_in_charge"
	PersonInCharge DutyKind = "person_in_charge"
)

// Duty is who answers for a unit, or for one indicator's target at a unit, from a
// day on until the next fact of the same. Person 0 says that nobody does.
type Duty struct {
	Kind       DutyKind
	Unit       UnitID
	Indicator  string // PersonInCharge
	From       Date
	Person     PersonID
	Reason     string
	RecordedAt int64
	By         PersonID
}

// DutiesOn picks, of each duty, the fact that holds on the day. Facts come in the
// order of their days; one of nobody ends the duty.
func DutiesOn(facts []Duty, on Date) []Duty {
	type key struct {
		kind      DutyKind
		unit      UnitID
		indicator string
	}
	at := map[key]int{}
	var list []Duty
	for _, d := range facts {
		if d.From > on {
			continue
		}
		k := key{d.Kind, d.Unit, d.Indicator}
		if i, ok := at[k]; ok {
			list[i] = d
			continue
		}
		at[k] = len(list)
		list = append(list, d)
	}
	open := list[:0]
	for _, d := range list {
		if d.Person != 0 {
			open = append(open, d)
		}
	}
	return open
}
