package web

import (
	"html/template"
	"net/http"
)

// Guest shows what another room has written, in the frame of the pages.
func (s *Site) Guest(w http.ResponseWriter, r *http.Request, title string, body template.HTML) error {
	p := s.page(r, "guest")
	p.Title, p.Body = title, body
	return s.show(w, r, http.StatusOK, p)
}

// HasAPI reports whether the API stands beside the pages.
func (p *page) HasAPI() bool { return p.site.opt.API }
