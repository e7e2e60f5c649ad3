package account_test

import (
	"context"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/account"
)

// What somebody enters is data, whatever it looks like: it signs nobody in, breaks
// no table, and comes back as it was entered.
func TestHostileText(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.units(3)
		_, s := d.somebody("wang")
		for i, text := range []string{
			"' OR '1'='1", "wang' --", "'; DROP TABLE person; --", `"; DELETE FROM session; --`, "$1", "%", "_", `\`, "\x00", "\xff\xfe", "{{.}}", "<script>alert(1)</script>", "${jndi:ldap://x}", "wang\r\nX: y", strings.Repeat("a", 100_000),
		} {
			here := account.From{Address: "198.51.100." + string(rune('1'+i%9)), Agent: text}
			for _, login := range []string{text, "wang"} {
				if _, err := d.SignIn(ctx, login, text, here); luoshi.CodeOf(err) != luoshi.Invalid && luoshi.CodeOf(err) != luoshi.Unavailable {
					t.Errorf("%q: %v", text, err)
				}
			}
			d.must(d.Unlock(ctx, account.System, 1))
			if _, err := d.Who(ctx, text); err == nil {
				t.Errorf("%q is a session", text)
			}
			if _, err := d.Bearer(ctx, "luoshi_"+text); err == nil {
				t.Errorf("%q is a token", text)
			}
			if err := d.SetupOpen(ctx, text); err == nil {
				t.Errorf("%q opens the set-up", text)
			}
		}
		if h, err := d.Who(ctx, s.Secret); err != nil || h.Person.Login != "wang" {
			t.Errorf("%v %v: somebody's session has gone", h, err)
		}
		name := `O'Neil "; DROP TABLE person; -- <b>{{.}}</b> $1`
		id, _, err := d.AddPerson(ctx, account.System, luoshi.Person{Login: "oneil", Name: name})
		d.must(err)
		if p, err := d.store.Person(ctx, id); err != nil || p.Name != name {
			t.Errorf("%q, %v", p.Name, err)
		}
	})
}
