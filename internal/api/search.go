package api

import (
	"context"
	"net/http"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// finder is what the search asks of the service.
type finder interface {
	Search(ctx context.Context, q service.SearchQuery) (*service.Found, error)
}

type searchIn struct {
	At
	OfUnit
	Q    string `query:"q" doc:"A name in any script, a code, pinyin or its initials; a unit and an indicator together find both" required:"true" minLength:"1" maxLength:"100" example:"hfs"`
	Most int    `query:"most" doc:"How many of each kind at most" minimum:"1" maximum:"50" default:"8"`
}

// searches find nouns by whatever they are called.
func (a *API) searches() {
	answer(a, operation{
		id: "search", method: http.MethodGet, path: "/api/search", group: "overview", needs: search, fails: []luoshi.Code{luoshi.NotFound},
		says: "Units, indicators, goals, sets and schemes by a name in any script, a code, pinyin or its initials, the kind of the best first. Where nothing fits, near is true and what sounds or looks alike is given. Only what is there by the instant and the boundaries is found.",
		try:  "/api/search?q=hfs&asof=2020-07-31",
	}, func(_ *scribe, ctx context.Context, in *searchIn) (wire.Found, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return wire.Found{}, err
		}
		v, err := a.board.Search(ctx, service.SearchQuery{Look: look, Text: in.Q, Most: in.Most})
		if err != nil {
			return wire.Found{}, err
		}
		return wire.Found{Where: stands(&v.Frame), Text: v.Text, Total: v.Total, Near: v.Near, Groups: each(v.Groups, func(g service.FoundGroup) wire.FoundGroup {
			return wire.FoundGroup{Kind: string(g.Kind), Hits: each(g.Hits, func(h service.Hit) wire.Hit {
				return wire.Hit{Code: h.Code, Name: h.Name, Once: h.Once, Unit: maybeUnit(h.Unit), Path: same(h.Path), Light: h.Light}
			})}
		})}, nil
	})
}
