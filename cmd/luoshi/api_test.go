package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/client"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/store"
	"luoshi.dev/wire"
)

// demoProgram starts the real program on the demonstration and returns its address,
// and somebody who plans and reports. Nothing of it is kept.
func demoProgram(t *testing.T) (address string, who demotest.Person) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r, w := io.Pipe()
	data := t.TempDir()
	done := make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		done <- run(ctx, []string{"demo", "--data", data, "--listen", "127.0.0.1:0", "--lang", "en"}, strings.NewReader(""), w, &errs, func(string) string { return "" })
		_ = w.Close()
	}()
	lines := bufio.NewScanner(r)
	for address == "" && lines.Scan() {
		address = regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(lines.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	t.Cleanup(func() {
		stop()
		if code := <-done; code != exitOK {
			t.Errorf("exit %d: %s", code, errs.String())
		}
	})
	if address == "" {
		t.Fatalf("no address: %s", errs.String())
	}
	st, err := store.Open(t.Context(), filepath.Join(data, "luoshi.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	who = demotest.SignIn(t, st, demotest.Held{Role: luoshi.Planner, Unit: demotest.Root}, demotest.Held{Role: luoshi.Reporter, Unit: demotest.Root})
	return address, who
}

// watching counts what goes over the wire.
type watching struct {
	statuses map[int]int
}

func (w *watching) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		w.statuses[resp.StatusCode]++
	}
	return resp, err
}

func quantity(t *testing.T, s string) luoshi.Quantity {
	t.Helper()
	q, err := luoshi.ParseQuantity(s)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// A planner's day over the API, on the real program: read as of several days, drill
// down, try a split and put it in force, import a workbook, be refused.
func TestAPIWalk(t *testing.T) {
	address, who := demoProgram(t)
	seen := &watching{statuses: map[int]int{}}
	c, err := client.New(address, client.Token(who.Token), client.Lang("en"), client.Cache(50), client.HTTP(&http.Client{Transport: seen, Timeout: time.Minute}))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	health, err := c.Health(ctx)
	if err != nil || health.Status != "ok" || health.AsOf == nil {
		t.Fatalf("%+v %v", health, err)
	}
	walkDays(t, c, seen)
	walkDown(t, c)
	walkSplit(t, c)
	walkImport(t, c)
	walkRefusals(t, c)
	walkChange(t, c)
}

// walkDays reads the same page as of several days; what is past never changes.
func walkDays(t *testing.T, c *client.Client, seen *watching) {
	t.Helper()
	ctx := t.Context()
	through := map[string]string{}
	for _, day := range []string{"2020-05-31", "2020-06-30", "2020-07-31"} {
		o, err := c.Overview(ctx, client.At{AsOf: day})
		if err != nil {
			t.Fatal(err)
		}
		through[day] = o.Through.String()
		if o.AsOf.Format("2006-01-02") != day || o.Unit.Code != "340000" || o.Headline == nil {
			t.Errorf("%s: %+v", day, o.Where)
		}
	}
	if through["2020-05-31"] != "2020-01..04" || through["2020-07-31"] != "2020-01..06" {
		t.Errorf("figures reach %v", through)
	}
	if _, err := c.Overview(ctx, client.At{AsOf: "2020-06-30"}); err != nil || seen.statuses[http.StatusNotModified] != 1 {
		t.Errorf("the second read: %v %v", seen.statuses, err)
	}
}

// walkDown goes from the province to a county by what each answer offers, and from a
// light there to its proof and its target.
func walkDown(t *testing.T, c *client.Client) {
	t.Helper()
	ctx := t.Context()
	at := client.At{AsOf: "2020-07-31"}
	for _, kind := range []luoshi.UnitKind{luoshi.Province, luoshi.City, luoshi.County} {
		m, err := c.Matrix(ctx, at, client.MatrixFilter{})
		if err != nil || m.Unit.Kind != kind {
			t.Fatalf("at %q: %v", at.Unit, err)
		}
		if kind == luoshi.County {
			continue
		}
		for _, row := range m.Rows {
			if len(row.Cells) != len(m.Columns) {
				t.Fatalf("%s has %d cells for %d columns", row.Unit.Code, len(row.Cells), len(m.Columns))
			}
		}
		at.Unit = m.Rows[0].Unit.Code
	}
	counties := 0
	for line, err := range c.Units(ctx, client.At{Boundaries: "2020-01-01"}, luoshi.County, "") {
		if err != nil || line.Unit.Kind != luoshi.County {
			t.Fatalf("%+v %v", line, err)
		}
		counties++
	}
	if counties != 105 {
		t.Errorf("%d counties", counties)
	}
	rows := 0
	for _, err := range c.Rows(ctx, client.At{Unit: "340000"}, client.MatrixFilter{Below: luoshi.County, Indicators: []string{"key_projects"}}) {
		if err != nil {
			t.Fatal(err)
		}
		rows++
	}
	if rows != 105 {
		t.Errorf("%d rows", rows)
	}
	proof, err := c.Proof(ctx, client.At{}, "key_projects", "340100")
	if err != nil || proof.Of.Code != "340100" || proof.Judgement.Proof.Rule == nil || proof.Judgement.Proof.Target != 1 {
		t.Errorf("%+v %v", proof, err)
	}
	if found, err := c.Search(ctx, client.At{}, "hfs"); err != nil || found.Near || found.Groups[0].Hits[0].Code != "340100" {
		t.Errorf("%+v %v", found, err)
	}
	goals := 0
	for goal, err := range c.Goals(ctx, client.At{}) {
		if err != nil || goal.Rule.Text == "" {
			t.Fatalf("%+v %v", goal, err)
		}
		goals++
	}
	if goals < 10 {
		t.Errorf("%d goals", goals)
	}
	for _, err := range c.Units(ctx, client.At{AsOf: "yesterday"}, "", "") {
		if luoshi.CodeOf(err) != luoshi.Invalid {
			t.Errorf("a list of nowhere: %v", err)
		}
	}
	var book bytes.Buffer
	if err := c.Export(ctx, &book, client.ExportOptions{Indicators: []string{"key_projects"}, Year: 2020}); err != nil || !bytes.HasPrefix(book.Bytes(), []byte("PK")) {
		t.Errorf("%d bytes, %v", book.Len(), err)
	}
}

// walkSplit tries a split, puts it in force, sees the two plans side by side and puts
// the first one back.
func walkSplit(t *testing.T, c *client.Client) {
	t.Helper()
	ctx := t.Context()
	at := client.At{Unit: "340000", AsOf: "now", Year: 2020}
	plan, err := c.Plan(ctx, at, "key_projects")
	if err != nil || plan.Tried || plan.InForce || part(plan, "340100").Total.Decimal.String() != "79.07" {
		t.Fatalf("%+v %v", plan, err)
	}
	split := wire.Split{Indicator: "key_projects", Seen: plan.Seen, Locks: map[string]luoshi.Quantity{"340100": quantity(t, "60.00")}}
	if plan, err = c.TrySplit(ctx, at, split); err != nil || plan.Blocked || plan.InForce || !plan.Tried || len(plan.Changes) == 0 {
		t.Fatalf("%+v %v", plan, err)
	}
	if got := part(plan, "340100"); got.Total.Decimal.String() != "60.00" || got.Before.Decimal.String() != "79.07" || !got.Locked {
		t.Errorf("%+v", got)
	}
	if plan.Sum.Total.Decimal.String() != "322.75" || part(plan, "340000").Total.Decimal.String() != "322.75" {
		t.Errorf("the parts make %v", plan.Sum.Total)
	}
	if _, err := c.PutSplit(ctx, at, split); luoshi.CodeOf(err) != luoshi.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	split.Reason = "Hefei takes what it can carry"
	done, err := c.PutSplit(ctx, at, split)
	if err != nil || !done.InForce || done.Before == "" || len(done.Changes) == 0 {
		t.Fatalf("%+v %v", done, err)
	}
	if _, err := c.PutSplit(ctx, at, split); luoshi.CodeOf(err) != luoshi.Conflict {
		t.Errorf("decided on a plan that has been revised since: %v", err)
	}
	two, err := c.ComparePlans(ctx, at, "key_projects", done.Before, "")
	if err != nil || two.Differ == 0 || two.A.ID != done.Before || two.B.Reason != split.Reason || len(two.Versions) < 2 {
		t.Errorf("%+v %v", two, err)
	}
	if back, err := c.RestorePlan(ctx, at, wire.Restore{Indicator: "key_projects", Version: done.Before, Reason: "not agreed"}); err != nil || back.Count == 0 {
		t.Errorf("%+v %v", back, err)
	}
	if plan, err = c.Plan(ctx, at, "key_projects"); err != nil || part(plan, "340100").Total.Decimal.String() != "79.07" {
		t.Errorf("after putting it back: %+v %v", part(plan, "340100"), err)
	}
	split = wire.Split{Indicator: "key_projects", Locks: map[string]luoshi.Quantity{"340200": quantity(t, "999.00")}, Min: map[string]luoshi.Quantity{}}
	for _, row := range plan.Rows {
		if row.Depth == 1 && !row.Reserve && row.Unit.Code != "340200" {
			split.Min[row.Unit.Code] = quantity(t, "0")
		}
	}
	if plan, err = c.TrySplit(ctx, at, split); err != nil || !plan.Blocked || len(plan.Problems) == 0 || plan.Problems[0].Says.Text == "" {
		t.Errorf("a split that cannot be: %+v %v", plan.Problems, err)
	}
}

// part is the row of a unit.
func part(plan *wire.Plan, code string) wire.PlanRow {
	for _, row := range plan.Rows {
		if row.Unit.Code == code && !row.Reserve {
			return row
		}
	}
	return wire.PlanRow{}
}

const july = "indicator,unit code,period,value,status\nkey_projects,340100,2020-01..07,88.88,preliminary\n"

func walkImport(t *testing.T, c *client.Client) {
	t.Helper()
	ctx := t.Context()
	dry, err := c.Import(ctx, "july.csv", strings.NewReader(july), client.ImportOptions{DryRun: true})
	if err != nil || dry.Saved || dry.Rows != 1 || dry.Blocked {
		t.Fatalf("%+v %v", dry, err)
	}
	bad, err := c.Import(ctx, "july.csv", strings.NewReader(july+"key_projects,999999,2020-01..07,1.00,final\n"), client.ImportOptions{})
	if err != nil || bad.Saved || !bad.Blocked || bad.Problems[0].Cell != "B3" || bad.Problems[0].Fix == "" {
		t.Fatalf("%+v %v", bad, err)
	}
	saved, err := c.Import(ctx, "july.csv", strings.NewReader(july), client.ImportOptions{Note: "the walk"})
	if err != nil || !saved.Saved || saved.Batch == 0 {
		t.Fatalf("%+v %v", saved, err)
	}
	again, err := c.Import(ctx, "july.csv", strings.NewReader(july), client.ImportOptions{})
	if err != nil || again.Saved || again.Rows != 0 || again.Tally["figures"].Same != 1 {
		t.Errorf("the same again: %+v %v", again, err)
	}
	at := client.At{Unit: "340100", AsOf: "now", Year: 2020}
	figure, err := c.Figure(ctx, at, "key_projects", "2020-01..07")
	if err != nil || figure.Value.Decimal.String() != "88.88" || len(figure.Vintages) < 2 || !figure.Vintages[0].Holds || figure.Vintages[0].Batch != saved.Batch {
		t.Fatalf("%+v %v", figure, err)
	}
	before := figure.Vintages[1].Value
	if undone, err := c.UndoImport(ctx, saved.Batch, "the wrong file"); err != nil || undone.Batch <= saved.Batch {
		t.Fatalf("%+v %v", undone, err)
	}
	if figure, err = c.Figure(ctx, at, "key_projects", "2020-01..07"); err != nil || figure.Value != before || !figure.Vintages[0].Withdrawn {
		t.Errorf("after undoing %+v %v", figure, err)
	}
	if _, err := c.UndoImport(ctx, saved.Batch, "again"); luoshi.CodeOf(err) != luoshi.Conflict {
		t.Errorf("undone twice: %v", err)
	}
	for line, err := range c.Imports(ctx) {
		if err != nil || line.Kind != "undo" || line.Undoes != saved.Batch || line.Note != "the wrong file" {
			t.Errorf("the newest on record: %+v %v", line, err)
		}
		break
	}
	if view, err := c.IndicatorAt(ctx, at, "key_projects"); err != nil || view.Unit.Code != "340100" || len(view.Path.Points) == 0 || view.Rank == nil {
		t.Errorf("%+v %v", view, err)
	}
}

func walkRefusals(t *testing.T, c *client.Client) {
	t.Helper()
	ctx := t.Context()
	for _, tc := range []struct {
		at   client.At
		code luoshi.Code
		key  string
	}{
		{client.At{Unit: "999999"}, luoshi.NotFound, "import.unit_unknown"},
		{client.At{AsOf: "yesterday"}, luoshi.Invalid, "asof.unreadable"},
		{client.At{Year: 1066}, luoshi.Invalid, "api.field.at_least"},
	} {
		_, err := c.Overview(ctx, tc.at)
		var told *client.Error
		if !errors.As(err, &told) || told.Code != tc.code || !strings.HasPrefix(told.Key, tc.key) || told.Request == "" {
			t.Errorf("%+v: %v", tc.at, err)
		}
	}
}

// walkChange raises a target, sees first what that does, and is refused with the
// field named where it is wrong.
func walkChange(t *testing.T, c *client.Client) {
	t.Helper()
	ctx := t.Context()
	change := wire.Change{Targets: []wire.TargetRow{{
		Indicator: "key_projects", Unit: "340000", FirstYear: 2020, LastYear: 2020, Form: luoshi.FormLevel, Value: luoshi.Some(quantity(t, "600.00")), From: luoshi.DateOf(time.Now()),
	}}}
	change.Reason = "Two projects were added"
	at := client.At{Unit: "340000", AsOf: "now", Year: 2020}
	effect, err := c.TryChange(ctx, at, change)
	if err != nil || effect.Blocked || len(effect.Shifts) == 0 || effect.Writes != 1 {
		t.Fatalf("%+v %v", effect, err)
	}
	change.Targets[0].Unit = "999999"
	_, err = c.PutChange(ctx, change)
	var told *client.Error
	if !errors.As(err, &told) || told.Code != luoshi.Invalid || len(told.Fields) == 0 || told.Fields[0].Location != "body.targets[0].unit" {
		t.Errorf("%v", err)
	}
	change.Targets[0].Unit = "340000"
	saved, err := c.PutChange(ctx, change)
	if err != nil || saved.Written != 1 || saved.Batch == 0 {
		t.Fatalf("%+v %v", saved, err)
	}
	if card, err := c.Target(ctx, at, "key_projects", "340000"); err != nil || !card.Items[0].InForce || card.Items[0].Value.Decimal.String() != "600.00" || card.Items[0].Reason != change.Reason {
		t.Errorf("%+v %v", card, err)
	}
	if back, err := c.UndoChange(ctx, saved.Batch, "not agreed"); err != nil || back.Written != 1 {
		t.Errorf("%+v %v", back, err)
	}
	if card, err := c.Target(ctx, at, "key_projects", "340000"); err != nil || card.Items[0].Value.Decimal.String() != "322.75" || len(card.Items) != 3 {
		t.Errorf("%+v %v", card, err)
	}
	if _, err := c.UndoChange(ctx, saved.Batch, "again"); luoshi.CodeOf(err) != luoshi.Conflict {
		t.Errorf("undone twice: %v", err)
	}
}

// Beside each other the pages and the API answer errors each in their own form, and
// what is for anybody is had without a token.
func TestAPIBesidePages(t *testing.T) {
	address, _ := demoProgram(t)
	for path, kind := range map[string]string{
		"nowhere": "text/html", "api/nowhere": "application/problem+json", "api": "text/html", "api/openapi.json": "application/json", "api/health": "application/json",
	} {
		resp, err := http.Get(address + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if !strings.HasPrefix(resp.Header.Get("Content-Type"), kind) || len(body) == 0 || resp.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("/%s: %s, %d bytes", path, resp.Header.Get("Content-Type"), len(body))
		}
	}
}
