package web_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"luoshi.dev"
	"luoshi.dev/internal/office"
	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// mixed is a sheet with a row of each outcome against the demonstration, three of
// them refused.
const mixed = "指标代码,单位代码,报告期,数值,备注\n" +
	"key_projects,340100,2022-01..07,99.5,\n" +
	"key_projects,349900,2022-01..07,12.5,没有这个单位\n" +
	"key_projects,340200,2022-01..07,十二点五,\n" +
	"key_projectz,340200,2022-01..07,1,\n" +
	"key_projects,340000,2020-01..06,206.11,\n" +
	"key_projects,340100,2020-01..06,1.25,\n"

// workbook is the same as the product's own export writes it.
func workbook(t *testing.T) string {
	t.Helper()
	d := &office.Draft{}
	for line := range strings.Lines(mixed[strings.Index(mixed, "\n")+1:]) {
		f := strings.Split(strings.TrimSpace(line), ",")
		year, month := 2022, 7
		if strings.HasPrefix(f[2], "2020") {
			year, month = 2020, 6
		}
		value, err := luoshi.ParseQuantity(f[3])
		if err != nil {
			value, _ = luoshi.ParseQuantity("12.505") // more decimals than the indicator has
		}
		d.Figures = append(d.Figures, office.FigureRow{Indicator: f[0], UnitCode: f[1], UnitName: f[4], Period: luoshi.ToDate(year, month), Basis: luoshi.Cumulative, Scope: luoshi.Whole, Value: luoshi.Some(value)})
	}
	var b bytes.Buffer
	if err := office.WriteWorkbook(&b, d, office.Hans); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// client is a browser that keeps its cookies.
type client struct {
	t *testing.T
	http.Client
	base string
}

func newClient(t *testing.T, h http.Handler) *client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, Client: http.Client{Jar: jar}, base: server.URL}
}

// doc gets a page, which must have the status.
func (c *client) doc(path string, status int) *html.Node {
	c.t.Helper()
	r, err := c.Get(c.base + path) //nolint:bodyclose // read closes it
	return c.read(r, err, status)
}

func (c *client) read(r *http.Response, err error, status int) *html.Node {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	if r.StatusCode != status {
		text, _ := io.ReadAll(r.Body)
		c.t.Fatalf("%s: %d, want %d: %.400s", r.Request.URL, r.StatusCode, status, text)
	}
	doc, err := html.Parse(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return doc
}

// upload posts files as the form does and returns the address it is led to.
func (c *client) upload(pairs ...string) (string, *html.Node) {
	c.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		w, err := form.CreateFormFile("file", pairs[i])
		if err != nil {
			c.t.Fatal(err)
		}
		_, _ = io.WriteString(w, pairs[i+1])
	}
	_ = form.Close()
	r, err := c.Post(c.base+"/import", form.FormDataContentType(), &b) //nolint:bodyclose // read closes it
	return r.Request.URL.Path, c.settled(r, c.read(r, err, http.StatusOK))
}

// settled is the page once nothing on it is under way, however long that takes here.
func (c *client) settled(r *http.Response, doc *html.Node) *html.Node {
	c.t.Helper()
	for path := r.Request.URL.Path; len(all(doc, "#going")) > 0; time.Sleep(20 * time.Millisecond) {
		doc = c.doc(path, http.StatusOK)
	}
	return doc
}

func (c *client) post(path string, pairs ...string) *html.Node {
	c.t.Helper()
	form := map[string][]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form[pairs[i]] = []string{pairs[i+1]}
	}
	r, err := c.PostForm(c.base+path, form) //nolint:bodyclose // read closes it
	doc := c.read(r, err, http.StatusOK)
	return c.settled(r, doc)
}

// Without a script: a form brings the file, the page shows every row with what
// becomes of it, the right rows are saved, the import is taken back, and so is that.
func TestImportByForm(t *testing.T) {
	c := newClient(t, demoCopy(t, web.Options{}))
	home := c.doc("/import", http.StatusOK)
	if n := len(all(home, `form[enctype="multipart/form-data"] input[type=file][multiple]`)); n != 1 {
		t.Fatalf("%d forms for files", n)
	}
	path, doc := c.upload("七月.csv", mixed)
	if got := text(doc, "h1"); got != "2条可以入库，3条不能收" {
		t.Errorf("the verdict is %q", got)
	}
	marks := map[string]string{}
	for _, row := range all(doc, "table.preview tbody tr[id]") {
		marks[attr(row, "id")] = attr(row, "class")
	}
	if marks["r2"] != "is-new" || marks["r3"] != "is-refused" || !strings.Contains(marks["r1"], "heads") {
		t.Errorf("rows are marked %v", marks)
	}
	if got := text(doc, "#r3n0"); !strings.HasPrefix(got, "B3 ") {
		t.Errorf("the reason of row 3 is %q", got)
	}
	if attr(all(doc, "#r3 td.bad")[0], "aria-describedby") != "r3n0 " {
		t.Error("the cell does not lead to its reason")
	}
	if href := attr(all(doc, "table.problems th a")[0], "href"); !strings.HasSuffix(href, "row=3&sheet=1#r3") {
		t.Errorf("the problem leads to %s", href)
	}
	if n := len(all(c.doc(path+"?only=refused", http.StatusOK), "table.preview tbody tr[id]")); n != 3 {
		t.Errorf("%d refused rows", n)
	}
	saved := c.post(path, "mode", "right", "note", "七月快报")
	if got := text(saved, "h1"); got != "七月.csv已入库，写了2条" {
		t.Errorf("after saving: %q", got)
	}
	undo := attr(all(saved, "form#undo")[0], "action")
	undone := c.post(undo, "note", "报错了")
	if got := text(undone, "h1"); got != "撤回了七月.csv，2个数恢复原状" {
		t.Errorf("after taking back: %q", got)
	}
	again := c.post(attr(all(undone, "form#undo")[0], "action"))
	if got := text(again, ".notice p"); !strings.Contains(got, "已撤回") {
		t.Errorf("the notice is %q", got)
	}
	list := c.doc("/imports", http.StatusOK)
	if n := len(all(list, "table.imports tr.off-rec")); n != 2 {
		t.Errorf("%d imports are marked as taken back", n)
	}
	if got := text(list, "table.imports tbody tr:nth-child(3)"); !strings.Contains(got, "七月快报") {
		t.Errorf("the third from above is %q", got)
	}
}

// What one browser brought no other sees; a server that only shows takes nothing.
func TestImportIsPrivate(t *testing.T) {
	h := demoCopy(t, web.Options{})
	mine, other := newClient(t, h), newClient(t, h)
	path, _ := mine.upload("a.csv", mixed)
	other.doc(path, http.StatusNotFound)
	other.doc(path+"/problems.csv", http.StatusNotFound)
	r, err := other.Get(other.base + path + "/state")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	if r.StatusCode != http.StatusNotFound {
		t.Errorf("the state of another's upload: %v %v", r.StatusCode, err)
	}
	mine.doc(path, http.StatusOK)
	doc := mine.post(path+"/drop", "name", "a.csv")
	if got := text(doc, ".notice p"); !strings.Contains(got, "a.csv已丢弃") {
		t.Errorf("the notice is %q", got)
	}
	mine.doc(path, http.StatusNotFound)
	closed := newClient(t, demoSite(t, web.Options{}))
	if doc := closed.doc("/import", http.StatusOK); len(all(doc, "main form")) != 0 || !strings.Contains(text(doc, ".bar"), "不许报数据") {
		t.Error("a server that only shows has a form, or does not say why it has none")
	}
}

// Files that are none of ours are told as such, and a name is only a name.
func TestImportBadUploads(t *testing.T) {
	c := newClient(t, demoCopy(t, web.Options{}))
	_, doc := c.upload("a.xlsx", "<html><script>alert(1)</script>")
	if got := text(doc, ".bar.r"); !strings.Contains(got, "网页") {
		t.Errorf("a page that calls itself a workbook: %q", got)
	}
	_, doc = c.upload(`..\..\<img src=x onerror=alert(1)>.csv`, mixed)
	if n := len(all(doc, "main img")); n != 0 {
		t.Error("a file's name became part of the page")
	}
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for i := range 3 {
		w, err := z.Create(fmt.Sprintf("%d.csv", i))
		if err != nil {
			t.Fatal(err)
		}
		for range 300 {
			_, _ = w.Write(zeros)
		}
	}
	_ = z.Close()
	begun := time.Now()
	_, doc = c.upload("bomb.zip", bomb.String())
	if len(all(doc, ".bar.r, table.problems")) == 0 {
		t.Errorf("a bomb of %d kB was taken in", bomb.Len()>>10)
	}
	t.Logf("a bomb of %d kB, 900 MB unpacked, is refused after %s", bomb.Len()>>10, time.Since(begun).Round(time.Millisecond))
}

// A script is told where to go and how far it is; the list of problems can be taken
// along in both forms.
func TestImportForScripts(t *testing.T) {
	c := newClient(t, demoCopy(t, web.Options{}))
	r, err := http.NewRequest(http.MethodPost, c.base+"/import", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"cells\"\r\n\r\n指标\t单位代码\t报告期\t数值\nkey_projects\t349900\t2020-01..07\t1\n\r\n--x--\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	r.Header.Set("Accept", "application/json")
	var answer struct{ Go, Error string }
	c.json(r, &answer)
	if !strings.HasPrefix(answer.Go, "/import/") {
		t.Fatalf("%+v", answer)
	}
	var state struct {
		Stage   string
		Running bool
	}
	for state.Running = true; state.Running; time.Sleep(20 * time.Millisecond) {
		r, _ = http.NewRequest(http.MethodGet, c.base+answer.Go+"/state", nil)
		c.json(r, &state)
	}
	if state.Stage != "ready" {
		t.Errorf("%+v", state)
	}
	for name, start := range map[string]string{"problems.csv": "\ufeff文件,工作表,单元格", "problems.xlsx": "PK"} {
		got, err := c.Get(c.base + answer.Go + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(got.Body)
		_ = got.Body.Close()
		if got.StatusCode != http.StatusOK || !strings.HasPrefix(string(body), start) || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %d %.60q", name, got.StatusCode, body)
		}
	}
	for _, name := range []string{"planner.xlsx", "clerk.xlsx?unit=340100"} {
		got, err := c.Get(c.base + "/template/" + name)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(got.Body)
		_ = got.Body.Close()
		if got.StatusCode != http.StatusOK || !strings.HasPrefix(string(body), "PK") {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
	}
}

func (c *client) json(r *http.Request, into any) {
	c.t.Helper()
	got, err := c.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	if err := json.NewDecoder(got.Body).Decode(into); err != nil {
		c.t.Fatal(err)
	}
}

// dropped lets a file fall onto the page, as a hand would.
func dropped(t *testing.T, p *browser.Page, name, content string) {
	t.Helper()
	browser.Eval[bool](t, p, fmt.Sprintf(`(() => {
		const bytes = Uint8Array.from(atob(%q), c => c.charCodeAt(0)), d = new DataTransfer();
		d.items.add(new File([bytes], %q));
		for (const kind of ["dragenter", "dragover", "drop"]) document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: d, bubbles: true, cancelable: true}));
		return true;
	})()`, base64.StdEncoding.EncodeToString([]byte(content)), name))
}

// With mouse and keyboard: drop the file, see the rows and reasons, follow a problem
// to its cell, filter, save what is right, take it back.
func TestBrowserImport(t *testing.T) {
	b := browser.Open(t)
	for _, v := range []browser.View{{Width: 1440, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "en"}, {Width: 1440, Lang: "zh-Hans", Dark: true}} {
		t.Run(v.String(), func(t *testing.T) {
			server := httptest.NewServer(demoCopy(t, web.Options{}))
			defer server.Close()
			p := b.Page(t, server.URL+"/import", v)
			p.Do(t, chromedp.WaitReady(chromedp.CSS("#bring")))
			check(t, p)
			shot(t, p, "import-"+v.String())
			dropped(t, p, "七月快报.xlsx", workbook(t))
			p.Do(t, chromedp.WaitVisible(chromedp.CSS("table.preview")))
			check(t, p)
			shot(t, p, "intake-"+v.String())
			p.Do(t, chromedp.Click(chromedp.CSS("table.problems th a")), chromedp.WaitVisible(chromedp.CSS("tr:target td.bad")))
			p.Do(t, chromedp.Click(chromedp.CSS("a.is-refused")), chromedp.WaitVisible(chromedp.CSS("a.is-refused[aria-current]")))
			check(t, p)
			p.Do(t, chromedp.SendKeys(chromedp.CSS("#save input[name=note]"), "July"), chromedp.Click(chromedp.CSS("#save .pri")), chromedp.WaitVisible(chromedp.CSS("form#undo")))
			check(t, p)
			shot(t, p, "import-saved-"+v.String())
			saved := browser.Eval[string](t, p, `document.querySelector("form#undo").getAttribute("action")`)
			p.Do(t, chromedp.Click(chromedp.CSS("form#undo .btn")), chromedp.WaitVisible(chromedp.CSS(`form#undo:not([action="`+saved+`"])`)))
			check(t, p)
			shot(t, p, "import-undone-"+v.String())
			p.Do(t, chromedp.Navigate(server.URL+"/imports"), chromedp.WaitVisible(chromedp.CSS("table.imports")))
			check(t, p)
			shot(t, p, "imports-"+v.String())
		})
	}
}
