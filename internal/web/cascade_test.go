package web_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"luoshi.dev/internal/web"
)

func TestCascadePage(t *testing.T) {
	h := demoSite(t, web.Options{})
	w, doc := get(t, h, "/cascade?code=key_projects&open=340100")
	if w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	expect(t, doc,
		"h1", "安徽开放发展行动150个重点项目完成投资322.75亿元，分给16个下级和预留，两边都平",
		`tr[data-row="340000"] td:nth-child(2)`, "322.75",
		`tr[data-row="340100"] td[data-set="t.340100"]`, "79.07",
		`tr[data-row="340102"] td:nth-child(2)`, "6.73",
		`tr[data-row="~sum"] td`, "322.75", `tr[data-row="~gap"] td`, "0.00",
		"#force", "(no #force)", ".filebar .note", "这个令牌不许定目标、作分解",
	)
	if n := len(all(doc, `thead th.mo`)); n != 11 {
		t.Errorf("%d periods", n)
	}
	if n := len(all(doc, `tr[data-row="340102"] td[data-set]`)); n != 0 {
		t.Error("a district that is not split can be typed into")
	}
	if n := len(all(doc, "[style], style, script:not([src]), [onclick]")); n != 0 {
		t.Errorf("%d things inline", n)
	}
	again, _ := get(t, h, "/cascade?code=key_projects&open=340100")
	if again.Header().Get("Etag") == "" || again.Header().Get("Etag") != w.Header().Get("Etag") {
		t.Error("the page is not kept")
	}
	_, doc = get(t, h, "/cascade?code=key_projects&lang=en&t.340100=80&c.340200=3~2.5_6~4&lu=340300&lm=5&lv=1.25&way.340400=straight&units=last_share&time=last_year")
	expect(t, doc, "b.tried", "Tried, not saved", `tr[data-row="340100"] td.fix`, "80.00", `tr[data-row="340200"] td.fix`, "2.50", `tr[data-row="340300"] td.fix`, "1.25",
		`tr[data-row="340400"] select option[selected]`, "straight line", `tr[data-row="~gap"] td`, "0.00")
	if href := attr(all(doc, `nav.where .panel a`)[0], "href"); !strings.Contains(href, "code=key_projects") || strings.Contains(href, "t.340100") {
		t.Errorf("another unit is at %s", href)
	}
	if href := attr(all(doc, `.langs a`)[0], "href"); !strings.Contains(href, "c.340200=3~2.5_6~4") {
		t.Errorf("another language is at %s", href)
	}
}

func TestCascadeNothingToSplit(t *testing.T) {
	h := demoSite(t, web.Options{})
	for address, want := range map[string]string{
		"/cascade?code=unemployment_rate": "“城镇登记失业率”是两个数之比，不能相加", "/cascade?code=cpi": "“居民消费价格指数（上年同期=100）”是指数，不能相加",
		"/cascade?code=key_projects&unit=340102": "瑶海区下面没有单位", "/cascade?code=manufacturing_loans": "安徽省没有制造业贷款余额的年度目标值",
	} {
		w, doc := get(t, h, address)
		if got := text(doc, ".state h3"); w.Code != http.StatusOK || got != want {
			t.Errorf("%s: %d %q", address, w.Code, got)
		}
	}
	if w, _ := get(t, h, "/cascade?code=nothing"); w.Code != http.StatusNotFound {
		t.Errorf("an unknown indicator: %d", w.Code)
	}
}

// try asks for a try-out as the script does.
func try(t *testing.T, h http.Handler, given map[string]string) (int, map[string]any) {
	t.Helper()
	body, err := json.Marshal(given)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/cascade/try", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var reply map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil {
		t.Fatalf("%v\n%s", err, w.Body)
	}
	return w.Code, reply
}

func TestCascadeTry(t *testing.T) {
	h := demoSite(t, web.Options{})
	code, reply := try(t, h, map[string]string{"code": "key_projects", "lang": "zh-Hans", "t.340100": "８０", "c.340200": "3~2.5"})
	hefei := reply["rows"].(map[string]any)["340100"].([]any)[0].(map[string]any)
	if code != http.StatusOK || reply["tried"] != true || reply["blocked"] != false || reply["changes"] != 16.0 || hefei["t"] != "80.00" || hefei["c"] != "fix" {
		t.Errorf("%d %v %v", code, reply["changes"], hefei)
	}
	code, reply = try(t, h, map[string]string{"code": "key_projects", "lang": "en", "c.340200": "3~2.555_4~many", "total": "x"})
	notes := reply["notes"].([]any)
	if code != http.StatusOK || reply["blocked"] != true || len(notes) != 3 {
		t.Fatalf("%d %v", code, notes)
	}
	var places []string
	for _, n := range notes {
		places = append(places, n.(map[string]any)["place"].(string))
	}
	if got := strings.Join(places, ", "); got != "Anhui, Wuhu · Apr, Wuhu · Mar" {
		t.Errorf("problems stand at %s", got)
	}
	if got := reply["faults"].(map[string]any); len(got) != 1 || got["total"] != "“x” is not a number. Write digits only; keep units and remarks elsewhere." {
		t.Errorf("of the controls it says %v", got)
	}
	_, doc := get(t, h, "/cascade?code=key_projects&lang=en&total=x&reserve=1,2&hi.340200=y")
	expect(t, doc, `.f.bad:has(input[name=total]) .err`, "“x” is not a number. Write digits only; keep units and remarks elsewhere.", `.f.bad:has(input[name=reserve][aria-invalid]) .err`, "The group separators of “1,2” are out of place; it may be a decimal comma or two numbers. Leave the separators out and use a point: 1234.5.")
	expect(t, doc, `tr[data-row="340000"] td.bad`, "x", `tr[data-row="340000~r"] td.bad`, "1,2")
	if n := len(all(doc, "td.bad")) + len(all(doc, `input[name="hi.340200"][aria-invalid]`)); n != 3 {
		t.Errorf("%d cells and bounds are marked", n)
	}
	if n := len(all(doc, "input[name=total][autofocus], [autofocus]")); n != 1 {
		t.Errorf("%d want the keyboard", n)
	}
	if code, reply = try(t, h, map[string]string{"code": "gdp", "lang": "en"}); code != http.StatusBadRequest || !strings.Contains(reply["error"].(string), "level") {
		t.Errorf("%d %v", code, reply)
	}
}

// post sends a form and returns the answer.
func postForm(t *testing.T, h http.Handler, target string, pairs ...string) *httptest.ResponseRecorder {
	t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Put in force by form: a reason is asked for, then it is told once with the way
// back, which leads back.
func TestCascadePut(t *testing.T) {
	h := demoCopy(t, web.Options{})
	w := postForm(t, h, "/cascade", "code", "key_projects", "t.340100", "80")
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "请写理由") {
		t.Errorf("without a reason: %d", w.Code)
	}
	w = postForm(t, h, "/cascade", "code", "key_projects", "t.340100", "8x", "reason", "常务会议")
	if w.Code != http.StatusBadRequest {
		t.Errorf("what cannot be read: %d", w.Code)
	}
	w = postForm(t, h, "/cascade", "code", "key_projects", "t.340100", "80", "reason", "常务会议")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/cascade?asof=now&code=key_projects" {
		t.Fatalf("%d %s", w.Code, w.Header().Get("Location"))
	}
	_, doc := get(t, h, w.Header().Get("Location"), "Cookie", strings.Split(w.Header().Get("Set-Cookie"), ";")[0])
	expect(t, doc, `tr[data-row="340100"] td`, "80.00")
	if got := text(doc, ".notice p"); !strings.HasPrefix(got, "已下达：开放发展行动150个重点项目完成投资16项目标，自") {
		t.Errorf("the notice says %q", got)
	}
	var back []string
	for _, field := range all(doc, ".notice input") {
		back = append(back, attr(field, "name"), attr(field, "value"))
	}
	if w = postForm(t, h, "/cascade/restore", back...); w.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	_, doc = get(t, h, w.Header().Get("Location"))
	expect(t, doc, `tr[data-row="340100"] td`, "79.07")
	if n := len(all(doc, ".verlist tr")); n != 3 {
		t.Errorf("%d versions", n)
	}
}

// A file that is no workbook, and one of another plan, are refused in words.
func TestCascadeUploadRefused(t *testing.T) {
	h := demoCopy(t, web.Options{})
	other, _ := get(t, h, "/cascade/workbook?code=urban_jobs")
	for name, content := range map[string][]byte{"plan.xlsx": []byte("no workbook"), "other.xlsx": other.Body.Bytes()} {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		_ = form.WriteField("code", "key_projects")
		part, _ := form.CreateFormFile("file", name)
		_, _ = part.Write(content)
		_ = form.Close()
		r := httptest.NewRequest(http.MethodPost, "/cascade/upload", &body)
		r.Header.Set("Content-Type", form.FormDataContentType())
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// Whatever stands in the address, the page answers.
func FuzzCascadeAddress(f *testing.F) {
	for _, q := range []string{"code=key_projects&t.340100=80", "code=key_projects&c.340100=3~2_4~", "code=key_projects&open=_&split=340100_340100&m=13~1_2~5", "units=by_hand&time=shape&years=9&along=x", "way.340100=never&lo.340100=5&hi.340100=-5&wt.340100=-1"} {
		f.Add(q)
	}
	h := demoSite(f, web.Options{})
	f.Fuzz(func(t *testing.T, query string) {
		u := &url.URL{Path: "/cascade", RawQuery: query}
		r := httptest.NewRequest(http.MethodGet, "/cascade", nil)
		r.URL = u
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%q: %d", query, w.Code)
		}
	})
}
