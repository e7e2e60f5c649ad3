package api

import (
	"context"
	"net/http"
	"runtime"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

type healthIn struct{ Tongue }

type instantsIn struct {
	At
	OfUnit
}

// system is what is about the installation, not about a plan.
func (a *API) system() {
	answer(a, operation{
		id: "getHealth", method: http.MethodGet, path: "/api/health", group: "system", needs: open,
		says: "The version of the program, and the instant that an answer shows where none is named.",
		try:  "/api/health",
	}, func(*scribe, context.Context, *healthIn) (wire.Health, error) {
		return wire.Health{Status: "ok", Version: a.opt.Version, Go: runtime.Version(), AsOf: moment(a.opt.AsOf)}, nil
	})
	view(a, operation{
		id: "listInstants", method: http.MethodGet, path: "/api/instants", group: "system", needs: board, fails: []luoshi.Code{luoshi.NotFound},
		says: "The days of the plan year on which something was recorded: between two of them every answer is the same but for what is due. With them, the days on which the unit tree changed. This is the data of the as-of bar.",
		try:  "/api/instants?year=2020",
	}, func(ctx context.Context, in *instantsIn) (*service.Overview, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return a.board.Overview(ctx, look)
	}, func(_ *scribe, _ *instantsIn, v *service.Overview) (wire.Instants, error) {
		return wire.Instants{Where: stands(&v.Frame), Days: same(v.Instants), Redrawn: same(v.Choices)}, nil
	})
}
