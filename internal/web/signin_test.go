package web_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // as every authenticator does
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
	"luoshi.dev/internal/web"
)

// desk is a server with real accounts on a database of its own, a clock that tests
// can push on, and a board that never changes.
type desk struct {
	testing.TB
	*account.Accounts
	http.Handler
	mu    sync.Mutex
	ahead time.Duration
}

func (o *desk) now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Now().Add(o.ahead)
}

func (o *desk) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ahead += d
}

func (o *desk) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// openDesk makes the server: a province with two cities, nobody in it.
func openDesk(t testing.TB, opt web.Options) *desk { t.Helper(); return deskAt(t, opt, anhui()) }

// deskBoard is the service of the desk, but for its overview.
type deskBoard struct {
	*service.Guarded
	overview *service.Overview
}

func (b deskBoard) Overview(context.Context, service.Look) (*service.Overview, error) {
	return b.overview, nil
}

// deskAt is a desk whose overview is another.
func deskAt(t testing.TB, opt web.Options, overview *service.Overview) *desk {
	t.Helper()
	o := &desk{TB: t}
	ctx := context.Background()
	st, err := store.Open(ctx, filepath.Join(t.TempDir(), "people.db"), store.Options{Clock: o.now})
	o.must(err)
	t.Cleanup(func() { _ = st.Close() })
	o.must(st.Migrate(ctx))
	o.must(st.Write(ctx, func(tx *store.Tx) error {
		ids, err := tx.NewUnitIDs(ctx, 2)
		if err != nil {
			return err
		}
		return tx.AddUnits(ctx, []luoshi.Unit{
			{ID: ids[0], Code: "340000", Names: luoshi.Names{Hans: "安徽省", Hant: "安徽省", En: "Anhui"}, Kind: luoshi.Province, From: 20200101},
			{ID: ids[1], Code: "340100", Names: luoshi.Names{Hans: "合肥市", Hant: "合肥市", En: "Hefei"}, Kind: luoshi.City, Parent: ids[0], From: 20200101},
		})
	}))
	o.Accounts = account.New(st, o.now, account.Options{Key: make([]byte, account.KeyBytes)})
	catalogue, err := locale.New()
	o.must(err)
	opt.Accounts, opt.Now, opt.Version = o.Accounts, o.now, "test"
	s, err := web.New(deskBoard{service.New(st, o.now).Guard(), overview}, catalogue, opt)
	o.must(err)
	o.Handler = gate.Wrap(s, gate.Options{Log: quiet, Fail: s.Fail, Accounts: o.Accounts})
	return o
}

const phrase = "落日 圆 长河 直 大漠 孤烟"

// first adds somebody with a first password.
func (o *desk) first(login, name string, posts ...luoshi.Post) (luoshi.PersonID, string) {
	o.Helper()
	ctx := context.Background()
	id, first, err := o.AddPerson(ctx, account.System, luoshi.Person{Login: login, Name: name})
	o.must(err)
	for _, p := range posts {
		p.Person = id
		if p.From == 0 {
			p.From = 20200101
		}
		_, err := o.GivePost(ctx, account.System, p)
		o.must(err)
	}
	return id, first
}

// somebody adds somebody who has changed it to the phrase and their login.
func (o *desk) somebody(login, name string, posts ...luoshi.Post) luoshi.PersonID {
	o.Helper()
	ctx := context.Background()
	id, first := o.first(login, name, posts...)
	s, err := o.SignIn(ctx, login, first, account.From{})
	o.must(err)
	s, err = o.ChangePassword(ctx, s.Secret, first, phrase+login, account.From{})
	o.must(err)
	o.must(o.SignOut(ctx, s.Secret))
	return id
}

// surfer is a browser: it keeps cookies and follows where it is led.
type surfer struct {
	*desk
	jar  map[string]string
	at   string
	from string // the page that is left, as the browser tells it
	doc  *html.Node
	w    *httptest.ResponseRecorder
}

func (o *desk) surf() *surfer { return &surfer{desk: o, jar: map[string]string{}} }

func (b *surfer) ask(method, target string, form url.Values) *surfer {
	b.Helper()
	for range 8 {
		var body strings.Reader
		if method == http.MethodPost {
			body = *strings.NewReader(form.Encode())
		}
		r := httptest.NewRequest(method, target, &body)
		r.Header.Set("Accept-Language", "zh-Hans")
		r.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36")
		if b.from != "" {
			r.Header.Set("Referer", b.from)
		}
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		for name, value := range b.jar {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		b.w = httptest.NewRecorder()
		b.ServeHTTP(b.w, r)
		for _, c := range b.w.Result().Cookies() {
			if c.MaxAge < 0 {
				delete(b.jar, c.Name)
			} else {
				b.jar[c.Name] = c.Value
			}
		}
		if b.w.Code != http.StatusSeeOther {
			break
		}
		method, target, form = http.MethodGet, strings.Split(b.w.Header().Get("Location"), "#")[0], nil
	}
	b.at = target
	doc, err := html.Parse(strings.NewReader(b.w.Body.String()))
	b.must(err)
	b.doc = doc
	return b
}

func (b *surfer) get(target string) *surfer { b.Helper(); return b.ask(http.MethodGet, target, nil) }

func (b *surfer) post(target string, pairs ...string) *surfer {
	b.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.ask(http.MethodPost, target, form)
}

// stands checks where the browser has come to, and how it was answered.
func (b *surfer) stands(at string, code int) *surfer {
	b.Helper()
	if b.at != at || b.w.Code != code {
		b.Fatalf("at %s with %d, want %s with %d: %s", b.at, b.w.Code, at, code, words(b.doc))
	}
	if code != http.StatusSeeOther && (strings.HasPrefix(at, "/signin") || strings.HasPrefix(at, "/me") || strings.HasPrefix(at, "/setup")) {
		if got := b.w.Header().Get("Cache-Control"); got != "no-store" {
			b.Errorf("%s may be kept: Cache-Control %q", at, got)
		}
	}
	return b
}

// shows checks what stands at each selector.
func (b *surfer) shows(pairs ...string) *surfer {
	b.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if got := text(b.doc, pairs[i]); got != pairs[i+1] {
			b.Errorf("%s: %s = %q, want %q", b.at, pairs[i], got, pairs[i+1])
		}
	}
	return b
}

func (b *surfer) signIn(login, password string) *surfer {
	b.Helper()
	return b.post("/signin", "login", login, "password", password)
}

// totp is the code that an authenticator shows.
func totp(t testing.TB, secret string, now time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(now.Unix()/30)) //nolint:gosec // after 1970
	mac := hmac.New(sha1.New, key)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

// Signing in leads to where one wanted to go, if that is a page of ours; else to where
// the posts begin.
func TestSignIn(t *testing.T) {
	o := openDesk(t, web.Options{Providers: []web.Provider{{Name: "皖政通", Href: "/signin/oidc"}}})
	o.somebody("lushiyu", "陆时雨", luoshi.Post{Unit: 1, Role: luoshi.Planner})
	o.somebody("nobody", "方未定")
	b := o.surf()
	b.get("/signin?to=%2Findicators%3Funit%3D340100").stands("/signin?to=%2Findicators%3Funit%3D340100", http.StatusOK)
	b.shows("h1", "登录", ".bar p", "要看这一页，请先登录。", ".ways a", "用皖政通登录", "label[for=login]", "登录名", "title", "登录 · 落实")
	if got := attr(all(b.doc, ".ways a")[0], "href"); got != "/signin/oidc?to=%2Findicators%3Funit%3D340100" {
		t.Errorf("the other way leads to %s", got)
	}
	for id, complete := range map[string]string{"login": "username", "password": "current-password"} {
		if got := attr(all(b.doc, "#"+id)[0], "autocomplete"); got != complete {
			t.Errorf("%s is filled in as %q", id, got)
		}
	}
	b.post("/signin", "login", "lushiyu", "password", "wrong", "to", "/register/goals").stands("/signin", http.StatusUnprocessableEntity)
	b.shows(".bar.r p", "登录名或密码不对。")
	if got := attr(all(b.doc, "input[name=to]")[0], "value"); got != "/register/goals" {
		t.Errorf("where one wanted to go is forgotten: %q", got)
	}
	if got := attr(all(b.doc, "#password")[0], "value"); got != "" {
		t.Error("the password is written back")
	}
	b.post("/signin", "login", "", "password", "").stands("/signin", http.StatusUnprocessableEntity).shows("#login-err", "写登录名", "#password-err", "写密码")
	b.post("/signin", "login", " LuShiYu ", "password", phrase+"lushiyu", "to", "/?unit=340000").stands("/?unit=340000", http.StatusOK)
	b.shows(".whoami .full", "陆时雨")
	b.get("/signin").stands("/", http.StatusOK)
	b.get("/me").stands("/me", http.StatusOK).shows("h1", "陆时雨", ".held b", "安徽省计划员", ".held .does", "定目标、作分解，管指标、目标树和亮灯规则", "#sessions th .tag", "就是这里", "#sessions tbody th .note", attrless(b, "#sessions tbody th .note"))
	b.post("/signout").stands("/signin", http.StatusOK).shows(".notice p", "已退出。")
	if len(b.jar) > 0 {
		t.Errorf("cookies stay after signing out: %v", b.jar)
	}
	o.surf().post("/signin", "login", "nobody", "password", phrase+"nobody").stands("/me", http.StatusOK).shows("#posts .none", "还没有任职，所以什么也看不到。请管理员定一个。")
	o.surf().post("/signin", "login", "lushiyu", "password", phrase+"lushiyu", "to", "//elsewhere.example/").stands("/", http.StatusOK)
}

// attrless is what stands there now: for what depends on the machine.
func attrless(b *surfer, selector string) string { return text(b.doc, selector) }

// Guessing is answered alike whether the name exists, then by waiting, longer each
// time; a disabled account is told to whoever knows its password; a session that has
// ended leads back to where one was.
func TestSignInRefused(t *testing.T) {
	o := openDesk(t, web.Options{})
	id := o.somebody("cheng", "程小禾", luoshi.Post{Unit: 1, Role: luoshi.Viewer})
	b := o.surf()
	for range 5 {
		b.signIn("cheng", "x").stands("/signin", http.StatusUnprocessableEntity).shows(".bar.r p", "登录名或密码不对。")
	}
	b.signIn("cheng", phrase+"cheng").stands("/signin", http.StatusTooManyRequests).shows(".bar.y p", "试错太多，15秒后可以再试。")
	if b.w.Header().Get("Retry-After") != "15" || attr(all(b.doc, "[data-wait]")[0], "data-wait") != "15" {
		t.Errorf("how long to wait is not said: %v", b.w.Header())
	}
	for _, wait := range []int{15, 30, 60, 120} {
		o.pass(time.Duration(wait+1) * time.Second)
		b.signIn("cheng", "x").stands("/signin", http.StatusUnprocessableEntity)
	}
	b.signIn("cheng", "x").stands("/signin", http.StatusTooManyRequests)
	if got := text(b.doc, ".bar.y p"); !strings.HasPrefix(got, "试错太多，已锁住，4分钟后（") {
		t.Errorf("a long wait says %q", got)
	}
	o.must(o.Unlock(context.Background(), account.System, id))
	b.signIn("cheng", phrase+"cheng").stands("/", http.StatusOK)
	o.pass(31 * time.Minute)
	if b.get("/cascade").stands("/signin?to=%2Fcascade&ended=1", http.StatusOK); text(b.doc, ".bar p") != "登录已失效，请重新登录。" {
		t.Errorf("an ended session says %q", text(b.doc, ".bar"))
	}
	b.from = "http://example.com/me/token"
	b.signIn("cheng", phrase+"cheng")
	o.pass(31 * time.Minute)
	b.post("/me/token", "name", "x").stands("/signin?to=%2Fme%2Ftoken&ended=1", http.StatusOK)
	b.from = "http://elsewhere.example/me/token"
	b.signIn("cheng", phrase+"cheng")
	o.pass(31 * time.Minute)
	b.post("/me/token", "name", "x").stands("/signin?to=%2F&ended=1", http.StatusOK)
	b.from = ""
	o.must(o.ChangePerson(context.Background(), account.System, luoshi.Person{ID: id, Login: "cheng", Name: "程小禾", Disabled: true}))
	b.signIn("cheng", phrase+"cheng").stands("/signin", http.StatusForbidden).shows(".bar.r p", "这个账号已停用。")
	o.surf().signIn("nobody", "x").stands("/signin", http.StatusUnprocessableEntity).shows(".bar.r p", "登录名或密码不对。")
}

// A first password is changed before anything else; each broken rule is named at its
// field, and what was wanted is not forgotten.
func TestFirstPassword(t *testing.T) {
	o := openDesk(t, web.Options{})
	_, first := o.first("fangzhou", "方舟", luoshi.Post{Unit: 2, Role: luoshi.Reporter})
	b := o.surf()
	const at = "/signin/password?to=%2Fregister%2Fgoals"
	b.post("/signin", "login", "fangzhou", "password", first, "to", "/register/goals").stands(at, http.StatusOK).shows("h1", "改掉第一个密码")
	if rules := all(b.doc, ".rules li"); len(rules) != 4 {
		t.Errorf("%d rules are said beforehand", len(rules))
	}
	b.post("/signin/password", "old", first, "new", "fangzhou", "again", "fangzhou", "to", "/register/goals").stands("/signin/password", http.StatusUnprocessableEntity)
	if errs := all(b.doc, "#new-err li"); len(errs) != 2 || !strings.Contains(words(errs[0]), "至少12个字符") || !strings.Contains(words(errs[1]), "自己的姓名或登录名") {
		t.Errorf("broken rules: %s", text(b.doc, "#new-err"))
	}
	b.post("/signin/password", "old", "wrong", "new", phrase, "again", phrase).shows("#old-err", "现在的密码不对")
	b.post("/signin/password", "old", first, "new", phrase, "again", phrase+"x").shows("#again-err", "两遍写的不一样")
	b.post("/signin/password", "old", first, "new", first, "again", first).shows("#new-err li", "最近5个密码不能再用。另想一个")
	before := b.jar["luoshi"]
	b.post("/signin/password", "old", first, "new", phrase, "again", phrase, "to", "/?unit=340100").stands("/?unit=340100", http.StatusOK)
	if b.jar["luoshi"] == before {
		t.Error("the session keeps its secret over a change of password")
	}
	b.get("/signin/password").stands("/", http.StatusOK)
	b.get("/me/password").stands("/me/password", http.StatusOK)
	b.post("/me/password", "old", phrase, "new", phrase+"又", "again", phrase+"又").stands("/me", http.StatusOK).shows(".notice p", "密码已改，其他地方的登录都已退出。")
	b.get("/signin/code").stands("/", http.StatusOK)
	o.surf().get("/signin/password").stands("/signin", http.StatusOK)
}

// The second factor: drawn, confirmed, asked for, spent, replaced by a recovery code,
// turned off.
func TestSecondFactor(t *testing.T) {
	o := openDesk(t, web.Options{})
	o.somebody("shen", "沈既白", luoshi.Post{Unit: 1, Role: luoshi.Leader})
	b := o.surf()
	b.signIn("shen", phrase+"shen").get("/me/code").stands("/me/code", http.StatusOK).shows("h1", "设置第二因素")
	b.post("/me/code/begin", "password", "wrong").stands("/me/code/begin", http.StatusUnprocessableEntity).shows("#password-err", "现在的密码不对")
	b.post("/me/code/begin").stands("/me/code/begin", http.StatusUnprocessableEntity)
	if got := attr(all(b.doc, ".langs a[lang=en]")[0], "href"); got != "/me/code?lang=en" {
		t.Errorf("in English it is at %s", got)
	}
	b.post("/me/code/begin", "password", phrase+"shen").stands("/me/code?set=1", http.StatusOK)
	secret := text(b.doc, ".secret")
	if len(all(b.doc, "svg.qr path")) != 1 || len(strings.ReplaceAll(secret, " ", "")) != 32 {
		t.Fatalf("no code, or no secret: %s", secret)
	}
	b.post("/me/code", "code", "000000").stands("/me/code", http.StatusUnprocessableEntity).shows(".secret", secret, "#code-err", "验证码不对核对手机上的时间，输入现在显示的六位数")
	b.post("/me/code", "code", totp(t, secret, o.now())).stands("/me/code", http.StatusOK).shows("h1", "存好恢复码")
	var codes []string
	for _, n := range all(b.doc, "#codes li") {
		codes = append(codes, words(n))
	}
	if len(codes) != 10 {
		t.Fatalf("%d recovery codes", len(codes))
	}
	b.post("/me/code", "code", "000000").stands("/me/code", http.StatusOK).shows("h1", "第二因素开着") // sent twice
	b.get("/me").shows("#safe div:nth-child(2) dd", "开着，恢复码还剩10个")
	b.post("/signout")

	b.post("/signin", "login", "shen", "password", phrase+"shen", "to", "/?unit=340000").stands("/signin/code?to=%2F%3Funit%3D340000", http.StatusOK)
	if n := all(b.doc, "#code")[0]; attr(n, "autocomplete") != "one-time-code" || attr(n, "inputmode") != "numeric" {
		t.Error("the code is not known for what it is")
	}
	b.get("/me").stands("/signin/code?to=%2Fme", http.StatusOK) // half a sign-in opens nothing else
	b.post("/signin/code", "code", "123456").stands("/signin/code", http.StatusUnprocessableEntity).shows(".bar.r p", "验证码不对，或已用过。")
	o.pass(time.Minute)
	code := totp(t, secret, o.now())
	b.post("/signin/code", "code", code[:3]+" "+code[3:], "to", "/?unit=340000").stands("/?unit=340000", http.StatusOK)
	b.post("/signout")

	b.signIn("shen", phrase+"shen").stands("/signin/code", http.StatusOK).get("/signin/code?with=recovery").shows("h1", "第二步：恢复码")
	b.post("/signin/code", "code", code, "with", "recovery").shows(".bar.r p", "恢复码不对，或已用过。") // spent
	b.post("/signin/code", "code", strings.ToUpper(codes[4]), "with", "recovery").stands("/", http.StatusOK)
	b.get("/me/code").shows("h1", "第二因素开着", ".card .lead", "恢复码还剩9个。手机丢了，用它登录；用一个少一个。")
	b.post("/me/code/recovery", "password", "wrong").stands("/me/code/recovery", http.StatusUnprocessableEntity).shows("#new-password-err", "现在的密码不对")
	b.post("/me/code/recovery", "password", phrase+"shen").stands("/me/code/recovery", http.StatusOK).shows("h1", "存好恢复码")
	b.post("/me/code/off", "password", "").stands("/me/code/off", http.StatusUnprocessableEntity).shows("#stop-password-err", "现在的密码不对")
	o.must(o.AskCode(context.Background(), account.System, []luoshi.Role{luoshi.Leader}))
	if b.get("/me/code"); len(all(b.doc, "#stop-password")) != 0 {
		t.Error("what a post asks for can be turned off")
	}
	o.must(o.AskCode(context.Background(), account.System, nil))
	b.post("/me/code/off", "password", phrase+"shen").stands("/me", http.StatusOK).shows("#safe div:nth-child(2) dd", "没有开")
}

// Where a post asks for a second factor, setting one up is a step of signing in.
func TestSecondFactorAsked(t *testing.T) {
	o := openDesk(t, web.Options{})
	o.somebody("xu", "徐行", luoshi.Post{Unit: 1, Role: luoshi.Administrator})
	o.must(o.AskCode(context.Background(), account.System, []luoshi.Role{luoshi.Administrator}))
	b := o.surf()
	b.post("/signin", "login", "xu", "password", phrase+"xu", "to", "/me").stands("/signin/enrol?to=%2Fme", http.StatusOK).shows(".bar p", "您的任职要求第二因素：先设好，才能继续。")
	b.post("/signin/enrol/begin", "to", "/me").stands("/signin/enrol?set=1&to=%2Fme", http.StatusOK)
	b.post("/signin/enrol", "code", totp(t, text(b.doc, ".secret"), o.now()), "to", "/me").stands("/signin/enrol", http.StatusOK)
	if got := attr(all(b.doc, ".acts a")[0], "href"); got != "/me" {
		t.Errorf("it goes on to %s", got)
	}
	b.get("/me").stands("/me", http.StatusOK)
}

// The one-time link makes the first administrator, once.
func TestSetup(t *testing.T) {
	o := openDesk(t, web.Options{})
	key, err := o.SetupLink(context.Background())
	o.must(err)
	b := o.surf()
	b.get("/setup?key=wrong").stands("/setup?key=wrong", http.StatusGone).shows("h1", "这个安装链接不能用了")
	b.get("/setup?key="+key).stands("/setup?key="+key, http.StatusOK).shows("h1", "设第一位管理员")
	b.post("/setup", "key", key, "login", "a b", "name", "", "new", "short", "again", "short").stands("/setup", http.StatusUnprocessableEntity)
	for _, id := range []string{"login", "name", "new"} {
		if len(all(b.doc, "#"+id+"-err li")) == 0 {
			t.Errorf("what is wrong with %s is not said at it", id)
		}
	}
	b.post("/setup", "key", key, "login", "Xu", "name", "徐行", "new", phrase, "again", phrase)
	b.stands("/people", http.StatusOK).shows(".notice p", "管理员账号已建好。下一步：建单位、加同事、定任职。")
	b.get("/me").shows("h1", "徐行", ".held b", "安徽省管理员")
	o.surf().get("/setup?key="+key).stands("/setup?key="+key, http.StatusGone)
	o.surf().post("/setup", "key", key, "login", "eve", "name", "Eve", "new", phrase+"e", "again", phrase+"e").stands("/setup", http.StatusGone)
}

// Sessions can be ended by their owner, one or all others.
func TestSessions(t *testing.T) {
	o := openDesk(t, web.Options{})
	o.somebody("lu", "陆时雨", luoshi.Post{Unit: 1, Role: luoshi.Viewer})
	o.somebody("eve", "夏未央", luoshi.Post{Unit: 1, Role: luoshi.Viewer})
	one, two, three, eve := o.surf().signIn("lu", phrase+"lu"), o.surf().signIn("lu", phrase+"lu"), o.surf().signIn("lu", phrase+"lu"), o.surf().signIn("eve", phrase+"eve")
	one.get("/me")
	if rows := all(one.doc, "#sessions tbody tr"); len(rows) != 3 || len(all(one.doc, "#sessions tr.this")) != 1 {
		t.Fatalf("%d sessions", len(rows))
	}
	one.shows("#sessions tbody tr:not(.this) th", strings.TrimSpace("Chrome · Windows"+attrless(one, "#sessions tbody th .note")))
	id := attr(all(one.doc, "#sessions tbody input[name=session]")[0], "value")
	eve.post("/me/session/end", "session", id)
	if two.get("/me"); two.at != "/me" {
		t.Error("somebody else can end a session")
	}
	one.post("/me/session/end", "session", id).stands("/me", http.StatusOK).shows(".notice p", "那里的登录已结束。")
	if rows := all(one.doc, "#sessions tbody tr"); len(rows) != 2 {
		t.Errorf("%d sessions are left", len(rows))
	}
	one.post("/me/session/end", "session", "others").stands("/me", http.StatusOK)
	if two.get("/me").at == "/me" || three.get("/me").at == "/me" || one.get("/me").at != "/me" {
		t.Errorf("all others have ended, this one has not: %s %s %s", one.at, two.at, three.at)
	}
	one.post("/me/session/end", "session", "x").stands("/me/session/end", http.StatusBadRequest)
}

// A token is shown once, holds what was chosen and no more than the posts give, and
// is taken back.
func TestTokens(t *testing.T) {
	o := openDesk(t, web.Options{})
	o.somebody("lu", "陆时雨", luoshi.Post{Unit: 1, Role: luoshi.Reporter})
	b := o.surf().signIn("lu", phrase+"lu")
	b.get("/me").shows("#tokens .none", "没有令牌。只有程序要代您做事时才需要。")
	b.get("/me/token").stands("/me/token", http.StatusOK)
	for _, n := range all(b.doc, ".named input") {
		if v := attr(n, "value"); v == "target.set" || v == "people.edit" || v == "self" || v == "history.read" {
			t.Errorf("a reporter can give away %s", v)
		}
	}
	b.post("/me/token", "name", "", "scope", "read", "days", "30").shows("#name-err", "写明用在哪里")
	b.post("/me/token", "name", "月报", "scope", "named", "days", "30").shows("#scope-err", "令牌没有范围：选“只读”，或至少勾一项")
	b.post("/me/token", "name", "月报", "scope", "named", "intent", "target.set", "days", "30").shows("#scope-err", "令牌没有范围：选“只读”，或至少勾一项")
	b.post("/me/token", "name", "月报", "scope", "read", "days", "4000").stands("/me/token", http.StatusBadRequest)
	report := []string{"name", "月报", "scope", "named", "intent", "figure.report", "intent", "board.read", "days", "30", "password"}
	b.post("/me/token", append(report, "wrong")...).stands("/me/token", http.StatusUnprocessableEntity).shows("#password-err", "现在的密码不对")
	b.post("/me/token", "name", strings.Repeat("长", 61), "scope", "read", "days", "30", "password", phrase+"lu").shows("#name-err", "令牌要有名字，不超过60个字。写明给哪个程序用")
	b.post("/me/token", append(report, phrase+"lu")...).stands("/me/token", http.StatusOK).shows("h1", "令牌已建好", ".facts dd", "看板面、报数据")
	plain := attr(all(b.doc, "#value")[0], "value")
	h, err := o.Bearer(context.Background(), plain)
	o.must(err)
	if len(h.Scope) != 2 || h.Person.Login != "lu" {
		t.Errorf("the token is %+v", h)
	}
	b.post("/me/token", "name", "月报", "scope", "read", "days", "30").stands("/me/token", http.StatusUnprocessableEntity).shows("#name-err", "已有同名的令牌")
	b.post("/me/token", "name", "只读", "scope", "read", "days", "7", "password", phrase+"lu").shows(".facts dd", "只读：看板面、看计划、看单位、看导入记录、检索")
	b.get("/me")
	if strings.Contains(b.w.Body.String(), plain) {
		t.Error("a token is shown a second time")
	}
	id := attr(all(b.doc, "#tokens input[name=token]")[0], "value")
	b.post("/me/token/end", "token", id).stands("/me", http.StatusOK).shows(".notice p", "令牌已收回，用它的程序再也进不来。")
	if rows := all(b.doc, "#tokens tbody tr"); len(rows) != 1 {
		t.Errorf("%d tokens are left", len(rows))
	}
}

// In the demonstration one looks around as whoever holds a role; nowhere else.
func TestLookAs(t *testing.T) {
	o := openDesk(t, web.Options{Demo: true})
	o.somebody("lu", "陆时雨", luoshi.Post{Unit: 1, Role: luoshi.Planner})
	o.somebody("shen", "沈既白", luoshi.Post{Unit: 2, Role: luoshi.Leader})
	b := o.surf()
	b.get("/signin?to=%2Fme").shows(".looks li:first-child b", "计划员", ".looks li:first-child small", "陆时雨，安徽省", ".looks li:last-child b", "领导")
	b.get(attr(all(b.doc, ".looks li:last-child a")[0], "href")).stands("/me", http.StatusOK).shows("h1", "沈既白", ".held b", "合肥市领导")
	b.get("/signin").shows(".looks .bar", "现在是沈既白，另选一种就换过去。")
	b.get("/signin/as/planner").stands("/", http.StatusOK).shows(".whoami .full", "陆时雨")
	b.get("/signin/as/planner?to=%2F").stands("/", http.StatusOK)
	b.get("/signin/as/auditor").stands("/signin/as/auditor", http.StatusNotFound)
	real := openDesk(t, web.Options{})
	real.somebody("lu", "陆时雨", luoshi.Post{Unit: 1, Role: luoshi.Planner})
	c := real.surf()
	c.get("/signin/as/planner").stands("/signin/as/planner", http.StatusNotFound)
	if len(c.jar) > 0 {
		t.Error("somebody is signed in without a password")
	}
	if c.get("/signin"); len(all(c.doc, ".looks")) > 0 {
		t.Error("look as is offered outside the demonstration")
	}
}

// Nobody is offered to sign in, wherever there is a page for them; an administrator,
// who has no overview, is led home to what they have, and the demonstration to somebody
// who may.
func TestNobodyHere(t *testing.T) {
	o := openDesk(t, web.Options{Demo: true})
	o.somebody("xu", "徐行", luoshi.Post{Unit: 1, Role: luoshi.Administrator})
	b := o.surf()
	b.get("/nowhere").stands("/nowhere", http.StatusNotFound).shows("a.whoami", "登录")
	if len(all(b.doc, ".tools .find")) > 0 || len(all(b.doc, ".tabs a")) > 0 {
		t.Error("nobody is offered ways that are closed to them")
	}
	b.get("/signin").stands("/signin", http.StatusOK)
	if len(all(b.doc, ".tabs, .find, .whoami")) > 0 {
		t.Error("the page of signing in leads elsewhere")
	}
	b.get("/").stands("/signin?to=%2F", http.StatusOK)
	b.get("/signin/as/administrator?to=%2F")
	home := attr(all(b.doc, "a.brand")[0], "href")
	if b.w.Code != http.StatusOK || home == "/" || b.at != home {
		t.Errorf("an administrator begins at %s with %d, home is %s", b.at, b.w.Code, home)
	}
	b.get("/cascade").stands("/cascade", http.StatusForbidden)
	var ways []string
	for _, a := range all(b.doc, "main .acts a") {
		ways = append(ways, attr(a, "href"))
	}
	if strings.Join(ways, " ") != "/signin?to=%2Fcascade "+home {
		t.Errorf("the ways on are %v", ways)
	}
}
