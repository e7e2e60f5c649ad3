package web_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// The plan holds up in both sizes and languages: as it follows, as it is tried, out of
// reach, with problems, beside another try, and where there is none.
func TestBrowserCatchUpViews(t *testing.T) {
	b := browser.Open(t)
	server := serve(t, demoCopy(t, web.Options{}))
	for _, page := range []struct {
		name, address string
		every         bool
	}{
		{"tried", "/catchup?code=key_projects&total=350&c.340100=9~8.5&cap.340200=15.9&beside=weigh%3Deven%26total%3D350", true},
		{"plan", "/catchup?code=retail", false},
		{"short", "/catchup?code=key_projects&total=400", false},
		{"problems", "/catchup?code=key_projects&total=abc&stretch=ten&c.340100=9~many&cap.340200=x", false},
		{"bare", "/catchup?code=key_projects&unbound=1&c.340100=9~9999999999999999&c.340200=9~9999999999999999", false},
		{"none", "/catchup?code=cpi", false},
		{"force", "/catchup/force?code=key_projects&total=350", false},
		{"capacity", "/catchup/capacity?code=key_projects&of=340100", false},
	} {
		for _, v := range views {
			if !page.every && (v.Dark || v.Lang == "zh-Hant" || v.Width == 1440 && v.Lang == "en") || v.Width == 820 {
				continue
			}
			holds(t, b, "catchup-"+page.name, server+page.address, v)
		}
	}
}

// A planner's way by keyboard: lock a month and see the others move, cap a unit, take
// both back, paste a block, keep the try beside, change how effort is shared.
func TestBrowserCatchUpWalk(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoCopy(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/catchup?code=key_projects&total=350", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.WaitVisible(chromedp.CSS(".tools-in")))
	sum := func() string {
		return browser.Eval[string](t, p, `document.querySelector('tr[data-row="340000"] td.sum').textContent`)
	}
	other := cellText(t, p, "340100", "c.340100", "10")

	stand(t, p, "340100", "c.340100", "9")
	if says := browser.Eval[string](t, p, `document.getElementById("cellsay").textContent`); !strings.HasPrefix(says, "合肥·9月：方案") || !strings.Contains(says, "上年同期") {
		t.Errorf("the cell says %q", says)
	}
	keys(t, p, "7", kb.Enter)
	turn(t, p, 1)
	if got := cellText(t, p, "340100", "c.340100", "9"); got != "7.00" {
		t.Errorf("typed 7, stands %q", got)
	}
	if now := cellText(t, p, "340100", "c.340100", "10"); now == other || sum() != "143.89" {
		t.Errorf("its other months do not move: %s, %s in all", now, sum())
	}
	if at := p.Address(t); !strings.Contains(at, "c.340100=9%7E7") && !strings.Contains(at, "c.340100=9~7") {
		t.Errorf("the address is %s", at)
	}
	if got := browser.Eval[string](t, p, `document.activeElement.closest("tr").dataset.row`); got != "340200" {
		t.Errorf("after Enter the keyboard is at %s", got)
	}

	stand(t, p, "340200", "cap.340200", "")
	keys(t, p, "1", "4", kb.Enter)
	turn(t, p, 2)
	if rest := browser.Eval[string](t, p, `document.querySelector('tr[data-row="340200"] td.sum').textContent`); rest != "14.00" {
		t.Errorf("capped at 14, the rest of the year is %s", rest)
	}
	p.Do(t, chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	turn(t, p, 3)
	stand(t, p, "340100", "c.340100", "9")
	keys(t, p, kb.Delete)
	turn(t, p, 4)
	if now := cellText(t, p, "340100", "c.340100", "10"); now != other || strings.Contains(p.Address(t), "c.340100") {
		t.Errorf("freed, the others stand at %s, were %s", now, other)
	}

	// A block from Excel: two units × three months.
	stand(t, p, "340300", "c.340300", "7")
	browser.Eval[bool](t, p, `(() => { const d = new DataTransfer(); d.setData("text/plain", "1.50\t1.60\t1.70\r\n0.50\t0.60\t0.70\r\n");
		return document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, bubbles: true, cancelable: true})); })()`)
	turn(t, p, 5)
	if got := cellText(t, p, "340300", "c.340300", "9") + " " + cellText(t, p, "340400", "c.340400", "8"); got != "1.70 0.60" || sum() != "143.89" {
		t.Errorf("pasted %q, %s in all", got, sum())
	}
	keys(t, p, "l") // all are on: they go off
	turn(t, p, 6)
	if n := browser.Eval[int](t, p, `document.querySelectorAll("#sheet td.fix").length`); n != 0 {
		t.Errorf("%d are still locked", n)
	}

	// Another way to share, beside the first.
	p.Do(t, chromedp.Click(chromedp.CSS(`[data-part="acts"] a`)), chromedp.WaitReady(chromedp.CSS("#beside")))
	p.Do(t, chromedp.SetValue(chromedp.CSS("#try select[name=weigh]"), "even"))
	browser.Eval[bool](t, p, `document.querySelector("#try select[name=weigh]").dispatchEvent(new Event("change"))`)
	turn(t, p, 1)
	if says := browser.Eval[string](t, p, `document.querySelector("#beside .sum").textContent`); !strings.Contains(says, "格不同") {
		t.Errorf("beside the first: %s", says)
	}
	chart := browser.Eval[string](t, p, `document.querySelector("figure.chart").dataset.chart`)
	p.Do(t, chromedp.SetValue(chromedp.CSS("#try input[name=total]"), "400"))
	browser.Eval[bool](t, p, `document.querySelector("#try input[name=total]").dispatchEvent(new Event("change"))`)
	turn(t, p, 2)
	if says := browser.Eval[string](t, p, `document.querySelector("h1").textContent`); !strings.Contains(says, "目标无法完成") || browser.Eval[string](t, p, `document.querySelector("figure.chart").dataset.chart`) == chart {
		t.Errorf("out of reach: %s", says)
	}
	shot(t, p, "catchup-walk")
	if took := browser.Eval[int](t, p, `+document.querySelector("#sheet").dataset.took`); took > 3000 {
		t.Errorf("the answer took %d ms", took)
	}
	for _, c := range p.Complaints() {
		t.Errorf("complaint: %s", c)
	}
}

// What is typed wrong stays and is marked, the keyboard goes to the first; the sheet is
// the whole plan without it, and what is right counts at once. With a script and without.
func TestBrowserCatchUpWrong(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoCopy(t, web.Options{}))
	defer server.Close()
	for _, width := range []int{1440, 390} {
		p := b.Page(t, server.URL+"/catchup?code=key_projects", browser.View{Width: width, Lang: "zh-Hans"})
		p.Do(t, chromedp.WaitVisible(chromedp.CSS(".tools-in")))
		sheet := `[...document.querySelectorAll("#sheet tbody td:not([aria-invalid])")].map((td) => td.textContent).join("|")`
		plain := browser.Eval[string](t, p, sheet)

		p.Do(t, chromedp.SendKeys(chromedp.CSS("#try input[name=total]"), "35o"+kb.Enter))
		turn(t, p, 1)
		if got := browser.Eval[string](t, p, `document.activeElement.name + " " + document.activeElement.value + " " + document.activeElement.getAttribute("aria-invalid") + " " + document.querySelector("#try .f.bad .err").textContent`); got != "total 35o true “35o”不是数。只写数字，单位和说明写在别处。清空则按现行目标322.75计算。" {
			t.Errorf("%d: the field is %q", width, got)
		}
		if got := browser.Eval[string](t, p, sheet); got != plain {
			t.Errorf("%d: the sheet is not the plan without it", width)
		}
		check(t, p)
		p.Do(t, chromedp.KeyEvent(kb.Backspace), chromedp.KeyEvent("0"), chromedp.KeyEvent(kb.Enter))
		turn(t, p, 2)
		if n := browser.Eval[int](t, p, `document.querySelectorAll("[aria-invalid], .err, .bad").length`); n != 0 {
			t.Errorf("%d: put right, %d things are marked", width, n)
		}

		// Of a block with one wrong cell the others count; the wrong one gets the keyboard.
		stand(t, p, "340300", "c.340300", "7")
		browser.Eval[bool](t, p, `(() => { const d = new DataTransfer(); d.setData("text/plain", "1.50\t12x\t1.70");
			return document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, bubbles: true, cancelable: true})); })()`)
		turn(t, p, 3)
		if got := cellText(t, p, "340300", "c.340300", "7") + " " + cellText(t, p, "340300", "c.340300", "8") + " " + cellText(t, p, "340300", "c.340300", "9"); got != "1.50 12x 1.70" {
			t.Errorf("%d: pasted %q", width, got)
		}
		if got := browser.Eval[string](t, p, `document.activeElement.textContent + " " + document.getElementById(document.activeElement.getAttribute("aria-describedby")).textContent`); got != "12x 蚌埠·8月 “12x”不是数。只写数字，单位和说明写在别处。 去掉这一处" {
			t.Errorf("%d: the keyboard is at %q", width, got)
		}
		if sum := browser.Eval[string](t, p, `document.querySelector('tr[data-row="340000"] td.sum').textContent`); sum != "143.89" {
			t.Errorf("%d: the plan without it sums to %s", width, sum)
		}
		check(t, p)
		shot(t, p, fmt.Sprintf("catchup-wrong-%d", width))

		// A reload stands where it stood; a step back and forth keeps what was typed.
		p.Do(t, chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS(".tools-in")))
		if got := browser.Eval[string](t, p, `document.activeElement.textContent`); got != "12x" {
			t.Errorf("%d: after a reload the keyboard is at %q", width, got)
		}
		p.Do(t, chromedp.Click(chromedp.CSS("[data-act=undo]")))
		turn(t, p, 1)
		p.Do(t, chromedp.Click(chromedp.CSS("[data-act=redo]")))
		turn(t, p, 2)
		if got := cellText(t, p, "340300", "c.340300", "8"); got != "12x" {
			t.Errorf("%d: back and forth it is %q", width, got)
		}
		p.Do(t, chromedp.Click(chromedp.CSS("#notes .drop")))
		turn(t, p, 3)
		if n := browser.Eval[int](t, p, `document.querySelectorAll("[aria-invalid], .bad").length`); n != 0 || strings.Contains(p.Address(t), "12x") || cellText(t, p, "340300", "c.340300", "9") != "1.70" {
			t.Errorf("%d: taken out, %d are marked at %s", width, n, p.Address(t))
		}
		for _, c := range p.Complaints() {
			t.Errorf("complaint: %s", c)
		}
	}

	p := b.Page(t, server.URL+"/catchup?code=key_projects&total=350", browser.View{Width: 1440, Lang: "zh-Hans", NoScript: true})
	p.Do(t, chromedp.SetValue(chromedp.CSS("select[name=lu]"), "340100"), chromedp.SetValue(chromedp.CSS("select[name=lm]"), "9"), chromedp.SendKeys(chromedp.CSS("input[name=lv]"), "12x"), chromedp.Click(chromedp.CSS(".onecell button")),
		chromedp.WaitReady(chromedp.CSS("td[aria-invalid]")))
	if got := browser.Eval[string](t, p, `document.activeElement.name + " " + document.activeElement.value + " " + document.querySelector("select[name=lu]").value + " " + document.querySelector("select[name=lm]").value`); got != "lv 12x 340100 9" {
		t.Errorf("without a script the keyboard is at %q", got)
	}
	shot(t, p, "catchup-wrong-noscript")
	p.Do(t, chromedp.SetValue(chromedp.CSS("input[name=lv]"), "8.25"), chromedp.Click(chromedp.CSS(".onecell button")), chromedp.WaitReady(chromedp.CSS("td.fix:not([aria-invalid])")))
	if text := cellText(t, p, "340100", "c.340100", "9"); text != "8.25" {
		t.Errorf("put right without a script: %s", text)
	}

	// So it is where a unit states what it can bring.
	p = b.Page(t, server.URL+"/catchup/capacity?code=key_projects&of=340100", browser.View{Width: 390, Lang: "en"})
	p.Do(t, chromedp.SendKeys(chromedp.CSS("input[name=m8]"), "6.5"), chromedp.SendKeys(chromedp.CSS("input[name=m9]"), "much"), chromedp.SendKeys(chromedp.CSS("textarea[name=reason]"), "repairs"), chromedp.Click(chromedp.CSS(".capform .btn.pri")),
		chromedp.WaitReady(chromedp.CSS(".captable .err")))
	if got := browser.Eval[string](t, p, `document.activeElement.name + " " + document.activeElement.value + " " + document.querySelector("input[name=m8]").value + " " + document.querySelector("textarea").value`); got != "m9 much 6.5 repairs" {
		t.Errorf("the statement holds %q", got)
	}
	check(t, p)
	shot(t, p, "catchup-wrong-capacity")
}

// From a lock to the lights: put in force with a reason, told once, held against what
// comes in, and taken back.
func TestBrowserCatchUpInForce(t *testing.T) {
	b := browser.Open(t)
	h, _ := midsummer(t)
	server := httptest.NewServer(h)
	defer server.Close()
	p := b.Page(t, server.URL+"/indicator?code=key_projects", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.Click(chromedp.CSS(".foresaid .how")), chromedp.WaitVisible(chromedp.CSS(".catchp .tools-in")))
	stand(t, p, "340100", "c.340100", "9")
	keys(t, p, "9", kb.Enter)
	turn(t, p, 1)
	p.Do(t, chromedp.Click(chromedp.CSS("#force")), chromedp.WaitVisible(chromedp.CSS("#proof textarea[name=reason], main textarea[name=reason]")))
	p.Do(t, chromedp.SendKeys(chromedp.CSS("main textarea[name=reason]"), "三四季度追赶"), chromedp.Click(chromedp.CSS("main .forceform .btn.pri")), chromedp.WaitVisible(chromedp.CSS(".notice")))
	if says := browser.Eval[string](t, p, `document.querySelector("#kept .sum").textContent`); !strings.HasPrefix(says, "方案自2020年7月31日起生效") {
		t.Errorf("in force it says %q", says)
	}
	if at := p.Address(t); !strings.Contains(at, "asof=now") || strings.Contains(at, "c.340100") {
		t.Errorf("after putting in force at %s", at)
	}
	check(t, p)
	shot(t, p, "catchup-inforce")
	p.Do(t, chromedp.Click(chromedp.CSS(".ways a")), chromedp.WaitVisible(chromedp.CSS("#why .proof, .proof")))
	if says := browser.Eval[string](t, p, `document.querySelector("main").textContent`); !strings.Contains(says, "第2版") {
		t.Error("the light goes by another revision")
	}
	phone := b.Page(t, server.URL+"/catchup?code=key_projects", browser.View{Width: 390, Lang: "zh-Hans"})
	phone.Do(t, chromedp.WaitReady(chromedp.CSS("#kept")))
	check(t, phone)
	shot(t, phone, "catchup-inforce-390")
}

// Nothing moves when the script comes, and without one a cell is locked by a form.
func TestBrowserCatchUpStandsStill(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoCopy(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/catchup?code=key_projects&total=350", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.WaitVisible(chromedp.CSS(".tools-in")))
	moved := browser.Eval[float64](t, p, `new Promise((done) => { let sum = 0; new PerformanceObserver((list) => { for (const e of list.getEntries()) sum += e.value; }).observe({ type: "layout-shift", buffered: true }); setTimeout(() => done(sum), 600); })`)
	if moved > 0.01 {
		t.Errorf("the layout shifts by %.3f", moved)
	}
	p = b.Page(t, server.URL+"/catchup?code=key_projects&total=350", browser.View{Width: 1440, Lang: "zh-Hans", NoScript: true})
	p.Do(t, chromedp.SetValue(chromedp.CSS("select[name=lu]"), "340100"), chromedp.SetValue(chromedp.CSS("select[name=lm]"), "9"), chromedp.SendKeys(chromedp.CSS("input[name=lv]"), "8.25"), chromedp.Click(chromedp.CSS(".onecell button")),
		chromedp.WaitReady(chromedp.CSS("td.fix")))
	if text := cellText(t, p, "340100", "c.340100", "9"); text != "8.25" {
		t.Errorf("locked without a script: %s", text)
	}
}
