package demo_test

import (
	"reflect"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/demo"
)

// The demonstration's people: somebody for every role, a leader for the province and
// every city, one person in charge for every target of theirs, all marked as made up.
func TestPeople(t *testing.T) {
	people := demo.People()
	if !reflect.DeepEqual(people, demo.People()) {
		t.Error("other people at the second call")
	}
	roles, leads, charged, seen := map[string]bool{}, map[string]bool{}, map[demo.Charge]bool{}, map[string]bool{}
	for _, p := range people {
		if problems := (luoshi.Person{Login: p.Login, Name: p.Name}).Validate(); len(problems) > 0 {
			t.Errorf("%s: %v", p.Name, problems)
		}
		if seen[p.Login] || seen[p.Name] || !strings.HasSuffix(p.Name, "（示例）") || strings.ContainsFunc(p.Login, func(r rune) bool { return r < 'a' || r > 'z' }) {
			t.Errorf("%s, %s: twice, not marked or not readable", p.Login, p.Name)
		}
		seen[p.Login], seen[p.Name] = true, true
		for _, post := range p.Posts {
			if !strings.HasSuffix(post.Title, "（示例）") {
				t.Errorf("%s: %q is not marked", p.Name, post.Title)
			}
			if p.SignsIn {
				roles[string(post.Role)+" "+post.Unit] = true
			}
		}
		for _, unit := range p.Leads {
			if leads[unit] {
				t.Errorf("%s has two leaders", unit)
			}
			leads[unit] = true
		}
		for _, c := range p.Charges {
			if charged[c] {
				t.Errorf("%v has two in charge", c)
			}
			charged[c] = true
		}
	}
	for _, want := range []string{
		"administrator 340000", "planner 340000", "reporter 341800", "reporter 341882", "reviewer 341800", "leader 340000", "leader 341800", "inspector 340000", "auditor 340000", "viewer 340000",
	} {
		if !roles[want] {
			t.Errorf("nobody signs in as %s", want)
		}
	}
	if len(leads) != 17 {
		t.Errorf("%d units have a leader, want the province and 16 cities", len(leads))
	}
	for _, want := range []demo.Charge{{"key_projects", "340100"}, {"urban_jobs", "340000"}, {"gdp", "340000"}, {"trade", "341800"}} {
		if !charged[want] {
			t.Errorf("nobody is in charge of %v", want)
		}
	}
	if len(charged) < 200 {
		t.Errorf("%d targets have somebody in charge", len(charged))
	}
}
