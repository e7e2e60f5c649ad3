package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"luoshi.dev"
	"luoshi.dev/internal/oidc"
	"luoshi.dev/internal/oidc/oidctest"
	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// In a real browser, through a real provider's own pages: refused, linked, signed in.
func TestBrowserOpenID(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String()
	real := oidctest.Start(t, base+"/signin/oidc/back")
	provider, err := oidc.New(oidc.Options{Issuer: real.Issuer, Client: oidctest.Client, Secret: oidctest.Secret, Name: "皖政通", Back: base + "/signin/oidc/back"})
	if err != nil {
		t.Fatal(err)
	}
	o := openDesk(t, web.Options{OpenID: provider})
	server.Config.Handler = o
	server.Start()
	defer server.Close()
	o.somebody("wang", "王远", luoshi.Post{Unit: 1, Role: luoshi.Planner})
	there := func(p *browser.Page) { // what a person does at the provider
		p.Do(t, chromedp.WaitVisible(sel("input[name=username]")), chromedp.SendKeys(sel("input[name=username]"), "wang"),
			chromedp.SendKeys(sel("input[name=password]"), oidctest.Password), chromedp.Click(sel("button[type=submit]")))
	}

	p := b.Page(t, base+"/signin", four[0])
	p.Do(t, chromedp.Click(sel(".ways a")))
	there(p)
	p.Do(t, chromedp.WaitVisible(sel(".bar.r")))
	check(t, p)
	shot(t, p, "openid-unlinked")

	tries(t, p, "login", "wang", "password", phrase+"wang")
	p.Do(t, chromedp.WaitVisible(sel(".whoami")))
	looked(t, b, base+"/me", "openid-me", four[0], four[3])
	looked(t, b, base+"/me/provider", "openid-link", append(four, browser.View{Width: 390, Lang: "zh-Hant", Dark: true})...)
	p = b.Page(t, base+"/me/provider", four[0])
	tries(t, p, "password", "wrong")
	p.Do(t, chromedp.WaitVisible(sel(".bar.r")))
	check(t, p)
	tries(t, p, "password", phrase+"wang")
	p.Do(t, chromedp.WaitVisible(sel(".acts a.pri")))
	check(t, p)
	shot(t, p, "openid-go")
	p.Do(t, chromedp.Click(sel(".acts a.pri")))
	there(p)
	p.Do(t, chromedp.WaitVisible(sel("#safe")))
	check(t, p)
	shot(t, p, "openid-linked")
	looked(t, b, base+"/me/provider", "openid-end", four[0], four[3])

	p = b.Page(t, base+"/me", four[0])
	p.Do(t, chromedp.Click(sel(".whoami summary")), chromedp.Click(sel(".whoami button")), chromedp.WaitVisible(sel("#login")))
	p = b.Page(t, base+"/signin?to=%2Fme%2Fpassword", four[0])
	p.Do(t, chromedp.Click(sel(".ways a")))
	there(p)
	p.Do(t, chromedp.WaitVisible(sel("#old")))
	if got := p.Address(t); !strings.HasSuffix(got, "/me/password") {
		t.Errorf("signing in led to %s", got)
	}

	o.somebody("boss", "程管理", luoshi.Post{Unit: 1, Role: luoshi.Administrator})
	p.Do(t, chromedp.Click(sel(".whoami summary")), chromedp.Click(sel(".whoami button")), chromedp.WaitVisible(sel("#login")))
	tries(t, p, "login", "boss", "password", phrase+"boss")
	p.Do(t, chromedp.WaitVisible(sel(".whoami")))
	for _, v := range []browser.View{four[0], four[3]} {
		for id, name := range map[string]string{"1": "openid-person-linked-", "2": "openid-person-"} {
			p = b.Page(t, base+"/person?id="+id, v)
			p.Do(t, chromedp.Click(sel(".elsewhere summary")), chromedp.WaitVisible(sel(".elsewhere .btn")))
			check(t, p)
			shot(t, p, name+v.String())
		}
	}
}
