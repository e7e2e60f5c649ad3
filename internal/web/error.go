package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/gate"
)

// errorBody says what went wrong, what is safe, and the ways on.
type errorBody struct {
	Head   string // in a word
	Says   string // what, and the way out
	Status string
	AsOf   string // what was asked for as an instant that is none: the form is shown again
	Back   string // the same page without what was wrong
	Own    bool   // that is not the overview: the reader has none
	Other  bool   // the demonstration can be looked at as somebody who may
	Plain  string // the page that was asked for, with nothing chosen on it; "" = it is that, or there is none
}

func (s *Site) errorPage(r *http.Request, err error) *page {
	p := s.page(r, "error")
	code := gate.CodeOf(err)
	key := "page.error." + string(code)
	body := &errorBody{Head: p.W(key), Says: s.words.Error(p.Lang, err), Status: strconv.Itoa(gate.Status(code))}
	if code == luoshi.Unavailable || code == luoshi.TooLarge && !s.told(err) {
		body.Says = p.W(key + ".say")
	}
	body.Back, body.Other = p.Home(), code == luoshi.Forbidden && s.opt.Demo && p.Who() != nil
	if body.Own = !strings.HasPrefix(body.Back, "/?") && body.Back != "/"; body.Own {
		body.Plain = ""
	}
	if p.Has(r.URL.Path) && r.URL.Path != "/" && r.Method == http.MethodGet {
		if plain := p.To(r.URL.Path, "unit", ""); plain != r.URL.RequestURI() {
			body.Plain = plain
		}
	}
	if _, asofErr := s.look(p.query); asofErr != nil {
		bad := map[string]string{"asof.unreadable": "asof", "page.year": "year", "date.unreadable": "boundaries"}
		if e, ok := asofErr.(*luoshi.Error); ok { //nolint:errorlint // look returns it bare
			name := bad[e.Message.Key]
			if name == "asof" {
				body.AsOf = p.query.Get("asof")
			}
			if name != "" {
				p.query.Del(name)
			}
			body.Back = p.Link()
		}
	}
	p.Body, p.Title = body, body.Head
	return p
}

// told reports whether the error says itself what is wrong.
func (s *Site) told(err error) bool {
	var e *luoshi.Error
	return errors.As(err, &e) && s.words.Has(e.Message.Key)
}
