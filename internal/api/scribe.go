package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// scribe writes what the service says as documents, in one language.
type scribe struct {
	words *locale.Catalogue
	lang  locale.Lang
}

func (a *API) scribe(ctx context.Context) *scribe { return &scribe{a.words, askedOf(ctx).lang} }

// sentence writes a message with what it was made from.
func (s *scribe) sentence(m luoshi.Message) wire.Sentence {
	out := wire.Sentence{Text: s.words.Say(s.lang, m), Key: m.Key}
	for name, arg := range m.Args {
		if out.Args == nil {
			out.Args = make(map[string]any, len(m.Args))
		}
		out.Args[name] = s.arg(arg)
	}
	return out
}

// maybe is a sentence that may have nothing to say.
func (s *scribe) maybe(m luoshi.Message) *wire.Sentence {
	if m.Key == "" {
		return nil
	}
	out := s.sentence(m)
	return &out
}

func (s *scribe) sentences(list []luoshi.Message) []wire.Sentence {
	return each(list, s.sentence)
}

// arg is one argument of a sentence, as the rules of package wire have it.
func (s *scribe) arg(v any) any {
	switch v := v.(type) {
	case luoshi.Message:
		return s.sentence(v)
	case []luoshi.Message:
		return s.sentences(v)
	case luoshi.Ratio:
		return ratio(v)
	case luoshi.Measure:
		return measure(v)
	case time.Time:
		return v.In(luoshi.Zone)
	}
	return v
}

// each makes a list of documents, which is never null.
func each[T, Out any](list []T, one func(T) Out) []Out {
	out := make([]Out, 0, len(list))
	for _, v := range list {
		out = append(out, one(v))
	}
	return out
}

// same is a list as it is, but never null.
func same[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func ratio(r luoshi.Ratio) *wire.Ratio {
	if !r.OK() {
		return nil
	}
	return &wire.Ratio{Percent: r.Percent(2), Numerator: whole(r.Num), Denominator: whole(r.Den)}
}

func whole(v int64) luoshi.Quantity { return luoshi.Unscaled(v, 0).Decimal }

func measure(m luoshi.Measure) wire.Measure {
	return wire.Measure{Symbol: m.Symbol, Currency: m.Currency, Power: m.Power}
}

func period(p luoshi.Period) *luoshi.Period {
	if p.To == 0 {
		return nil
	}
	return &p
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.In(luoshi.Zone)
	return &t
}

func unitRef(u service.UnitRef) wire.UnitRef {
	return wire.UnitRef{Code: u.Code, Name: u.Name, Short: u.Short, Kind: u.Kind}
}

func stands(f *service.Frame) wire.Where {
	w := wire.Where{AsOf: f.AsOf.In(luoshi.Zone), Now: f.Now, Year: f.Year, Through: period(f.Through), Boundaries: f.Boundaries, Path: each(f.Path, unitRef), Sample: f.Sample}
	if f.Unit.Code != "" {
		u := unitRef(f.Unit)
		w.Unit = &u
	}
	return w
}

func (s *scribe) judgement(j luoshi.Judgement) wire.Judgement {
	return wire.Judgement{
		Light: j.Light, Says: s.sentence(j.Says), Period: period(j.Period), Actual: j.Actual, Planned: j.Planned, Year: j.Year, Growth: j.Growth,
		Implied: ratio(j.Implied), Share: ratio(j.Share), Pace: ratio(j.Pace), Ahead: ratio(j.Ahead), Missed: j.Missed, Presence: j.Presence,
		Proof: s.proof(j.Proof),
	}
}

func (s *scribe) proof(p luoshi.Proof) wire.Proof {
	out := wire.Proof{
		Scheme: p.Scheme, Rule: s.maybe(p.Rule), Target: p.Target, TargetFrom: p.TargetFrom, Figures: same(p.Figures), Status: p.Status,
		Sample: p.Sample, Source: p.Source, RecordedAt: moment(p.RecordedAt), Boundaries: p.Boundaries, Have: p.Complete.Have, Want: p.Complete.Want,
		Weight: ratio(p.Complete.Weight), Rolled: p.Rolled, Difference: p.Difference, Remainder: p.Remainder,
	}
	if p.SchemeName.Hans != "" {
		out.SchemeName = &p.SchemeName
	}
	return out
}

func (s *scribe) problem(p luoshi.Problem) wire.Problem {
	out := wire.Problem{Severity: p.Severity, Says: s.sentence(p.Message), File: p.File, Sheet: p.Sheet, Cell: p.Ref(), Row: p.Row, Column: p.Col}
	if fix := p.Message.Key + ".fix"; s.words.Has(fix) {
		out.Fix = s.words.Say(s.lang, luoshi.Message{Key: fix, Args: p.Message.Args})
	}
	return out
}

// What the description says of the exact and dated values of package luoshi.

type decimalText struct{}

// Schema is that of an exact number.
func (decimalText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "decimal", Pattern: `^-?\d+(\.\d+)?$`, Examples: []any{"206.11"}}
}

type nullDecimal struct{}

// Schema is that of an exact number that may be missing.
func (nullDecimal) Schema(r huma.Registry) *huma.Schema {
	s := decimalText{}.Schema(r)
	s.Nullable = true
	return s
}

type lightText struct{}

// Schema is that of a light.
func (lightText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Enum: []any{"green", "yellow", "red", "none"}}
}

type dateText struct{}

// Schema is that of a civil day; "" is no day.
func (dateText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "civil-date", Pattern: `^(\d{4}-\d{2}-\d{2})?$`, Examples: []any{"2020-07-31"}}
}

type nullRatio struct{}

// Schema is that of a ratio that may be undefined.
func (nullRatio) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(ratioType, true, "Ratio"), {Type: "null"}}}
}
