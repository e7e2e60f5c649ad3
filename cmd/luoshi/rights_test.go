package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/web"
	"luoshi.dev/workflow"
)

var rewrite = flag.Bool("rights", false, "rewrite doc/RIGHTS.md")

// The table of who may do what is made from the rules, with every address that asks
// for each.
func TestRightsDocument(t *testing.T) {
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	both, err := (&app{words: words}).site(demotest.Open(t).Guard(), web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	asked := map[workflow.Intent][]string{}
	for _, r := range both.pages.Routes() {
		for _, i := range r.Intents {
			asked[i] = append(asked[i], strings.TrimSpace(r.Method+" "+r.Path))
		}
	}
	for _, r := range both.api.Routes() {
		for _, i := range r.Intents {
			asked[i] = append(asked[i], r.Method+" "+r.Path)
		}
	}
	text := rightsText(words, asked)
	const path = "../../doc/RIGHTS.md"
	if *rewrite {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil || string(have) != text {
		t.Errorf("doc/RIGHTS.md is not as the rules say: go test ./cmd/luoshi -run TestRightsDocument -rights (%v)", err)
	}
}

func rightsText(words *locale.Catalogue, asked map[workflow.Intent][]string) string {
	var b strings.Builder
	word := func(key string) string { return words.Word(locale.En, key) + " " + words.Word(locale.ZhHans, key) }
	fmt.Fprint(&b, `# Who may do what 权限

Made from the rules in workflow/intent.go; a test keeps it so. A person holds posts: a role at a unit from a day to a day. A post reaches its unit and all below it, as the unit tree
has them today. One place decides, `+"`workflow.May(actor, intent, unit)`"+`, and every address of the pages and of the API names the intents that let in.

● at the post's unit and below · ◐ below the post's unit alone (at the top of the tree also there) · ○ wherever the post is

| Intent | |`)
	for _, role := range luoshi.Roles {
		fmt.Fprintf(&b, " %s |", word("role."+string(role)))
	}
	fmt.Fprint(&b, "\n| --- | --- |"+strings.Repeat(" :-: |", len(luoshi.Roles))+"\n")
	for _, rule := range workflow.Rules() {
		if len(rule.Roles) == 0 {
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %s |", rule.Intent, word("intent."+string(rule.Intent)))
		for _, role := range luoshi.Roles {
			mark := ""
			switch {
			case !slices.Contains(rule.Roles, role):
			case rule.Every:
				mark = "○"
			case rule.Below:
				mark = "◐"
			default:
				mark = "●"
			}
			fmt.Fprintf(&b, " %s |", mark)
		}
		fmt.Fprintln(&b)
	}
	fmt.Fprint(&b, "\n`self`, the own account, is for whoever is signed in; `open` is for anybody.\n\n## Roles that nobody holds together 不得兼任\n\n")
	for _, pair := range workflow.Apart() {
		where := ""
		if slices.Contains(pair[:], luoshi.Reporter) && slices.Contains(pair[:], luoshi.Reviewer) {
			where = ", where one unit covers the other"
		}
		fmt.Fprintf(&b, "- %s and %s%s\n", word("role."+string(pair[0])), word("role."+string(pair[1])), where)
	}
	fmt.Fprint(&b, `
## Accounts 账号

Whose account an administrator sees and may change follows from posts. They see everybody who holds, held or will hold a post within reach, with those posts; of posts elsewhere only how many there
are. They change an account (name, sign-in name, reset, unlock, second factor, account elsewhere, end, anonymising) where all its posts of today and to come lie within reach, or, where there are none,
all that there ever were; else the answer names the unit whose administrators may. Who has no post at all, and which roles must have a second factor, is for administrators at a root. A new account made
by others gets its first post, within reach, in the same act. Posts are given and duties handed over within reach alone. A post that takes an account out of the reach of an administrator who may have
run it begins it anew: sessions, tokens, accounts elsewhere and the password end, and there is a new first password.
`)
	fmt.Fprint(&b, "\n## Addresses 地址\n\n")
	for _, rule := range workflow.Rules() {
		list := asked[rule.Intent]
		if len(list) == 0 {
			continue
		}
		slices.Sort(list)
		fmt.Fprintf(&b, "- `%s`: ", rule.Intent)
		for i, address := range slices.Compact(list) {
			if i > 0 {
				fmt.Fprint(&b, ", ")
			}
			fmt.Fprintf(&b, "`%s`", address)
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}
