package service_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

const me, other = "a-key-of-my-own-1", "another-key-of-his"

// bring uploads files as name, content pairs and waits until they are checked.
func bring(t *testing.T, s *service.Service, pairs ...string) string {
	t.Helper()
	id, err := s.BringIntake(t.Context(), me, upload(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	await(t, s, id)
	return id
}

func upload(pairs ...string) func() (service.Upload, error) {
	return func() (service.Upload, error) {
		if len(pairs) < 2 {
			return service.Upload{}, io.EOF
		}
		u := service.Upload{Name: pairs[0], Src: strings.NewReader(pairs[1])}
		pairs = pairs[2:]
		return u, nil
	}
}

func await(t *testing.T, s *service.Service, id string) service.Stage {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	stage, err := s.AwaitIntake(ctx, me, id)
	if err != nil || stage.Under() {
		t.Fatal(stage, err)
	}
	return stage
}

func seen(t *testing.T, s *service.Service, q service.IntakeQuery) *service.IntakeView {
	t.Helper()
	q.Owner = me
	v, err := s.Intake(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// sheetText writes the rows of a view as a person would note them down: number,
// outcome, cells with what they were.
func sheetText(v *service.IntakeView) string {
	var b strings.Builder
	for _, r := range v.Rows {
		fmt.Fprintf(&b, "%d %s:", r.Number, r.Outcome)
		for _, c := range r.Cells {
			b.WriteString(" " + c.Text)
			if c.Changes {
				b.WriteString("<" + c.Old)
			}
			if c.Outcome != 0 {
				b.WriteString("(" + c.Outcome.String() + ")")
			}
			if c.Bad {
				b.WriteString("!")
			}
		}
		for _, p := range r.Says {
			b.WriteString(" | " + p.Ref + " " + p.Says.Key)
		}
		b.WriteString("\n")
	}
	return b.String()
}

const julyMixed = `indicator,unit code,period,value
invest,340100,2020-01..06,131.00
invest,340200,2020-01..06,76.11
invest,340100,2020-01..07,150.00
invest,349999,2020-01..07,5
invest,340200,2020-01..07,many
`

// What was uploaded is shown row by row before anything is saved: the same, changed
// from what to what, new, refused at its cell. Then what is right is saved, found
// among the imports, and taken back whole.
func TestIntake(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		c.on(20200102)
		s := open(t, dsn, c)
		mustTake(t, s, service.ImportOptions{}, small...)
		c.on(20200710)
		mustTake(t, s, service.ImportOptions{Name: "june.csv"}, "figures", june)
		c.on(20200810)
		id := bring(t, s, "july.csv", julyMixed)
		v := seen(t, s, service.IntakeQuery{ID: id})
		want := `1 : indicator unit code period value
2 changed: invest 340100 2020-01..06 131.00<130.00
3 same: invest 340200 2020-01..06 76.11
4 new: invest 340100 2020-01..07 150.00
5 refused: invest 349999! 2020-01..07 5 | B5 import.unit_unknown
6 refused: invest 340200 2020-01..07 many! | D6 office.cell.number
`
		if got := sheetText(v); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if v.Sum != (service.KindTally{New: 1, Changed: 1, Same: 1, Refused: 2}) || v.Stage != service.Ready || !v.Blocked || v.Errors != 2 {
			t.Errorf("%+v %s %v %d", v.Sum, v.Stage, v.Blocked, v.Errors)
		}
		if got := sheetText(seen(t, s, service.IntakeQuery{ID: id, Only: "refused"})); strings.Count(got, "\n") != 2 || !strings.HasPrefix(got, "5 refused") {
			t.Errorf("only what is refused: %s", got)
		}
		if err := s.SaveIntake(t.Context(), service.IntakeSave{Owner: me, ID: id}); luoshi.CodeOf(err) != luoshi.Invalid {
			t.Errorf("what has errors was saved whole: %v", err)
		}
		if err := s.SaveIntake(t.Context(), service.IntakeSave{Owner: me, ID: id, SaveRight: true, By: "clerk", Note: "July"}); err != nil {
			t.Fatal(err)
		}
		if stage := await(t, s, id); stage != service.Kept {
			t.Fatalf("%s: %+v", stage, seen(t, s, service.IntakeQuery{ID: id}).Why)
		}
		undone(t, s, seen(t, s, service.IntakeQuery{ID: id}).Batch)
	})
}

// undone takes the batch back, and its undoing.
func undone(t *testing.T, s *service.Service, batch int64) {
	t.Helper()
	ctx := t.Context()
	shows := func(want string) {
		t.Helper()
		r := take(t, s, service.ImportOptions{DryRun: true}, "figures", "indicator,unit code,period,value\ninvest,340100,2020-01..06,"+want+"\n")
		if r.Tally["figures"].Same != 1 {
			t.Errorf("%s is not in force: %+v", want, r.Tally)
		}
	}
	shows("131.00")
	one, err := s.ImportOf(ctx, service.Look{}, batch)
	if err != nil || one.By != "clerk" || one.Note != "July" || one.Name != "july.csv" || one.Figures != 2 || len(one.Parts) != 1 {
		t.Fatalf("%+v %v", one, err)
	}
	undoing, err := s.UndoImport(ctx, batch, "chief", "wrong sheet")
	if err != nil {
		t.Fatal(err)
	}
	shows("130.00")
	list, err := s.Imports(ctx, service.Look{}, 1)
	if err != nil || list.Imports[0].Undoes != batch || list.Imports[1].UndoneBy != undoing || list.Imports[1].UndoneAt.IsZero() {
		t.Fatalf("%+v %v", list, err)
	}
	if _, err := s.UndoImport(ctx, batch, "chief", ""); luoshi.CodeOf(err) != luoshi.Conflict {
		t.Errorf("undone twice: %v", err)
	}
	if _, err := s.UndoImport(ctx, undoing, "chief", ""); err != nil {
		t.Fatal(err)
	}
	shows("131.00")
}

// An upload belongs to who brought it; whoever else asks is told that it is not
// there. It is gone after an hour, when dropped, and when too many came after it.
func TestIntakeIsPrivate(t *testing.T) {
	c := &clock{}
	c.on(20200810)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, small...)
	gone := func(owner, id string) {
		t.Helper()
		_, err := s.Intake(t.Context(), service.IntakeQuery{Owner: owner, ID: id})
		if luoshi.CodeOf(err) != luoshi.NotFound {
			t.Errorf("still there: %v", err)
		}
	}
	first := bring(t, s, "a.csv", julyMixed)
	gone(other, first)
	gone("", first)
	if err := s.SaveIntake(t.Context(), service.IntakeSave{Owner: other, ID: first, SaveRight: true}); luoshi.CodeOf(err) != luoshi.NotFound {
		t.Errorf("another saved it: %v", err)
	}
	if _, err := s.BringIntake(t.Context(), "short", upload("a.csv", julyMixed)); luoshi.CodeOf(err) != luoshi.Forbidden {
		t.Errorf("an owner without a key: %v", err)
	}
	for range 3 {
		c.at = c.at.Add(time.Minute)
		bring(t, s, "b.csv", julyMixed)
	}
	gone(me, first)
	last := bring(t, s, "c.csv", julyMixed)
	if err := s.DropIntake(t.Context(), me, last); err != nil {
		t.Fatal(err)
	}
	gone(me, last)
	old := bring(t, s, "d.csv", julyMixed)
	c.at = c.at.Add(2 * time.Hour)
	gone(me, old)
}

// What is saved is what was shown: if others have written meanwhile, nothing is
// saved and it is shown anew.
func TestIntakeShowsWhatItSaves(t *testing.T) {
	c := &clock{}
	c.on(20200810)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, small...)
	id := bring(t, s, "june.csv", june)
	mustTake(t, s, service.ImportOptions{}, "figures", june)
	if err := s.SaveIntake(t.Context(), service.IntakeSave{Owner: me, ID: id}); err != nil {
		t.Fatal(err)
	}
	await(t, s, id)
	v := seen(t, s, service.IntakeQuery{ID: id})
	if v.Stage != service.Ready || v.Why.Key != "import.changed_since" || v.Sum.Same != 2 || v.Sum.New != 0 {
		t.Errorf("%s %s %+v", v.Stage, v.Why, v.Sum)
	}
	if err := s.SaveIntake(t.Context(), service.IntakeSave{Owner: me, ID: id}); luoshi.CodeOf(err) != luoshi.Invalid {
		t.Errorf("nothing is to be saved: %v", err)
	}
}

// Bad files are told, several at once beside the good ones, and nothing of them
// stays behind.
func TestIntakeBadFiles(t *testing.T) {
	c := &clock{}
	c.on(20200810)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, small...)
	alone := bring(t, s, "page.xlsx", "<html><table>")
	if v := seen(t, s, service.IntakeQuery{ID: alone}); v.Stage != service.Failed || v.Why.Key != "office.file.html" {
		t.Errorf("%s %s", v.Stage, v.Why)
	}
	id := bring(t, s, "../../\u202etxt\u0000.exe", "<html>", "june.csv", june)
	v := seen(t, s, service.IntakeQuery{ID: id})
	if v.Stage != service.Ready || v.Sum.New != 2 || v.Files[0].Name != "txt.exe" || v.Errors != 1 || v.Problems[0].Says.Key != "office.file.html" {
		t.Errorf("%s %+v %+v", v.Stage, v.Sum, v.Problems)
	}
	if _, err := s.BringIntake(t.Context(), me, upload()); luoshi.CodeOf(err) != luoshi.Invalid {
		t.Errorf("no file: %v", err)
	}
	broken := errors.New("line dropped")
	if _, err := s.BringIntake(t.Context(), me, func() (service.Upload, error) { return service.Upload{}, broken }); !errors.Is(err, broken) {
		t.Errorf("an upload that breaks off: %v", err)
	}
}

// A large sheet is shown page by page, and the list of its problems has an end; all
// is counted.
func TestIntakeLarge(t *testing.T) {
	c := &clock{}
	c.on(20200810)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, small...)
	var b strings.Builder
	b.WriteString("indicator,unit code,period,value\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "invest,%d,2020-01..06,1\n", 77777777+i)
	}
	b.WriteString("invest,340100,2020-01..06,1\n")
	id := bring(t, s, "large.csv", b.String())
	v := seen(t, s, service.IntakeQuery{ID: id, Row: 2500})
	if v.Sum.Refused != 5000 || v.Sum.New != 1 || v.Pages != 51 || v.Page != 25 || v.Rows[99].Number != 2500 || v.Errors != 2001 {
		t.Errorf("%+v page %d of %d, errors %d", v.Sum, v.Page, v.Pages, v.Errors)
	}
	if last := v.Rows[99]; last.Outcome != service.RowRefused || last.Cells[1].Text != "77780275" {
		t.Errorf("%+v", last)
	}
	v = seen(t, s, service.IntakeQuery{ID: id, Only: "new"})
	if got := sheetText(v); got != "5002 new: invest 340100 2020-01..06 1\n" {
		t.Errorf("what is new: %s", got)
	}
	var book bytes.Buffer
	q := service.ProblemSheet{Owner: me, ID: id, Name: "Problems", Lang: "en", Heads: make([]string, 7), Say: func(m luoshi.Message) string { return m.Key }}
	if err := s.WriteProblems(t.Context(), &book, q); err != nil || strings.Count(book.String(), "\r\n") != 2002 || !strings.Contains(book.String(), "B2,77777777,") {
		t.Errorf("%v %.200s", err, book.String())
	}
}
