package api

import (
	"errors"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// Tongue is the language of an answer, on every operation.
type Tongue struct {
	Lang string `query:"lang" doc:"Language of the sentences: zh-Hans, zh-Hant or en; else as Accept-Language says" maxLength:"64" example:"en"`
}

// AsOf is the instant of an answer.
type AsOf struct {
	AsOf string `query:"asof" doc:"As of which instant: a day (its end), a month (its end), a day with a time in China's zone, RFC 3339, or now" maxLength:"64" example:"2020-06-30"`
}

// At is where an answer stands, on every view.
type At struct {
	AsOf
	Year       int    `query:"year" doc:"Plan year; else that of asof, or the last before it that has targets" minimum:"1900" maximum:"2200" example:"2020"`
	Boundaries string `query:"boundaries" doc:"The day whose unit tree is shown: a day or now; else the first day of the year" maxLength:"64" example:"2020-01-01"`
	Tongue
}

// OfUnit is a view that looks at one unit.
type OfUnit struct {
	Unit string `query:"unit" doc:"Code of the unit looked at; else the highest that has targets" maxLength:"64" example:"340000"`
}

// Paging is the part of a list that is asked for.
type Paging struct {
	Limit  int `query:"limit" doc:"How many at most" minimum:"1" maximum:"1000" default:"100"`
	Offset int `query:"offset" doc:"How many to pass over" minimum:"0"`
}

// located says which parameter an error is about.
type located struct {
	where string
	value string
	err   error
}

func (e *located) Error() string { return e.where + ": " + e.err.Error() }
func (e *located) Unwrap() error { return e.err }

// instant reads an instant from an address.
func (a *API) instant(at AsOf) (time.Time, error) {
	switch at.AsOf {
	case "":
		return a.opt.AsOf, nil
	case "now":
		return time.Time{}, nil
	}
	t, err := luoshi.ParseAsOf(at.AsOf)
	if err != nil {
		return t, &located{"query.asof", at.AsOf, err}
	}
	return t, nil
}

// day reads a day from an address.
func (a *API) day(name, text string) (luoshi.Date, error) {
	switch text {
	case "":
		return 0, nil
	case "now":
		return luoshi.DateOf(a.opt.Now()), nil
	}
	d, err := luoshi.ParseDate(text)
	if err != nil {
		return 0, &located{name, text, err}
	}
	return d, nil
}

// look is where an answer stands.
func (a *API) look(at At, unit string) (look service.Look, err error) {
	look.Unit, look.Year = unit, at.Year
	if look.AsOf, err = a.instant(at.AsOf); err != nil {
		return look, err
	}
	look.Boundaries, err = a.day("query.boundaries", at.Boundaries)
	return look, err
}

// cut is the part of a list that is asked for.
func cut[T any](list []T, p Paging) ([]T, wire.Page) {
	page := wire.Page{Total: len(list), Limit: p.Limit, Offset: p.Offset}
	from := min(p.Offset, len(list))
	return list[from:min(from+p.Limit, len(list))], page
}

// where finds the parameter that an error is about.
func where(err error) *located {
	var l *located
	if errors.As(err, &l) {
		return l
	}
	return nil
}
