package workflow

import (
	"slices"

	"luoshi.dev"
)

// Intent is one thing that a person can want.
type Intent string

// The intents. Each service method has one, each route of pages and API names one.
const (
	ReadBoard   Intent = "board.read"   // overview, matrix, indicator, proof, wall
	ReadPlan    Intent = "plan.read"    // targets, cascade, registers
	ReadUnits   Intent = "units.read"   // the unit tree
	ReadImports Intent = "imports.read" // what was imported, by whom
	Search      Intent = "search"

	SetTarget     Intent = "target.set" // cascade, single targets
	EditPlan      Intent = "plan.edit"  // goals, sets, schemes, indicators
	EditUnits     Intent = "units.edit" // the unit tree
	Report        Intent = "figure.report"
	Approve       Intent = "figure.approve"
	StateCapacity Intent = "capacity.state" // how much a unit can bring at most
	UndoImport    Intent = "import.undo"
	Raise         Intent = "problem.raise"
	Instruct      Intent = "instruct"

	ReadPeople  Intent = "people.read"
	EditPeople  Intent = "people.edit" // accounts: add, disable, unlock, reset, anonymise
	EditPosts   Intent = "posts.edit"
	EditDuties  Intent = "duties.edit" // who leads a unit, who is in charge of a target
	ReadHistory Intent = "history.read"

	Self Intent = "self" // the own account: password, second factor, sessions, tokens
	Open Intent = "open" // signing in, health, static files: before anybody is known
)

// Rule is an intent with the roles whose posts give it, and what it does.
type Rule struct {
	Intent  Intent
	Changes bool          // something is written
	Roles   []luoshi.Role // nil: whoever is signed in (Self), or anybody (Open)
	Below   bool          // below the post's unit alone, not at it: nobody sets their own targets
	Every   bool          // the unit does not matter: a post anywhere gives it
}

// business are the roles that read the boards by their post.
var business = []luoshi.Role{luoshi.Planner, luoshi.Reporter, luoshi.Reviewer, luoshi.Leader, luoshi.Inspector, luoshi.Viewer}

// Rules lists every intent with who may have it, in the order of the table in
// doc/RIGHTS.md.
func Rules() []Rule { return slices.Clone(rules) }

// RuleOf is the rule of an intent, or false where there is no such intent.
func RuleOf(i Intent) (Rule, bool) {
	at := slices.IndexFunc(rules, func(r Rule) bool { return r.Intent == i })
	if at < 0 {
		return Rule{}, false
	}
	return rules[at], true
}

// rules is the whole of who may do what.
var rules = []Rule{
	{Intent: ReadBoard, Roles: business},
	{Intent: ReadPlan, Roles: business},
	{Intent: ReadUnits, Roles: luoshi.Roles, Every: true},
	{Intent: ReadImports, Roles: []luoshi.Role{luoshi.Planner, luoshi.Reporter, luoshi.Reviewer, luoshi.Inspector}},
	{Intent: Search, Roles: luoshi.Roles, Every: true},
	{Intent: SetTarget, Changes: true, Roles: []luoshi.Role{luoshi.Planner}, Below: true},
	{Intent: EditPlan, Changes: true, Roles: []luoshi.Role{luoshi.Planner}},
	{Intent: EditUnits, Changes: true, Roles: []luoshi.Role{luoshi.Administrator}},
	{Intent: Report, Changes: true, Roles: []luoshi.Role{luoshi.Reporter}},
	{Intent: StateCapacity, Changes: true, Roles: []luoshi.Role{luoshi.Planner, luoshi.Reporter}},
	{Intent: Approve, Changes: true, Roles: []luoshi.Role{luoshi.Reviewer}, Below: true},
	{Intent: UndoImport, Changes: true, Roles: []luoshi.Role{luoshi.Planner, luoshi.Reporter}},
	{Intent: Raise, Changes: true, Roles: []luoshi.Role{luoshi.Inspector}},
	{Intent: Instruct, Changes: true, Roles: []luoshi.Role{luoshi.Leader}},
	{Intent: ReadPeople, Roles: []luoshi.Role{luoshi.Administrator}},
	{Intent: EditPeople, Changes: true, Roles: []luoshi.Role{luoshi.Administrator}},
	{Intent: EditPosts, Changes: true, Roles: []luoshi.Role{luoshi.Administrator}},
	{Intent: EditDuties, Changes: true, Roles: []luoshi.Role{luoshi.Administrator, luoshi.Planner}},
	{Intent: ReadHistory, Roles: []luoshi.Role{luoshi.Auditor}},
	{Intent: Self, Changes: true},
	{Intent: Open},
}
