package account_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// The units of these tests: a province, a city with its county, another city.
const province, city, county, otherCity luoshi.UnitID = 1, 2, 3, 4

func (d *desk) province() {
	d.Helper()
	ctx := context.Background()
	d.must(d.store.Write(ctx, func(tx *store.Tx) error {
		ids, err := tx.NewUnitIDs(ctx, 4)
		if err != nil {
			return err
		}
		if !slices.Equal(ids, []luoshi.UnitID{province, city, county, otherCity}) {
			d.Fatalf("units are numbered %v", ids)
		}
		unit := func(id, parent luoshi.UnitID, kind luoshi.UnitKind, code, name string) luoshi.Unit {
			return luoshi.Unit{ID: id, Code: code, Names: luoshi.Names{Hans: name}, Kind: kind, Parent: parent, Order: int(id), From: 20200101}
		}
		return tx.AddUnits(ctx, []luoshi.Unit{unit(province, 0, luoshi.Province, "340000", "安徽省"), unit(city, province, luoshi.City, "340100", "合肥市"),
			unit(county, city, luoshi.County, "340102", "瑶海区"), unit(otherCity, province, luoshi.City, "340200", "芜湖市")})
	}))
}

// quick adds somebody without signing them in.
func (d *desk) quick(login string, posts ...luoshi.Post) luoshi.PersonID {
	d.Helper()
	for i := range posts {
		if posts[i].From == 0 {
			posts[i].From = 20200101
		}
	}
	ids, err := d.Enlist(context.Background(), account.System, []account.Recruit{{Person: luoshi.Person{Login: login, Name: "某人" + login}, Posts: posts}})
	d.must(err)
	return ids[0]
}

// as is somebody acting with the posts that they have now.
func (d *desk) as(id luoshi.PersonID) account.By {
	d.Helper()
	posts, err := d.store.Posts(context.Background(), id, time.Time{})
	d.must(err)
	return account.By{Actor: workflow.Actor{Person: id, Posts: posts}}
}

// An administrator of a city runs the accounts whose posts of today and to come all lie
// in the city and its counties; of others they see at most that there is more.
func TestCityAdministrator(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.province()
		top := d.as(d.quick("top", luoshi.Post{Unit: province, Role: luoshi.Administrator}))
		adminID := d.quick("admin", luoshi.Post{Unit: city, Role: luoshi.Administrator})
		admin := d.as(adminID)
		const may, unknown, beyond = "", "person.unknown", "person.beyond"
		cases := []struct {
			name      string
			posts     []luoshi.Post
			want      string // what changing the account says
			shown     int    // posts in the list, of those seen
			elsewhere int
		}{
			{"a clerk of a county", []luoshi.Post{{Unit: county, Role: luoshi.Reporter}}, may, 1, 0},
			{"the city's planner", []luoshi.Post{{Unit: city, Role: luoshi.Planner}}, may, 1, 0},
			{"another administrator of the city", []luoshi.Post{{Unit: city, Role: luoshi.Administrator}}, may, 1, 0},
			{"who comes to the city later", []luoshi.Post{{Unit: city, Role: luoshi.Viewer, From: 20210101}}, may, 1, 0},
			{"who held a post in the city and none since", []luoshi.Post{{Unit: city, Role: luoshi.Viewer, Until: 20200301}}, may, 1, 0},
			{"who came from the province", []luoshi.Post{{Unit: province, Role: luoshi.Planner, Until: 20200301}, {Unit: city, Role: luoshi.Planner, From: 20200302}}, may, 1, 0},
			{"the city's planner who also looks at the province", []luoshi.Post{{Unit: city, Role: luoshi.Planner}, {Unit: province, Role: luoshi.Viewer}}, beyond, 1, 1},
			{"who has left for the province", []luoshi.Post{{Unit: city, Role: luoshi.Planner, Until: 20200301}, {Unit: province, Role: luoshi.Planner, From: 20200302}}, beyond, 1, 1},
			{"who will leave for the province", []luoshi.Post{{Unit: city, Role: luoshi.Planner}, {Unit: province, Role: luoshi.Planner, From: 20210101}}, beyond, 1, 1},
			{"who was at both and is between two posts", []luoshi.Post{{Unit: city, Role: luoshi.Planner, Until: 20200301}, {Unit: province, Role: luoshi.Planner, From: 20200302, Until: 20200601}}, beyond, 1, 0},
			{"the province's planner", []luoshi.Post{{Unit: province, Role: luoshi.Planner}}, unknown, 0, 0},
			{"the other city's planner", []luoshi.Post{{Unit: otherCity, Role: luoshi.Planner}}, unknown, 0, 0},
			{"who has no post", nil, unknown, 0, 0},
		}
		ids := make([]luoshi.PersonID, len(cases))
		for i, c := range cases {
			ids[i] = d.quick("p"+string(rune('a'+i)), c.posts...)
		}
		list, err := d.People(ctx, admin)
		d.must(err)
		all, err := d.People(ctx, top)
		d.must(err)
		if len(all) != len(cases)+2 {
			t.Errorf("the province sees %d of %d", len(all), len(cases)+2)
		}
		for i, c := range cases {
			at := slices.IndexFunc(list, func(p account.Listed) bool { return p.ID == ids[i] })
			if (at >= 0) != (c.want != unknown) {
				t.Errorf("%s: is in the list: %v", c.name, at >= 0)
				continue
			}
			card, err := d.Card(ctx, admin, ids[i])
			if at < 0 {
				want(t, err, unknown)
			} else if p := list[at]; len(p.Posts) != c.shown || p.Elsewhere != c.elsewhere || p.Whole != (c.want == may) || card.Whole != p.Whole {
				t.Errorf("%s: %d posts, %d elsewhere, may be changed %v", c.name, len(p.Posts), p.Elsewhere, p.Whole)
			} else {
				want(t, card.Closed, c.want)
			}
			_, err = d.LinksOf(ctx, admin, ids[i])
			want(t, err, c.want)
			login := "p" + string(rune('a'+i))
			for name, try := range map[string]func(by account.By) error{
				"rename": func(by account.By) error {
					return d.ChangePerson(ctx, by, luoshi.Person{ID: ids[i], Login: login + "x", Name: "某人"})
				},
				"disable": func(by account.By) error {
					return d.ChangePerson(ctx, by, luoshi.Person{ID: ids[i], Login: login, Name: "某人", Disabled: true})
				},
				"reset":  func(by account.By) error { _, err := d.Reset(ctx, by, ids[i], false); return err },
				"second": func(by account.By) error { _, err := d.Reset(ctx, by, ids[i], true); return err },
				"unlock": func(by account.By) error { return d.Unlock(ctx, by, ids[i]) },
				"link":   func(by account.By) error { return d.LinkPerson(ctx, by, ids[i], issuer, "s-"+login) },
			} {
				if err := try(admin); c.want == "" && err != nil || c.want != "" && !isWant(err, c.want) {
					t.Errorf("%s: %s: %v, want %q", c.name, name, err, c.want)
				}
				if err := try(top); err != nil {
					t.Errorf("%s: the province's administrator: %s: %v", c.name, name, err)
				}
			}
			want(t, d.UnlinkPerson(ctx, admin, ids[i], issuer), c.want)
			want(t, d.Anonymise(ctx, admin, ids[i], "试"), c.want)
		}
		want(t, d.AskCode(ctx, admin, nil), "may.elsewhere")
		_, err = d.Enlist(ctx, admin, nil)
		want(t, err, "may.elsewhere")
		var e *luoshi.Error
		if err := d.Unlock(ctx, admin, ids[6]); !errors.As(err, &e) || e.Message.Args["unit"] != any(luoshi.Names{Hans: "安徽省"}) {
			t.Errorf("who may is told as %v", err)
		}
	})
}

func isWant(err error, key string) bool {
	var e *luoshi.Error
	return errors.As(err, &e) && e.Message.Key == key
}

// What an administrator of a city gives: posts within the city, to its people; and a
// new account together with its first post, or not at all.
func TestCityAdministratorGives(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.province()
		d.quick("top", luoshi.Post{Unit: province, Role: luoshi.Administrator})
		adminID := d.quick("admin", luoshi.Post{Unit: city, Role: luoshi.Administrator})
		clerk := d.quick("clerk", luoshi.Post{Unit: county, Role: luoshi.Reporter})
		planner := d.quick("planner", luoshi.Post{Unit: province, Role: luoshi.Planner})
		idle := d.quick("idle")
		admin := d.as(adminID)
		for _, c := range []struct {
			name string
			post luoshi.Post
			want string
		}{
			{"within the city", luoshi.Post{Person: clerk, Unit: city, Role: luoshi.Viewer}, ""},
			{"at the province", luoshi.Post{Person: clerk, Unit: province, Role: luoshi.Viewer}, "may.elsewhere"},
			{"at another city", luoshi.Post{Person: clerk, Unit: otherCity, Role: luoshi.Viewer}, "may.elsewhere"},
			{"to themselves at the province", luoshi.Post{Person: adminID, Unit: province, Role: luoshi.Administrator}, "may.elsewhere"},
			{"to themselves as auditor", luoshi.Post{Person: adminID, Unit: city, Role: luoshi.Auditor}, "post.apart"},
			{"to the province's planner", luoshi.Post{Person: planner, Unit: county, Role: luoshi.Viewer}, "person.unknown"},
			{"to who has no post", luoshi.Post{Person: idle, Unit: county, Role: luoshi.Viewer}, "person.unknown"},
		} {
			c.post.From = 20200101
			_, err := d.GivePost(ctx, admin, c.post)
			want(t, err, c.want)
			if t.Failed() {
				t.Fatal(c.name)
			}
		}
		new1 := luoshi.Person{Login: "new", Name: "新人"}
		at := func(unit luoshi.UnitID, role luoshi.Role) luoshi.Post {
			return luoshi.Post{Unit: unit, Role: role, From: 20200101}
		}
		for _, c := range []struct {
			posts []luoshi.Post
			want  string
		}{
			{nil, "person.first_post"}, {[]luoshi.Post{at(province, luoshi.Viewer)}, "may.elsewhere"}, {[]luoshi.Post{at(county, luoshi.Viewer), at(otherCity, luoshi.Viewer)}, "may.elsewhere"},
			{[]luoshi.Post{at(county, luoshi.Reporter), at(city, luoshi.Reviewer)}, "post.apart"}, {[]luoshi.Post{at(county, "king")}, "post.role"}, {[]luoshi.Post{at(99, luoshi.Viewer)}, "may.elsewhere"},
		} {
			_, _, err := d.AddPerson(ctx, admin, new1, c.posts...)
			want(t, err, c.want)
		}
		if _, err := d.store.PersonByLogin(ctx, "new"); luoshi.CodeOf(err) != luoshi.NotFound {
			t.Errorf("an account is left of what was refused: %v", err)
		}
		id, first, err := d.AddPerson(ctx, admin, new1, at(county, luoshi.Reporter), at(otherCity, luoshi.Reporter))
		want(t, err, "may.elsewhere")
		if id, first, err = d.AddPerson(ctx, admin, new1, at(county, luoshi.Reporter)); err != nil {
			t.Fatal(err)
		}
		_, err = d.SignIn(ctx, "new", first, here)
		want(t, err, "")
		events, err := d.store.Events(ctx, store.EventQuery{Object: "post " + strconv.FormatInt(int64(id), 10)})
		d.must(err)
		if len(events) != 1 || events[0].Unit != county || events[0].Actor != adminID {
			t.Errorf("account %d: the history says %+v", id, events)
		}
		token := admin
		token.Token, token.Scope = true, []workflow.Intent{workflow.EditPeople}
		_, _, err = d.AddPerson(ctx, token, luoshi.Person{Login: "other", Name: "新人"}, at(county, luoshi.Reporter))
		want(t, err, "may.token")
		token.Scope = []workflow.Intent{workflow.ReadPeople}
		list, err := d.People(ctx, token)
		d.must(err)
		if len(list) != 3 || list[0].Whole {
			t.Errorf("a token that reads sees %d, may change %v", len(list), list[0].Whole)
		}
	})
}

// A way in that an administrator of a city knows or made ends when the account comes to
// reach beyond the city: password, session, token and account elsewhere.
func TestOutgrown(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.province()
		top := d.as(d.quick("top", luoshi.Post{Unit: province, Role: luoshi.Administrator}))
		id, s := d.somebody("clerk", luoshi.Post{Unit: county, Role: luoshi.Reporter, From: 20200101})
		d.give(top, luoshi.Post{Person: id, Unit: otherCity, Role: luoshi.Viewer, From: 20200101, Until: 20200201}) // nobody below runs accounts
		admin := d.as(d.quick("admin", luoshi.Post{Unit: city, Role: luoshi.Administrator}))
		d.give(admin, luoshi.Post{Person: id, Unit: city, Role: luoshi.Viewer, From: 20200101}) // higher, and still theirs
		d.must(d.LinkPerson(ctx, admin, id, issuer, "planted"))
		h, err := d.Who(ctx, s.Secret)
		d.must(err)
		token, err := d.NewToken(ctx, h, "planted", []workflow.Intent{workflow.ReadBoard}, d.clock().Add(24*time.Hour))
		d.must(err)
		post := luoshi.Post{Person: id, Unit: province, Role: luoshi.Planner, From: 20200801}
		first, err := d.GivePost(ctx, top, post)
		d.must(err)
		if first == "" {
			t.Fatal("the account goes on as it was")
		}
		_, err = d.Who(ctx, s.Secret)
		want(t, err, "session.none")
		_, err = d.Bearer(ctx, token)
		want(t, err, "token.none")
		_, err = d.SignInLinked(ctx, issuer, "planted", here)
		want(t, err, "signin.unlinked")
		_, err = d.SignIn(ctx, "clerk", word+"clerk", here)
		want(t, err, "signin.wrong")
		_, err = d.SignIn(ctx, "clerk", first, here)
		want(t, err, "")
		_, err = d.Reset(ctx, admin, id, true)
		want(t, err, "person.beyond")
		post.Until = 20201231
		d.give(top, post) // its end alone changes nothing
		d.give(top, luoshi.Post{Person: id, Unit: otherCity, Role: luoshi.Viewer, From: 20200901})
		r, err := d.store.VerifyHistory(ctx, nil, true, nil)
		d.must(err)
		if !r.Intact() {
			t.Errorf("history: %v", r.Found)
		}
	})
}

// A reset and a post of the province at once: whichever comes first, the password that
// the city's administrator knows is none of an account of the province.
func TestResetBesidePost(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.province()
		top := d.as(d.quick("top", luoshi.Post{Unit: province, Role: luoshi.Administrator}))
		admin := d.as(d.quick("admin", luoshi.Post{Unit: city, Role: luoshi.Administrator}))
		for i := range 6 {
			login := "clerk" + string(rune('a'+i))
			id := d.quick(login, luoshi.Post{Unit: county, Role: luoshi.Reporter})
			var known, first string
			var resetErr, postErr error
			var both sync.WaitGroup
			both.Go(func() { known, resetErr = d.Reset(ctx, admin, id, true) })
			both.Go(func() {
				first, postErr = d.GivePost(ctx, top, luoshi.Post{Person: id, Unit: province, Role: luoshi.Planner, From: 20200101, Until: 20201231})
			})
			both.Wait()
			d.must(postErr)
			if resetErr != nil {
				want(t, resetErr, "person.beyond")
			}
			if _, err := d.SignIn(ctx, login, known, account.From{Address: "192.0.2.3"}); known != "" && err == nil {
				t.Fatal("the city's administrator is in")
			}
			if _, err := d.SignIn(ctx, login, first, account.From{Address: "192.0.2.4"}); err != nil {
				t.Errorf("its owner is not: %v", err)
			}
			d.pass(time.Hour)
		}
	})
}

// Of what somebody answers for an administrator of a city hands over what lies there.
func TestHandOverWithin(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.province()
		admin := d.as(d.quick("admin", luoshi.Post{Unit: city, Role: luoshi.Administrator}))
		old := d.quick("old", luoshi.Post{Unit: city, Role: luoshi.Leader})
		next := d.quick("next", luoshi.Post{Unit: city, Role: luoshi.Leader})
		for _, unit := range []luoshi.UnitID{city, county, otherCity} {
			d.must(d.GiveDuty(ctx, account.System, luoshi.Duty{Kind: luoshi.LeaderInCharge, Unit: unit, From: 20200101, Person: old}))
		}
		c, err := d.Card(ctx, admin, old)
		d.must(err)
		if len(c.Duties) != 2 || c.Beyond != 1 {
			t.Errorf("the card shows %d duties and %d elsewhere", len(c.Duties), c.Beyond)
		}
		plan, err := d.HandOverPlan(ctx, admin, old, 20200701)
		d.must(err)
		if len(plan.Moves) != 2 || plan.Elsewhere != 1 {
			t.Errorf("%d would move, %d stay", len(plan.Moves), plan.Elsewhere)
		}
		n, err := d.HandOver(ctx, admin, old, next, 20200701, "调任")
		d.must(err)
		if n != 2 {
			t.Errorf("%d moved", n)
		}
		_, err = d.HandOver(ctx, admin, old, next, 20200702, "调任")
		want(t, err, "duty.elsewhere")
		facts, err := d.store.Duties(ctx, time.Time{})
		d.must(err)
		for _, f := range luoshi.DutiesOn(facts, 20200701) {
			if (f.Person == next) != (f.Unit != otherCity) {
				t.Errorf("unit %d is led by %d", f.Unit, f.Person)
			}
			if f.From == 20200701 && f.RecordedAt < d.clock().UnixMicro() {
				t.Error("a hand-over counts as recorded before it was done")
			}
		}
	})
}

// Whatever posts come and go: an administrator of the city who could once run an
// account never knows a way into one that reaches beyond the city.
func TestOutgrownProperty(t *testing.T) {
	unit := func(id, parent luoshi.UnitID, code string) luoshi.Unit {
		return luoshi.Unit{ID: id, Code: code, Names: luoshi.Names{Hans: code}, Kind: luoshi.City, Parent: parent, Order: int(id), From: 20200101}
	}
	units := []luoshi.Unit{unit(province, 0, "a"), unit(city, province, "b"), unit(county, city, "c"), unit(otherCity, province, "d")}
	admin := luoshi.Post{Person: 9, Unit: city, Role: luoshi.Administrator, From: 20200101}
	rapid.Check(t, func(rt *rapid.T) {
		var held []luoshi.Post
		knows, day := false, luoshi.Date(20200102)
		for range rapid.IntRange(1, 8).Draw(rt, "acts") {
			tree, _ := luoshi.NewTree(units, day)
			for days := rapid.IntRange(0, 20).Draw(rt, "days"); ; days-- { // something is tried every day
				tree, _ = luoshi.NewTree(units, day)
				if knows = knows || account.Whole(tree, admin.Unit, held); days == 0 {
					break
				}
				day = day.AddDays(1)
			}
			p := luoshi.Post{Person: 1, Unit: luoshi.UnitID(rapid.IntRange(1, 4).Draw(rt, "unit")), Role: luoshi.Viewer, From: day.AddDays(rapid.IntRange(-10, 10).Draw(rt, "from"))}
			if long := rapid.IntRange(0, 30).Draw(rt, "long"); long > 0 {
				p.Until = p.From.AddDays(long)
			}
			if account.Outgrows(tree, append(slices.Clone(held), admin), held, p) {
				knows = false
			}
			held = append(slices.DeleteFunc(held, func(o luoshi.Post) bool { return o.Unit == p.Unit && o.From == p.From }), p)
			beyond := slices.ContainsFunc(held, func(o luoshi.Post) bool {
				return (o.Until == 0 || o.Until >= day) && o.Unit != city && o.Unit != county
			})
			if knows && beyond {
				rt.Fatalf("on %v the administrator knows a way into %+v", day, held)
			}
		}
	})
}
