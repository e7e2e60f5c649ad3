package web

import (
	"html/template"
	"net/http"
)

// Guest shows what another room has written, in the frame of the pages. The page
// is kept for as long as the other room hands out the same body.
func (s *Site) Guest(w http.ResponseWriter, r *http.Request, title string, body *template.HTML) error {
	p := s.page(r, "guest")
	return s.kept(w, r, p, body, func() error {
		p.Title, p.Body = title, *body
		return nil
	})
}

// HasAPI reports whether the API stands beside the pages.
func (p *page) HasAPI() bool { return p.site.opt.API }
