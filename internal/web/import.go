package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/service"
)

// intakes answers for uploads that are looked at before they are saved, and for the
// imports on record.
type intakes interface {
	IntakeHome(ctx context.Context, look service.Look, owner string) (*service.IntakeHome, error)
	BringIntake(ctx context.Context, owner string, next func() (service.Upload, error)) (string, error)
	AwaitIntake(ctx context.Context, owner, id string) (service.Stage, error)
	Intake(ctx context.Context, q service.IntakeQuery) (*service.IntakeView, error)
	SaveIntake(ctx context.Context, q service.IntakeSave) error
	DropIntake(ctx context.Context, owner, id string) error
	WriteProblems(ctx context.Context, w io.Writer, q service.ProblemSheet) error
	Imports(ctx context.Context, look service.Look, page int) (*service.ImportList, error)
	ImportOf(ctx context.Context, look service.Look, batch int64) (*service.ImportView, error)
	UndoImport(ctx context.Context, batch int64, by, note string) (int64, error)
	ClerkTemplate(ctx context.Context, w io.Writer, q service.TemplateQuery) error
}

// patience is how long a page waits for a check to end before it shows the progress.
const patience = 800 * time.Millisecond

// uploadTime is how long an upload may take over a slow line.
const uploadTime = 15 * time.Minute

const ownerCookie = "intake"

// owner is the key under which this browser's uploads are kept; "" where it has
// none yet.
func owner(r *http.Request) string {
	if key := gate.Cookie(r, ownerCookie); len(key) >= 16 && len(key) <= 64 {
		return key
	}
	return ""
}

// own gives the browser a key if it has none.
func own(w http.ResponseWriter, r *http.Request) string {
	key := owner(r)
	if key == "" {
		key = rand.Text()
		gate.SetCookie(w, r, http.Cookie{Name: ownerCookie, Value: key})
	}
	return key
}

// importBody is the page where uploads begin.
type importBody struct {
	*service.IntakeHome
	Limit    int64 // MiB
	Bytes    int64
	TooLarge luoshi.Message
	Recent   []importLine
	Mine     []choice
	Planner  string
	Clerk    string
	Children []choice // units with a clerk's template of their own
}

func (s *Site) importHome(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "import")
	p.section, p.stays = "import", true
	p.scripts = []string{"import.js"}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	home, err := s.board.IntakeHome(r.Context(), look, owner(r))
	if err != nil {
		return err
	}
	p.frame(&home.Frame)
	p.Title = p.W("intake.title")
	body := &importBody{IntakeHome: home, Limit: home.Limit >> 20, Bytes: home.Limit, TooLarge: luoshi.Say("import.too_large", "limit", home.Limit>>20), Planner: p.To("/template/planner.xlsx"), Clerk: p.To("/template/clerk.xlsx")}
	for _, one := range home.Recent {
		body.Recent = append(body.Recent, p.importLine(one))
	}
	for _, one := range home.Mine {
		body.Mine = append(body.Mine, choice{Text: one.Name, Href: p.To("/import/" + one.ID), Lang: p.W("intake.stage." + string(one.Stage))})
	}
	for _, u := range home.Children {
		body.Children = append(body.Children, choice{Text: p.Name(u.Name), Href: p.To("/template/clerk.xlsx", "unit", u.Code)})
	}
	p.Body = body
	return s.show(w, r, http.StatusOK, p)
}

// importBring takes an upload: files, or pasted cells. A script asks for JSON and is
// told where to go; a form is led there.
func (s *Site) importBring(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "import")
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTime)) // where it cannot be set, the server's own holds
	key := own(w, r)
	id, err := s.board.BringIntake(r.Context(), key, uploaded(r, p))
	asJSON := strings.Contains(r.Header.Get("Accept"), "application/json")
	if err != nil {
		if asJSON {
			return s.tell(w, gate.Status(gate.CodeOf(err)), map[string]string{"error": s.words.Error(p.Lang, err)})
		}
		return err
	}
	to := p.To("/import/" + id)
	if asJSON {
		return s.tell(w, http.StatusOK, map[string]string{"go": to})
	}
	s.wait(r, key, id)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// wait gives a check a moment to end, so that most uploads are shown at once.
func (s *Site) wait(r *http.Request, key, id string) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	_, _ = s.board.AwaitIntake(ctx, key, id) // an upload that is gone is told by its page
}

// uploaded hands out the files of the request as they come in.
func uploaded(r *http.Request, p *page) func() (service.Upload, error) {
	parts, err := r.MultipartReader()
	return func() (service.Upload, error) {
		if err != nil {
			return service.Upload{}, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("import.no_file"), Err: err}
		}
		for {
			part, err := parts.NextPart()
			if errors.Is(err, io.EOF) {
				return service.Upload{}, io.EOF
			}
			if err != nil {
				if gate.CodeOf(err) != luoshi.Internal {
					return service.Upload{}, err
				}
				return service.Upload{}, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("import.no_file"), Err: err}
			}
			if u, ok := uploadOf(part, p); ok {
				return u, nil
			}
		}
	}
}

// uploadOf is one part of a form that holds something to take in.
func uploadOf(part *multipart.Part, p *page) (service.Upload, bool) {
	switch part.FormName() {
	case "file":
		return service.Upload{Name: part.FileName(), Src: part}, part.FileName() != ""
	case "cells":
		text := make([]byte, 1)
		if n, _ := io.ReadFull(part, text); n == 0 { // the box was left empty
			return service.Upload{}, false
		}
		return service.Upload{Name: p.W("intake.paste.name") + ".tsv", Src: io.MultiReader(strings.NewReader(string(text)), part)}, true
	}
	return service.Upload{}, false
}

// tell answers a script.
func (s *Site) tell(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(v)
}

// importSave saves what was looked at.
func (s *Site) importSave(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "intake")
	key, id := owner(r), r.PathValue("id")
	note := strings.TrimSpace(r.PostFormValue("note"))
	if runes := []rune(note); len(runes) > 500 {
		note = string(runes[:500])
	}
	err := s.board.SaveIntake(r.Context(), service.IntakeSave{Owner: key, ID: id, By: s.opt.By, Note: note, SaveRight: r.PostFormValue("mode") == "right"})
	if err != nil {
		return err
	}
	s.wait(r, key, id)
	http.Redirect(w, r, p.To("/import/"+id), http.StatusSeeOther)
	return nil
}

func (s *Site) importDrop(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "import")
	if err := s.board.DropIntake(r.Context(), owner(r), r.PathValue("id")); err != nil {
		return err
	}
	return s.done(w, r, p, p.To("/import"), luoshi.Say("intake.dropped", "name", r.PostFormValue("name")), nil)
}

// importState tells a script how far an upload is.
func (s *Site) importState(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "intake")
	v, err := s.board.Intake(r.Context(), service.IntakeQuery{Owner: owner(r), ID: r.PathValue("id"), Look: service.Look{AsOf: s.opt.AsOf}})
	if err != nil {
		return s.tell(w, gate.Status(gate.CodeOf(err)), map[string]string{"error": s.words.Error(p.Lang, err)})
	}
	return s.tell(w, http.StatusOK, map[string]any{"stage": v.Stage, "says": p.W("intake.stage." + string(v.Stage)), "done": v.Done, "total": v.Total, "running": v.Stage.Under()})
}

// importProblems is the list of what is wrong, to be mended elsewhere.
func (s *Site) importProblems(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "intake")
	q := service.ProblemSheet{
		Owner: owner(r), ID: r.PathValue("id"), Lang: string(p.Lang), Name: p.W("intake.problems"), Blocking: p.W("intake.blocking"), Warning: p.W("intake.warning"),
		Say: func(m luoshi.Message) string {
			if !s.words.Has(m.Key) {
				return ""
			}
			return p.Say(m)
		},
	}
	for _, head := range []string{"file", "sheet", "cell", "text", "grave", "rule", "fix"} {
		q.Heads = append(q.Heads, p.W("intake.problems."+head))
	}
	switch r.PathValue("name") {
	case "problems.csv":
	case "problems.xlsx":
		q.Book = true
	default:
		return s.nowhere(w, r)
	}
	return s.attach(w, r, p.W("intake.problems")+strings.TrimPrefix(r.PathValue("name"), "problems"), func(out io.Writer) error { return s.board.WriteProblems(r.Context(), out, q) })
}

// template is a workbook to fill.
func (s *Site) template(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "import")
	switch r.PathValue("name") {
	case "planner.xlsx":
		return s.attach(w, r, p.W("intake.planner")+".xlsx", func(out io.Writer) error { return service.PlannerTemplate(out, string(p.Lang)) })
	case "clerk.xlsx":
		look, err := s.look(p.query)
		if err != nil {
			return err
		}
		home, err := s.board.IntakeHome(r.Context(), look, "")
		if err != nil {
			return err
		}
		return s.attach(w, r, p.W("intake.clerk", "unit", p.Name(home.Unit.Name))+".xlsx", func(out io.Writer) error {
			return s.board.ClerkTemplate(r.Context(), out, service.TemplateQuery{Look: look, Clerk: true, Lang: string(p.Lang)})
		})
	}
	return s.nowhere(w, r)
}

// attach sends a file to be kept. It is written whole first: an error is a page.
func (s *Site) attach(w http.ResponseWriter, _ *http.Request, name string, write func(io.Writer) error) error {
	var b strings.Builder
	if err := write(&b); err != nil {
		return err
	}
	kind := "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	if strings.HasSuffix(name, ".csv") {
		kind = "text/csv; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(name))
	w.Header().Set("Cache-Control", "no-store")
	_, err := io.WriteString(w, b.String())
	return err
}

// countOf reads a count of a query, 0 where there is none.
func countOf(q url.Values, name string) int {
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < 0 {
		return 0
	}
	return n
}
