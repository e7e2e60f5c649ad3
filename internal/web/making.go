package web

import (
	"context"
	"net/http"
	"strconv"

	"luoshi.dev/internal/service"
)

// making is how far the outlooks of the present are while they are made in the
// background. Done goes in sixty-fourths, so that not every request of a page has to
// write it anew; the script on the page asks for what it is.
type making struct{ Done, Total int64 }

// key tells one step from the next; "" where nothing is being made.
func (m *making) key() string {
	if m == nil {
		return ""
	}
	return " making " + strconv.FormatInt(m.Done, 10)
}

// watch makes the page say how far they are. A past instant waits for none.
func (p *page) watch(ctx context.Context) error {
	if p.query.Get("asof") != "" {
		return nil
	}
	at, err := p.site.board.OutlookProgress(ctx)
	if err != nil || !at.Running {
		return err
	}
	p.Making = &making{at.Done - at.Done%max(at.Total/64, 1), at.Total}
	p.scripts = append(p.scripts, "making.js")
	return nil
}

func (p *page) saysMaking(done, total int64) string {
	return p.W("outlook.progress", "done", done, "total", total)
}

// Says is it in words.
func (m *making) Says(p *page) string { return p.saysMaking(m.Done, m.Total) }

// outlookState tells a script how far they are.
func (s *Site) outlookState(w http.ResponseWriter, r *http.Request) error {
	at, err := s.board.OutlookProgress(r.Context())
	if err != nil {
		return err
	}
	p := s.page(r, "outlook")
	return s.tell(w, http.StatusOK, struct {
		service.OutlookProgress
		Says string `json:"says"`
	}{at, p.saysMaking(at.Done, at.Total)})
}
