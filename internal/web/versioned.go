package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// versioned is one kind of thing of which the register keeps every version: goals,
// sets of indicators, rules for lights.
type versioned[T any] struct {
	view, path string // template of its form, address of its card
	read       func(url.Values) (T, []service.Fault)
	called     func(T) (code string, names luoshi.Names)
	versions   func(ctx context.Context, code string) ([]version[T], error) // newest first
	change     func(T) service.Change
	show       func(w http.ResponseWriter, r *http.Request, p *page, status int, values url.Values, faults []service.Fault) error
}

// version is one of them.
type version[T any] struct {
	number int
	value  T // without when it was recorded
}

// putVersioned puts what was typed in force, or an earlier version of it back. What
// is wrong is shown in the form again.
func putVersioned[T any](s *Site, w http.ResponseWriter, r *http.Request, kind versioned[T]) error {
	p := s.page(r, kind.view)
	p.section = "register"
	values, err := posted(r)
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(values.Get("reason"))
	typed, faults := kind.read(values)
	code, _ := kind.called(typed)
	versions, err := kind.versions(r.Context(), code)
	if err != nil && luoshi.CodeOf(err) != luoshi.NotFound {
		return err
	}
	if back, err := strconv.Atoi(values.Get("back")); err == nil && len(versions) > 0 {
		i := slices.IndexFunc(versions, func(v version[T]) bool { return v.number == back })
		if i < 0 {
			return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("register.no_version", "n", back)}
		}
		typed, faults, reason = versions[i].value, nil, p.W("register.back.reason", "n", back)
	}
	if len(faults) == 0 {
		change := kind.change(typed)
		change.Seen = readSeen(values)
		saved, err := s.board.Put(r.Context(), change, s.opt.By, reason)
		if err == nil {
			code, names := kind.called(typed)
			return s.putDone(w, r, p, kind.path, code, names, saved, len(versions))
		}
		if saved == nil {
			return err
		}
		faults = saved.Faults
	}
	values.Set("try", "1")
	return kind.show(w, r, p, http.StatusUnprocessableEntity, values, faults)
}
