package web_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// four are the ways in which pages about accounts are looked at.
var four = []browser.View{{Width: 1440, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "zh-Hans"}, {Width: 390, Lang: "en"}}

// looked opens an address in every view, checks it and takes its picture.
func looked(t *testing.T, b *browser.Browser, address, name string, views ...browser.View) {
	t.Helper()
	for _, v := range views {
		p := b.Page(t, address, v)
		check(t, p)
		shot(t, p, name+"-"+v.String())
	}
}

// sel is a CSS selector.
func sel(s string) chromedp.CSS { return chromedp.CSS(s) }

// tries fills the fields of a form with the keyboard and sends it with Enter.
func tries(t *testing.T, p *browser.Page, pairs ...string) {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		p.Do(t, chromedp.Clear(sel("#"+pairs[i])), chromedp.SendKeys(sel("#"+pairs[i]), pairs[i+1]))
	}
	p.Do(t, chromedp.KeyEvent(kb.Enter))
}

// A person's first day: a wrong password, the first one changed, a second factor set
// up, signing in with it and with a recovery code, sessions and a token. With the
// keyboard, on a desk.
func TestBrowserSignIn(t *testing.T) {
	b := browser.Open(t)
	o := openDesk(t, web.Options{Providers: []web.Provider{{Name: "皖政通", Href: "/signin/oidc"}}})
	server := httptest.NewServer(o)
	defer server.Close()
	_, first := o.first("lushiyu", "陆时雨", luoshi.Post{Unit: 1, Role: luoshi.Planner, Title: "综合科科长"}, luoshi.Post{Unit: 2, Role: luoshi.Viewer, Until: 20251231})
	looked(t, b, server.URL+"/signin", "signin", append(four, browser.View{Width: 390, Lang: "zh-Hant", Dark: true})...)

	p := b.Page(t, server.URL+"/signin?to=%2F%3Funit%3D340100", four[0])
	if got := browser.Eval[string](t, p, `document.activeElement.id`); got != "login" {
		t.Errorf("the cursor is in %q", got)
	}
	tries(t, p, "login", "lushiyu", "password", "wrong")
	p.Do(t, chromedp.WaitVisible(sel(".bar.r")))
	check(t, p)
	shot(t, p, "signin-wrong")
	p.Do(t, chromedp.SendKeys(sel("#password"), first), chromedp.Click(sel("[data-show=password]")))
	if got := browser.Eval[string](t, p, `document.querySelector("#password").type`); got != "text" {
		t.Error("the password cannot be looked at")
	}
	p.Do(t, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(sel("#old")))
	check(t, p)
	shot(t, p, "signin-first")
	tries(t, p, "old", first, "new", "lushiyu", "again", "lushiyu")
	p.Do(t, chromedp.WaitVisible(sel("#new-err")))
	check(t, p)
	shot(t, p, "signin-first-weak")
	tries(t, p, "old", first, "new", phrase, "again", phrase)
	p.Do(t, chromedp.WaitVisible(sel("h1")), chromedp.WaitNotPresent(sel("#old")))
	if got := p.Address(t); got != server.URL+"/?unit=340100" {
		t.Errorf("signing in led to %s", got)
	}
	p.Do(t, chromedp.Click(sel(".whoami summary")), chromedp.WaitVisible(sel(".whoami .panel")))
	check(t, p)
	shot(t, p, "whoami")
	p.Do(t, chromedp.Click(sel(`.whoami a[href="/me"]`)), chromedp.WaitVisible(sel("#sessions")), chromedp.Click(sel(`#safe a[href="/me/code"]`)), chromedp.WaitVisible(sel(".btn.pri")))
	check(t, p)
	shot(t, p, "code-begin")
	tries(t, p, "password", phrase)
	p.Do(t, chromedp.WaitVisible(sel("svg.qr")))
	check(t, p)
	shot(t, p, "code-scan")
	looked(t, b, server.URL+"/me/code?set=1", "code-scan", four[3])
	secret := browser.Eval[string](t, p, `document.querySelector(".secret").textContent`)
	tries(t, p, "code", totp(t, secret, o.now()))
	p.Do(t, chromedp.WaitVisible(sel("#codes")))
	check(t, p)
	shot(t, p, "recovery")
	p.Print(t)
	shot(t, p, "recovery-print")
	codes := browser.Eval[[]string](t, p, `[...document.querySelectorAll("#codes li")].map(e => e.innerText)`)
	looked(t, b, server.URL+"/me/code", "code-on", four[0], four[3])

	p = b.Page(t, server.URL+"/me", four[0])
	o.pass(time.Minute)
	p.Do(t, chromedp.Click(sel(".whoami summary")), chromedp.Click(sel(".whoami button")), chromedp.WaitVisible(sel("#login")))
	shot(t, p, "signed-out")
	tries(t, p, "login", "lushiyu", "password", phrase)
	p.Do(t, chromedp.WaitVisible(sel("#code")))
	check(t, p)
	shot(t, p, "signin-code")
	looked(t, b, server.URL+"/signin/code", "signin-code", four[3])
	p = b.Page(t, server.URL+"/signin/code", four[0])
	tries(t, p, "code", totp(t, secret, o.now()))
	p.Do(t, chromedp.WaitVisible(sel(".whoami")))
	p = b.Page(t, server.URL+"/me", four[0])
	p.Do(t, chromedp.Click(sel(".whoami summary")), chromedp.Click(sel(".whoami button")), chromedp.WaitVisible(sel("#login")))
	tries(t, p, "login", "lushiyu", "password", phrase)
	p.Do(t, chromedp.WaitVisible(sel("#code")), chromedp.Click(sel(".on a")), chromedp.WaitReady(sel("input[name=with]")))
	check(t, p)
	shot(t, p, "signin-recovery")
	tries(t, p, "code", codes[2])
	p.Do(t, chromedp.WaitVisible(sel(".whoami")))

	// somebody signed in elsewhere too, and a program
	elsewhere, err := o.SignIn(context.Background(), "lushiyu", phrase, account.From{Address: "203.0.113.7", Agent: "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"})
	o.must(err)
	_, err = o.Code(context.Background(), elsewhere.Secret, codes[7], account.From{Address: "203.0.113.7", Agent: "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"})
	o.must(err)
	p = b.Page(t, server.URL+"/me/token", four[0])
	p.Do(t, chromedp.WaitVisible(sel("#name")), chromedp.SendKeys(sel("#name"), "月报取数程序"), chromedp.Click(sel("input[value=named]")), chromedp.WaitVisible(sel(".named")), chromedp.Click(sel(`input[value="plan.read"]`)), chromedp.Click(sel(`input[value="target.set"]`)))
	check(t, p)
	shot(t, p, "token-new")
	p.Do(t, chromedp.SendKeys(sel("#password"), phrase), chromedp.Click(sel("form.one .btn.pri")), chromedp.WaitVisible(sel("#value")))
	check(t, p)
	shot(t, p, "token-made")
	if got := browser.Eval[string](t, p, `document.querySelector("#value").value`); !strings.HasPrefix(got, "luoshi_") {
		t.Errorf("the token is %q", got)
	}
	looked(t, b, server.URL+"/me", "me", append(four, browser.View{Width: 820, Lang: "en", Dark: true})...)
	looked(t, b, server.URL+"/me/password", "me-password", four[0], four[3])
	looked(t, b, server.URL+"/me/token", "token-new", four[3])
	p = b.Page(t, server.URL+"/me", four[0])
	p.Do(t, chromedp.WaitVisible(sel("#tokens table")), chromedp.Click(sel("#sessions header button")), chromedp.WaitVisible(sel(".notice")))
	if left := browser.Eval[int](t, p, `document.querySelectorAll("#sessions tbody tr").length`); left != 1 {
		t.Errorf("%d sessions are left", left)
	}
	p.Do(t, chromedp.Click(sel("#tokens .btn.dng")), chromedp.WaitVisible(sel("#tokens .none")))
	check(t, p)
	shot(t, p, "me-after")
}

// narrow is what must hold of a page that runs no scripts: axe is one.
func narrow(t *testing.T, p *browser.Page) {
	t.Helper()
	for _, wide := range p.Wide(t) {
		t.Errorf("too wide: %s", wide)
	}
}

// The same way without scripts, on a phone, in English; and the answers that one hopes
// not to see.
func TestBrowserSignInPhone(t *testing.T) {
	b := browser.Open(t)
	o := openDesk(t, web.Options{})
	server := httptest.NewServer(o)
	defer server.Close()
	key, err := o.SetupLink(context.Background())
	o.must(err)
	looked(t, b, server.URL+"/setup?key="+key, "setup", four[0], four[3])
	looked(t, b, server.URL+"/setup?key=old", "setup-closed", four[0], four[3])
	v := browser.View{Width: 390, Lang: "en", NoScript: true}
	p := b.Page(t, server.URL+"/setup?key="+key, v)
	tries(t, p, "login", "xu", "name", "Xu Xing", "new", phrase, "again", phrase)
	p.Do(t, chromedp.WaitVisible(sel(".whoami")), chromedp.Click(sel(".whoami summary")), chromedp.WaitVisible(sel(".whoami .panel")))
	narrow(t, p)
	shot(t, p, "whoami-390-en")
	p.Do(t, chromedp.Click(sel(".whoami button")), chromedp.WaitVisible(sel("#login")))
	for range 5 {
		if _, err := o.SignIn(context.Background(), "xu", "wrong", account.From{}); err == nil {
			t.Fatal("a wrong password is taken")
		}
	}
	tries(t, p, "login", "xu", "password", phrase)
	p.Do(t, chromedp.WaitVisible(sel(".bar.y")))
	narrow(t, p)
	shot(t, p, "signin-wait-390-en")
	live := b.Page(t, server.URL+"/signin", browser.View{Width: 1440, Lang: "zh-Hans"})
	tries(t, live, "login", "xu", "password", phrase)
	live.Do(t, chromedp.WaitVisible(sel(".bar.y")))
	until(t, live, `+document.querySelector("[data-wait] b").textContent < +document.querySelector("[data-wait]").dataset.wait`)
	check(t, live)
	shot(t, live, "signin-wait-1440-zh-Hans")
	o.pass(16 * time.Second)
	tries(t, p, "login", "xu", "password", phrase)
	p.Do(t, chromedp.WaitVisible(sel(".whoami")), chromedp.Navigate(server.URL+"/me/code"), chromedp.WaitVisible(sel("#password")))
	tries(t, p, "password", phrase)
	p.Do(t, chromedp.WaitVisible(sel("svg.qr")))
	tries(t, p, "code", totp(t, browser.Eval[string](t, p, `document.querySelector(".secret").textContent`), o.now()))
	p.Do(t, chromedp.WaitVisible(sel("#codes")))
	narrow(t, p)
	shot(t, p, "recovery-390-en")
	o.pass(31 * time.Minute)
	p.Do(t, chromedp.Navigate(server.URL+"/me"), chromedp.WaitVisible(sel(".bar")))
	narrow(t, p)
	shot(t, p, "signin-ended-390-en")
}

// The demonstration lets one look around as each role.
func TestBrowserLookAs(t *testing.T) {
	b := browser.Open(t)
	o := openDesk(t, web.Options{Demo: true})
	server := httptest.NewServer(o)
	defer server.Close()
	for i, role := range luoshi.Roles {
		o.somebody(string(role)[:3], []string{"徐行", "陆时雨", "方舟", "沈既白", "程小禾", "顾行止", "夏未央", "江晚照"}[i], luoshi.Post{Unit: luoshi.UnitID(1 + i%2), Role: role})
	}
	looked(t, b, server.URL+"/signin", "look-as", append(four, browser.View{Width: 820, Lang: "zh-Hans", Dark: true})...)
	p := b.Page(t, server.URL+"/signin", four[2])
	p.Do(t, chromedp.Click(sel(`.looks a[href="/signin/as/planner"]`)), chromedp.WaitVisible(sel(".whoami")), chromedp.Click(sel(".whoami summary")), chromedp.WaitVisible(sel(".whoami .panel")))
	check(t, p)
	shot(t, p, "whoami-390")
	p.Do(t, chromedp.Click(sel(`.whoami a[href="/signin"]`)), chromedp.WaitVisible(sel(".looks .bar")))
	shot(t, p, "look-as-now-390")
}

// overlaps names what of the masthead lies over another part of it.
const overlaps = `(() => {
	const parts = [...document.querySelectorAll(".brand, .where, .tabs, .tools > *, .where > *")].filter(e => e.checkVisibility() && e.getClientRects().length);
	const found = [];
	for (const a of parts) for (const b of parts) {
		if (a === b || a.contains(b) || b.contains(a)) continue;
		const r = a.getBoundingClientRect(), q = b.getBoundingClientRect();
		if (r.left < q.left && r.right > q.left + 1 && r.top < q.bottom - 1 && q.top < r.bottom - 1) found.push(a.textContent.trim().slice(0, 30) + " over " + b.textContent.trim().slice(0, 30));
	}
	return found;
})()`

// The masthead has room for a long way up, all sections and a long name, in every
// width and language: nothing lies over anything.
func TestBrowserMasthead(t *testing.T) {
	b := browser.Open(t)
	o := anhui()
	o.Path = []service.UnitRef{{Code: "340000", Name: names("安徽省", "安徽省", "Anhui Province")}, {Code: "341800", Name: names("宣城市", "宣城市", "Xuancheng")}}
	o.Unit = service.UnitRef{Code: "341802", Name: names("宣州区", "宣州區", "Xuanzhou District"), Kind: luoshi.County}
	d := deskAt(t, web.Options{Demo: true}, o)
	server := httptest.NewServer(d)
	defer server.Close()
	d.somebody("deng", "邓海静（示例）", luoshi.Post{Unit: 1, Role: luoshi.Planner}, luoshi.Post{Unit: 1, Role: luoshi.Administrator})
	b.Page(t, server.URL+"/signin/as/planner", four[0])
	for _, v := range []browser.View{
		{Width: 1440, Lang: "en"}, {Width: 1610, Lang: "en"}, {Width: 1190, Lang: "en"}, {Width: 1024, Lang: "en"}, {Width: 700, Lang: "en"}, {Width: 390, Lang: "en"}, {Width: 360, Lang: "en"},
		{Width: 1440, Lang: "zh-Hans"}, {Width: 1190, Lang: "zh-Hant"}, {Width: 768, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"},
	} {
		p := b.Page(t, server.URL+"/?unit=341802", v)
		for _, one := range browser.Eval[[]string](t, p, overlaps) {
			t.Errorf("%s: %s", v, one)
		}
		shot(t, p, "mast-"+v.String())
	}
}
