package workflow_test

import (
	"testing"

	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/workflow"
)

// tree is a province (1) with two cities (2, 5); the first has two counties (3, 4).
func tree(t testing.TB) *luoshi.Tree {
	t.Helper()
	unit := func(id, parent luoshi.UnitID, kind luoshi.UnitKind, name string) luoshi.Unit {
		return luoshi.Unit{ID: id, Code: name, Names: luoshi.Names{Hans: name}, Kind: kind, Parent: parent, Order: int(id), From: 20200101}
	}
	tree, problems := luoshi.NewTree([]luoshi.Unit{unit(1, 0, luoshi.Province, "安徽省"), unit(2, 1, luoshi.City, "合肥市"), unit(3, 2, luoshi.County, "瑶海区"),
		unit(4, 2, luoshi.County, "庐阳区"), unit(5, 1, luoshi.City, "芜湖市")}, 20200701)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return tree
}

func actor(posts ...luoshi.Post) workflow.Actor {
	for i := range posts {
		posts[i].Person = 7
		if posts[i].From == 0 {
			posts[i].From = 20200101
		}
	}
	return workflow.Actor{Person: 7, Posts: posts}
}

// Who may do what, in words: a post at a unit, what is wanted, where, and the answer.
func TestMay(t *testing.T) {
	const hefei, yaohai, wuhu, province = 2, 3, 5, 1
	for _, c := range []struct {
		name   string
		actor  workflow.Actor
		intent workflow.Intent
		unit   luoshi.UnitID
		yes    bool
		why    string
	}{
		{"nobody reads a board", workflow.Actor{}, workflow.ReadBoard, province, false, "may.sign_in"},
		{"nobody may sign in", workflow.Actor{}, workflow.Open, 0, true, ""},
		{"without posts only the own account", actor(), workflow.Self, 0, true, ""},
		{"without posts no board", actor(), workflow.ReadBoard, hefei, false, "may.role"},
		{"a city's viewer reads the city", actor(luoshi.Post{Unit: hefei, Role: luoshi.Viewer}), workflow.ReadBoard, hefei, true, ""},
		{"a city's viewer reads its counties", actor(luoshi.Post{Unit: hefei, Role: luoshi.Viewer}), workflow.ReadBoard, yaohai, true, ""},
		{"a city's viewer does not read another city", actor(luoshi.Post{Unit: hefei, Role: luoshi.Viewer}), workflow.ReadBoard, wuhu, false, "may.elsewhere"},
		{"a city's viewer does not read the province", actor(luoshi.Post{Unit: hefei, Role: luoshi.Viewer}), workflow.ReadBoard, province, false, "may.elsewhere"},
		{"a clerk reports for the own county", actor(luoshi.Post{Unit: yaohai, Role: luoshi.Reporter}), workflow.Report, yaohai, true, ""},
		{"a clerk does not report for the city", actor(luoshi.Post{Unit: yaohai, Role: luoshi.Reporter}), workflow.Report, hefei, false, "may.elsewhere"},
		{"a clerk sets no target", actor(luoshi.Post{Unit: yaohai, Role: luoshi.Reporter}), workflow.SetTarget, yaohai, false, "may.role"},
		{"a reviewer approves for the units below", actor(luoshi.Post{Unit: hefei, Role: luoshi.Reviewer}), workflow.Approve, yaohai, true, ""},
		{"a reviewer does not approve the own unit", actor(luoshi.Post{Unit: hefei, Role: luoshi.Reviewer}), workflow.Approve, hefei, false, "may.elsewhere"},
		{"an inspector raises problems in scope", actor(luoshi.Post{Unit: province, Role: luoshi.Inspector}), workflow.Raise, wuhu, true, ""},
		{"an inspector changes no figure", actor(luoshi.Post{Unit: province, Role: luoshi.Inspector}), workflow.Report, wuhu, false, "may.role"},
		{"an administrator reads no board by that right", actor(luoshi.Post{Unit: province, Role: luoshi.Administrator}), workflow.ReadBoard, province, false, "may.role"},
		{"an administrator runs accounts", actor(luoshi.Post{Unit: province, Role: luoshi.Administrator}), workflow.EditPeople, hefei, true, ""},
		{"an administrator does not read the history", actor(luoshi.Post{Unit: province, Role: luoshi.Administrator}), workflow.ReadHistory, province, false, "may.role"},
		{"an auditor reads the history and changes nothing", actor(luoshi.Post{Unit: province, Role: luoshi.Auditor}), workflow.ReadHistory, province, true, ""},
		{"an auditor sets no target", actor(luoshi.Post{Unit: province, Role: luoshi.Auditor}), workflow.SetTarget, province, false, "may.role"},
		{"a post that has ended gives nothing", actor(luoshi.Post{Unit: hefei, Role: luoshi.Viewer, Until: 20200630}), workflow.ReadBoard, hefei, false, "may.role"},
		{"a post that has not begun gives nothing", actor(luoshi.Post{Unit: hefei, Role: luoshi.Viewer, From: 20200702}), workflow.ReadBoard, hefei, false, "may.role"},
		{"a token within its scope", workflow.Actor{Person: 7, Posts: actor(luoshi.Post{Unit: hefei, Role: luoshi.Planner}).Posts, Token: true, Scope: []workflow.Intent{workflow.ReadBoard}}, workflow.ReadBoard, hefei, true, ""},
		{"a token beyond its scope", workflow.Actor{Person: 7, Posts: actor(luoshi.Post{Unit: hefei, Role: luoshi.Planner}).Posts, Token: true, Scope: []workflow.Intent{workflow.ReadBoard}}, workflow.SetTarget, hefei, false, "may.token"},
		{"a token gives no more than its person has", workflow.Actor{Person: 7, Token: true, Scope: []workflow.Intent{workflow.SetTarget}}, workflow.SetTarget, hefei, false, "may.role"},
		{"the command line", workflow.Actor{System: true}, workflow.SetTarget, hefei, true, ""},
		{"no such intent", workflow.Actor{System: true}, "fly", hefei, false, "may.no_intent"},
	} {
		v := workflow.May(c.actor, c.intent, tree(t), c.unit)
		if v.Yes != c.yes || v.Why.Key != c.why {
			t.Errorf("%s: %v %s", c.name, v.Yes, v.Why.Key)
		}
		if (v.Err() == nil) != c.yes {
			t.Errorf("%s: error %v", c.name, v.Err())
		}
	}
}

// What one person must not be at a time.
func TestCompatible(t *testing.T) {
	for _, c := range []struct {
		name       string
		held, want luoshi.Post
		ok         bool
	}{
		{"administrator and auditor", luoshi.Post{Unit: 1, Role: luoshi.Administrator}, luoshi.Post{Unit: 5, Role: luoshi.Auditor}, false},
		{"auditor and administrator", luoshi.Post{Unit: 1, Role: luoshi.Auditor}, luoshi.Post{Unit: 5, Role: luoshi.Administrator}, false},
		{"one after the other", luoshi.Post{Unit: 1, Role: luoshi.Administrator, Until: 20200630}, luoshi.Post{Unit: 1, Role: luoshi.Auditor, From: 20200701}, true},
		{"inspector and reporter", luoshi.Post{Unit: 1, Role: luoshi.Inspector}, luoshi.Post{Unit: 3, Role: luoshi.Reporter}, false},
		{"reporter and reviewer of the same county", luoshi.Post{Unit: 3, Role: luoshi.Reporter}, luoshi.Post{Unit: 2, Role: luoshi.Reviewer}, false},
		{"reporter here, reviewer elsewhere", luoshi.Post{Unit: 3, Role: luoshi.Reporter}, luoshi.Post{Unit: 5, Role: luoshi.Reviewer}, true},
		{"planner and leader", luoshi.Post{Unit: 1, Role: luoshi.Planner}, luoshi.Post{Unit: 1, Role: luoshi.Leader}, true},
	} {
		held, want := actor(c.held).Posts, actor(c.want).Posts[0]
		if err := workflow.Compatible(held, want, tree(t)); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A post more never takes a right away; a unit further down never needs more; a
// token never gives more than its person has.
func TestMayProperties(t *testing.T) {
	tr := tree(t)
	rapid.Check(t, func(rt *rapid.T) {
		post := rapid.Custom(func(rt *rapid.T) luoshi.Post {
			return luoshi.Post{Unit: luoshi.UnitID(rapid.IntRange(1, 5).Draw(rt, "unit")), Role: rapid.SampledFrom(luoshi.Roles).Draw(rt, "role")}
		})
		posts := rapid.SliceOfN(post, 0, 3).Draw(rt, "posts")
		a, more := actor(posts...), actor(append(posts, post.Draw(rt, "more"))...)
		rule := rapid.SampledFrom(workflow.Rules()).Draw(rt, "rule")
		at := rapid.IntRange(0, tr.Len()-1).Draw(rt, "at")
		yes := workflow.May(a, rule.Intent, tr, tr.Nodes[at].ID).Yes
		if yes && !workflow.May(more, rule.Intent, tr, tr.Nodes[at].ID).Yes {
			rt.Fatalf("another post took %s away", rule.Intent)
		}
		for below := at; below < tr.Nodes[at].End; below++ {
			if yes && !workflow.May(a, rule.Intent, tr, tr.Nodes[below].ID).Yes {
				rt.Fatalf("%s at %d but not at %d below it", rule.Intent, at, below)
			}
		}
		token := a
		token.Token, token.Scope = true, []workflow.Intent{rule.Intent}
		if workflow.May(token, rule.Intent, tr, tr.Nodes[at].ID).Yes != yes {
			rt.Fatalf("a token for %s says otherwise than its person", rule.Intent)
		}
		covered := false
		for _, top := range workflow.Reach(a, rule.Intent, tr) {
			covered = covered || at >= top && at < tr.Nodes[top].End
		}
		if covered != yes {
			rt.Fatalf("reach and may differ for %s at %d", rule.Intent, at)
		}
	})
}

// Every role has something to do, every intent somebody who may.
func TestRules(t *testing.T) {
	used := map[luoshi.Role]bool{}
	for _, r := range workflow.Rules() {
		for _, role := range r.Roles {
			used[role] = true
		}
		if r.Changes && r.Intent != workflow.Self && len(r.Roles) == 0 {
			t.Errorf("%s: nobody may", r.Intent)
		}
	}
	for _, role := range luoshi.Roles {
		if !used[role] {
			t.Errorf("%s: may nothing", role)
		}
	}
}
