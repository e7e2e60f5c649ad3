package web_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// The plan holds up in both sizes and languages: as it is in force, as it is tried,
// with problems, where there is nothing to split, and two revisions side by side.
func TestBrowserCascadeViews(t *testing.T) {
	b := browser.Open(t)
	server := serve(t, demoCopy(t, web.Options{}))
	for _, page := range []struct {
		name, address string
		every         bool
	}{
		{"plan", "/cascade?code=key_projects", true},
		{"tried", "/cascade?code=key_projects&units=last_share&time=last_year&t.340100=80&c.340200=3~2.5_6~4&open=340100&reserve=5", true},
		{"problems", "/cascade?code=key_projects&t.340100=400&c.340200=3~x&lo.340300=9&hi.340300=8", false},
		{"deep", "/cascade?code=key_projects&split=340100&t.340102=9", false},
		{"none", "/cascade?code=manufacturing_loans", false},
		{"rate", "/cascade?code=unemployment_rate", false},
		{"leaf", "/cascade?unit=340102", false},
		{"force", "/cascade/force?code=key_projects&units=last_share&time=last_year&t.340100=80", false},
		{"revisions", "/cascade/revisions?code=key_projects", false},
	} {
		for _, v := range views {
			if !page.every && (v.Dark || v.Lang == "zh-Hant" || v.Width == 1440 && v.Lang == "en") || v.Width == 820 {
				continue
			}
			holds(t, b, "cascade-"+page.name, server+page.address, v)
		}
	}
}

// cellText is what stands in a cell: a row, and the parameter and month it sets.
func cellText(t *testing.T, p *browser.Page, row, set, month string) string {
	t.Helper()
	return browser.Eval[string](t, p, fmt.Sprintf(`[...document.getElementById("r-%s").cells].find(c => c.dataset.set === %q && (c.dataset.m || "") === %q).textContent`, row, set, month))
}

// stand puts the keyboard on a cell as a click does.
func stand(t *testing.T, p *browser.Page, row, set, month string) {
	t.Helper()
	at := fmt.Sprintf(`tr[data-row="%s"] td[data-set="%s"]`, row, set)
	if month != "" {
		at += fmt.Sprintf(`[data-m="%s"]`, month)
	}
	p.Do(t, chromedp.Click(chromedp.CSS(at)))
}

// turn waits for the n-th answer to a try-out.
func turn(t *testing.T, p *browser.Page, n int) {
	t.Helper()
	p.Do(t, chromedp.WaitReady(chromedp.CSS(fmt.Sprintf(`#sheet[data-turn="%d"]`, n))))
}

// keys presses keys one after the other.
func keys(t *testing.T, p *browser.Page, list ...string) {
	t.Helper()
	for _, k := range list {
		p.Do(t, chromedp.KeyEvent(k))
	}
}

// A planner's way by keyboard: type, lock, undo, paste a block, fill down, see a
// conflict and mend it, reload, put in force with a reason, compare, take it back.
func TestBrowserCascadeWalk(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoCopy(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/cascade?code=key_projects", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.WaitVisible(chromedp.CSS(".tools-in")))

	stand(t, p, "340100", "t.340100", "")
	keys(t, p, "8", "0", kb.Enter) // typing replaces, Enter goes down
	turn(t, p, 1)
	if got := cellText(t, p, "340100", "t.340100", ""); got != "80.00" {
		t.Errorf("typed 80, stands %q", got)
	}
	if got := browser.Eval[string](t, p, `document.activeElement.closest("tr").dataset.row + " " + document.querySelector("#sheet .margin .gap-row td").textContent`); got != "340200 0.00" {
		t.Errorf("after Enter: %s", got)
	}
	if at := p.Address(t); !strings.Contains(at, "t.340100=80") {
		t.Errorf("the address is %s", at)
	}
	if browser.Eval[bool](t, p, `document.querySelector(".tried").hidden || document.querySelector("#force").hidden`) {
		t.Error("it does not say that it is tried, or cannot be put in force")
	}

	before := cellText(t, p, "340300", "t.340300", "")
	stand(t, p, "340300", "t.340300", "")
	keys(t, p, "l") // lock at what stands
	turn(t, p, 2)
	if !browser.Eval[bool](t, p, `document.querySelector('tr[data-row="340300"] td[data-set]').classList.contains("fix")`) {
		t.Error("L locks nothing")
	}
	keys(t, p, kb.F2, kb.Backspace, kb.Escape) // Escape leaves the cell as it was
	if got := cellText(t, p, "340300", "t.340300", ""); got != before {
		t.Errorf("after Escape %q, was %q", got, before)
	}
	keys(t, p, kb.Delete)
	turn(t, p, 3)
	p.Do(t, chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	turn(t, p, 4)
	if !strings.Contains(p.Address(t), "t.340300=") {
		t.Error("undo does not bring the lock back")
	}
	p.Do(t, chromedp.KeyEvent("y", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	turn(t, p, 5)
	if strings.Contains(p.Address(t), "t.340300=") {
		t.Error("redo does not take it off again")
	}

	// A block from Excel: two units × three months.
	stand(t, p, "340200", "c.340200", "3")
	browser.Eval[bool](t, p, `(() => { const d = new DataTransfer(); d.setData("text/plain", "2.50\t2.60\t2.70\r\n1.10\t1.20\t1.30\r\n");
		return document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, bubbles: true, cancelable: true})); })()`)
	turn(t, p, 6)
	if got := cellText(t, p, "340200", "c.340200", "5") + " " + cellText(t, p, "340300", "c.340300", "4"); got != "2.70 1.20" {
		t.Errorf("pasted %q", got)
	}
	copied := browser.Eval[string](t, p, `(() => { const d = new DataTransfer();
		document.activeElement.dispatchEvent(new ClipboardEvent("copy", {clipboardData: d, bubbles: true, cancelable: true})); return d.getData("text/plain"); })()`)
	if copied != "2.50\t2.60\t2.70\n1.10\t1.20\t1.30" {
		t.Errorf("copied %q", copied)
	}
	stand(t, p, "340400", "c.340400", "9")
	keys(t, p, "1", kb.Enter)
	turn(t, p, 7)
	p.Do(t, chromedp.KeyEvent("d", chromedp.KeyModifiers(chromedp.ModifierCtrl))) // from above
	turn(t, p, 8)
	if got := cellText(t, p, "340500", "c.340500", "9"); got != "1.00" {
		t.Errorf("filled down %q", got)
	}
	check(t, p)
	shot(t, p, "cascade-walk-tried")

	// A lock beyond what there is: said at the month, put right by undo.
	stand(t, p, "340600", "c.340600", "7")
	keys(t, p, "9", "9", kb.Enter)
	turn(t, p, 9)
	if got := browser.Eval[string](t, p, `document.querySelector("#notes .e a").textContent`); got != "淮北" {
		t.Errorf("the conflict stands at %q", got)
	}
	check(t, p)
	shot(t, p, "cascade-walk-conflict")
	p.Do(t, chromedp.Click(chromedp.CSS("[data-act=undo]")))
	turn(t, p, 10)
	if n := browser.Eval[int](t, p, `document.querySelectorAll("#notes .e").length`); n != 0 {
		t.Errorf("%d problems after undo", n)
	}

	// The try-out survives a reload, and so do its steps.
	p.Do(t, chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS(".tools-in")))
	if got := cellText(t, p, "340200", "c.340200", "3"); got != "2.50" {
		t.Errorf("after a reload %q", got)
	}
	if browser.Eval[bool](t, p, `document.querySelector("[data-act=undo]").disabled`) {
		t.Error("the steps back are lost")
	}

	// Put in force, with a reason.
	p.Do(t, chromedp.Click(chromedp.CSS("#force")), chromedp.WaitVisible(chromedp.CSS("#proof textarea[name=reason]")))
	check(t, p)
	shot(t, p, "cascade-walk-force")
	p.Do(t, chromedp.SendKeys(chromedp.CSS("#proof textarea[name=reason]"), "省政府常务会议"), chromedp.Click(chromedp.CSS("#proof .forceform .btn.pri")), chromedp.WaitVisible(chromedp.CSS(".notice")))
	if got := cellText(t, p, "340100", "t.340100", ""); got != "80.00" {
		t.Errorf("in force %q", got)
	}
	if at := p.Address(t); !strings.Contains(at, "asof=now") || strings.Contains(at, "t.340100") {
		t.Errorf("after putting in force at %s", at)
	}
	check(t, p)
	shot(t, p, "cascade-walk-done")
	p.Do(t, chromedp.Click(chromedp.CSS(".verlist a.l")), chromedp.WaitVisible(chromedp.CSS(".plan.two")))
	if got := browser.Eval[string](t, p, `document.querySelector(".sides section:last-child dd:nth-of-type(3)").textContent + document.querySelectorAll(".plan.two td.chg").length`); !strings.HasPrefix(got, "省政府常务会议") || strings.HasSuffix(got, "议0") {
		t.Errorf("side by side: %s", got)
	}
	check(t, p)
	shot(t, p, "cascade-walk-sides")
	p.Do(t, chromedp.SendKeys(chromedp.CSS(".backform input[name=reason]"), "改回"), chromedp.Click(chromedp.CSS(".backform .btn")), chromedp.WaitVisible(chromedp.CSS(".notice")))
	if got := cellText(t, p, "340100", "t.340100", ""); got != "79.07" {
		t.Errorf("put back %q", got)
	}
}

// A workbook comes down, is changed, goes up as a try-out, and is put in force.
func TestBrowserCascadeUpload(t *testing.T) {
	b := browser.Open(t)
	h := demoCopy(t, web.Options{})
	server := httptest.NewServer(h)
	defer server.Close()
	w, _ := get(t, h, "/cascade/workbook?code=key_projects&units=last_share&time=last_year&reserve=2")
	file := filepath.Join(t.TempDir(), "plan.xlsx")
	if err := os.WriteFile(file, w.Body.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p := b.Page(t, server.URL+"/cascade?code=key_projects", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.WaitVisible(chromedp.CSS(".tools-in")), chromedp.SetUploadFiles(chromedp.CSS(".upload input[type=file]"), []string{file}),
		chromedp.Click(chromedp.CSS(".upload .btn")), chromedp.WaitVisible(chromedp.CSS("main .bar")))
	if got := browser.Eval[string](t, p, `document.querySelector("#says").textContent`); got != "这样分不下去：1处要改" { // the file leaves 2 in reserve, the plan has none
		t.Errorf("the sheet says %q", got)
	}
	check(t, p)
	shot(t, p, "cascade-upload")
	p.Do(t, chromedp.SendKeys(chromedp.CSS("#try input[name=reserve]"), "2"+kb.Enter))
	turn(t, p, 1)
	if got := browser.Eval[string](t, p, `document.querySelector("#says").textContent`); !strings.HasPrefix(got, "试算：") {
		t.Errorf("with the reserve it says %q", got)
	}
	p.Do(t, chromedp.Click(chromedp.CSS("#force")), chromedp.WaitVisible(chromedp.CSS("#proof textarea[name=reason]")), chromedp.SendKeys(chromedp.CSS("#proof textarea[name=reason]"), "按表格下达"),
		chromedp.Click(chromedp.CSS("#proof .forceform .btn.pri")), chromedp.WaitVisible(chromedp.CSS(".notice")))
}

// 105 districts and 16 cities × 11 periods of one indicator: from a change to the
// last cell written again.
func TestBrowserCascadeFluent(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{}))
	defer server.Close()
	cities := "340100_340200_340300_340400_340500_340600_340700_340800_341000_341100_341200_341300_341500_341600_341700_341800"
	p := b.Page(t, server.URL+"/cascade?code=key_projects&split="+cities, browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.WaitVisible(chromedp.CSS(".tools-in")))
	if n := browser.Eval[int](t, p, `document.querySelectorAll("#sheet tbody tr").length`); n < 122 {
		t.Fatalf("%d rows", n)
	}
	stand(t, p, "340100", "t.340100", "")
	keys(t, p, "8", "1", kb.Enter)
	turn(t, p, 1)
	took := browser.Eval[int](t, p, `+document.querySelector("#sheet").dataset.took`)
	t.Logf("a change of %d rows took %d ms from the question to the last cell", browser.Eval[int](t, p, `document.querySelectorAll("#sheet tbody tr").length`), took)
	if took > 1500 {
		t.Errorf("a change took %d ms", took)
	}
}

// Without scripts the plan is read, methods and locks are a form that works it out.
func TestBrowserCascadeWithoutScript(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoCopy(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/cascade?code=key_projects", browser.View{Width: 1440, Lang: "zh-Hans", NoScript: true})
	p.Do(t, chromedp.Click(chromedp.CSS(".bounds summary")), chromedp.SendKeys(chromedp.CSS(`input[name="t.340100"]`), "80"), chromedp.Click(chromedp.CSS(".tryform button.noscript")), chromedp.WaitReady(chromedp.CSS("#discard:not([hidden])")))
	if at := p.Address(t); !strings.Contains(at, "t.340100=80") {
		t.Errorf("the form led to %s", at)
	}
	shot(t, p, "cascade-noscript")
}
