package web

import (
	"net/http"
	"slices"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// offerForm shows a ready goal set before it is taken over.
type offerForm struct {
	editForm
	Goals []string
	Says  string
}

// goalOffer shows what a ready goal set would add.
func (s *Site) goalOffer(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "goal-offer")
	p.section = "register"
	o, err := s.offered(r, r.URL.Query().Get("set"))
	if err != nil {
		return err
	}
	p.keep(r.URL.Query(), "set")
	p.Title = p.Name(o.Name)
	f := &offerForm{editForm: editForm{Head: p.W("goals.offer.add", "name", o.Name), Save: p.To("/register/goals"), Back: p.To("/register/goals"), Hidden: []choice{{Text: o.Code, Href: "set"}}}}
	f.Reason = newForm(p, r.URL.Query(), nil).field("reason", "register.reason")
	f.Reason.Whole = true
	for _, name := range o.Lacking {
		f.Goals = append(f.Goals, p.Name(name))
	}
	if f.Effects, _, err = s.effects(r, p, service.Change{Goals: o.Goals}); err != nil {
		return err
	}
	p.Body = f
	return s.show(w, r, http.StatusOK, p)
}

// offered is a ready goal set of which something lacks now.
func (s *Site) offered(r *http.Request, code string) (service.GoalOffer, error) {
	tree, err := s.board.Goals(r.Context(), service.Look{})
	if err != nil {
		return service.GoalOffer{}, err
	}
	i := slices.IndexFunc(tree.Offers, func(o service.GoalOffer) bool { return o.Code == code })
	if i < 0 {
		return service.GoalOffer{}, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("goals.offer.none", "code", code)}
	}
	return tree.Offers[i], nil
}

// offerPut takes a ready goal set over.
func (s *Site) offerPut(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "goal-offer")
	values, err := posted(r)
	if err != nil {
		return err
	}
	o, err := s.offered(r, values.Get("set"))
	if err != nil {
		return err
	}
	saved, err := s.board.Put(r.Context(), service.Change{Goals: o.Goals}, s.opt.By, values.Get("reason"))
	if err != nil {
		return err
	}
	return s.done(w, r, p, p.To("/register/goals", "asof", "now"), luoshi.Say("goals.offer.done", "name", o.Name, "n", saved.Written), nil)
}
