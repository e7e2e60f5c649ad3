package web

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// importLine is one import as the list shows it.
type importLine struct {
	service.Import
	Number, Href string
	When, Who    string
	Kind, State  string
	Undone       bool
}

type importsBody struct {
	*service.ImportList
	Lines []importLine
	Pages *pager
}

// importOne is one import with the way back.
type importOneBody struct {
	*service.ImportView
	importLine
	Head  string
	Facts []fact
	Plan  int // entries of the plan, which stay
	Says  template.HTML
	Undo  string // where it is taken back, "" = it cannot be
	Word  string
	Why   string // it cannot be taken back
}

func (p *page) importLine(one service.Import) importLine {
	number := strconv.FormatInt(one.Batch, 10)
	line := importLine{Import: one, Number: number, Href: p.To("/imports/" + number), When: p.Show(one.At, ""), Who: p.PersonName(one.By), Kind: p.W("imports.kind." + one.Kind), State: p.W("imports.in_force")}
	if line.Who == "" {
		line.Who = p.W("imports.nobody")
	}
	if one.UndoneBy > 0 {
		line.Undone = true
		line.State = p.W("imports.undone", "by", strconv.FormatInt(one.UndoneBy, 10), "at", one.UndoneAt)
	}
	if one.Undoes > 0 {
		line.Kind = p.W("imports.undoes", "batch", strconv.FormatInt(one.Undoes, 10))
	}
	return line
}

func (s *Site) imports(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "imports")
	p.section, p.stays = "import", true
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	list, err := s.board.Imports(r.Context(), look, countOf(r.URL.Query(), "page"))
	if err != nil {
		return err
	}
	p.frame(&list.Frame)
	p.Title = p.W("imports.title")
	body := &importsBody{ImportList: list, Pages: p.pager(list.Page, list.Pages, "imports.pages", func(n int) string { return p.Here("page", strconv.Itoa(n)) })}
	for _, one := range list.Imports {
		body.Lines = append(body.Lines, p.importLine(one))
	}
	p.Body = body
	return s.show(w, r, http.StatusOK, p)
}

// batchOf reads the number of an import from the address.
func batchOf(r *http.Request) (int64, error) {
	batch, err := strconv.ParseInt(r.PathValue("batch"), 10, 64)
	if err != nil || batch <= 0 {
		return 0, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("page.not_found")}
	}
	return batch, nil
}

func (s *Site) importOne(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "import-one")
	p.section, p.stays = "import", true
	batch, err := batchOf(r)
	if err != nil {
		return err
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.ImportOf(r.Context(), look, batch)
	if err != nil {
		return err
	}
	p.frame(&v.Frame)
	p.fillImport(v)
	return s.show(w, r, http.StatusOK, p)
}

func (p *page) fillImport(v *service.ImportView) {
	body := &importOneBody{ImportView: v, importLine: p.importLine(v.Import), Plan: int(v.Rows) - v.Figures, Undo: p.To("/imports/" + strconv.FormatInt(v.Batch, 10) + "/undo"), Word: p.W("imports.undo")}
	p.Body, p.Title = body, p.W("imports.title")
	switch {
	case v.UndoneBy > 0:
		body.Head = p.W("imports.verdict.undone", "name", v.Name)
		body.Undo = ""
	case v.Undoes > 0:
		body.Head = p.W("imports.verdict.undo", "name", v.Name, "rows", v.Rows)
		body.Says = p.Rich(luoshi.Say("imports.redo.say", "figures", v.Figures, "undoes", strconv.FormatInt(v.Undoes, 10)))
		body.Word = p.W("imports.redo")
	default:
		body.Head = p.W("imports.verdict", "name", v.Name, "rows", v.Rows)
		body.Says = p.Rich(luoshi.Say("imports.undo.say", "figures", v.Figures))
	}
	if v.Figures == 0 && v.UndoneBy == 0 {
		body.Undo, body.Why = "", p.W("imports.undo.plan_only")
	}
	for _, f := range [][2]string{{"imports.when", body.When}, {"imports.who", body.Who}, {"imports.what", v.Name}, {"imports.note", v.Note}, {"imports.state", body.State}} {
		if f[1] != "" {
			body.Facts = append(body.Facts, fact{Name: p.W(f[0]), Value: f[1]})
		}
	}
}

// importUndo takes an import back, or the taking back of one.
func (s *Site) importUndo(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "import-one")
	batch, err := batchOf(r)
	if err != nil {
		return err
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.ImportOf(r.Context(), look, batch)
	if err != nil {
		return err
	}
	note := strings.TrimSpace(r.PostFormValue("note"))
	if runes := []rune(note); len(runes) > 500 {
		note = string(runes[:500])
	}
	undoing, err := s.board.UndoImport(r.Context(), batch, s.opt.By, note)
	if err != nil {
		return err
	}
	to := "/imports/" + strconv.FormatInt(undoing, 10)
	back := &notice{Undo: p.To(to + "/undo"), Word: p.W("imports.redo")}
	return s.done(w, r, p, p.To(to, "asof", "now"), luoshi.Say("imports.undone.now", "batch", strconv.FormatInt(batch, 10), "name", v.Name), back)
}
