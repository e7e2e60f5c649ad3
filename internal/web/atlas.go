package web

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// outline is the map of a unit's parts as mapgen writes it.
type outline struct {
	Source        string
	Width, Height float64
	Areas         []struct {
		Unit, Path string
		X, Y       float64
	}
}

func readAtlas(files fs.FS) (map[string]*outline, error) {
	names, err := fs.Glob(files, "maps/*.json")
	if err != nil {
		return nil, err
	}
	atlas := map[string]*outline{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("maps: %w", err)
		}
		o := &outline{}
		if err := json.Unmarshal(text, o); err != nil {
			return nil, fmt.Errorf("map %s: %w", name, err)
		}
		atlas[strings.TrimSuffix(path.Base(name), ".json")] = o
	}
	return atlas, nil
}

// spread is one indicator over the parts of the unit: as a map where all of them
// have an outline, and as a ranked list.
type spread struct {
	Name, Note    string
	Sample        bool
	Width, Height float64
	Areas         []area // on the map; empty = the list stands alone
	Ranked        []area
	Paced         bool // the list has a gap bar
}

type area struct {
	Code               string
	Name, Short, Value string
	Words              string // name and value as they stand on the map, and the light's word
	Light              light
	State              state // of the figure, where nothing is judged
	NoFigure           bool
	Share              string
	Gap                *gap
	ID                 string // of its outline on the page
	Unit, Proof        string // addresses
	Figure             string
	Path               string
	X, Y, LightX       string
	NameY, ValueY      string
	rank               luoshi.Judgement
}

func (p *page) spread(m *service.MapView, unit string, number int) *spread {
	if m == nil || len(m.Areas) == 0 {
		return nil
	}
	s := &spread{Name: p.Name(m.Name), Sample: m.Sample, Note: p.W("overview.map.growth", "period", m.Period)}
	if m.Pace.OK() {
		s.Paced = true
		s.Note = p.W("page.map.note", "period", m.Period, "pace", m.Pace)
	}
	shapes := p.site.atlas[unit]
	for _, a := range m.Areas {
		one := p.area(m, a)
		one.ID = fmt.Sprintf("a%d-%s", number, a.Unit.Code)
		s.Ranked = append(s.Ranked, one)
		if shapes == nil {
			continue
		}
		for _, shape := range shapes.Areas {
			if shape.Unit == a.Unit.Code {
				one.place(shape.Path, shape.X, shape.Y)
				s.Areas = append(s.Areas, one)
			}
		}
	}
	if len(s.Areas) < len(m.Areas) || shapes == nil {
		s.Areas = nil // half a map would mislead
	} else {
		s.Width, s.Height = shapes.Width, shapes.Height
	}
	slices.SortStableFunc(s.Ranked, func(a, b area) int {
		switch {
		case a.rank.Ahead.OK() && b.rank.Ahead.OK():
			return b.rank.Ahead.Cmp(a.rank.Ahead)
		case a.rank.Ahead.OK() != b.rank.Ahead.OK():
			return map[bool]int{true: -1, false: 1}[a.rank.Ahead.OK()]
		case a.rank.Growth.Valid && b.rank.Growth.Valid:
			return b.rank.Growth.Decimal.Cmp(a.rank.Growth.Decimal)
		case a.rank.Growth.Valid != b.rank.Growth.Valid:
			return map[bool]int{true: -1, false: 1}[a.rank.Growth.Valid]
		}
		return 0
	})
	js := make([]luoshi.Judgement, len(s.Ranked))
	for i := range s.Ranked {
		js[i] = s.Ranked[i].rank
	}
	for i, g := range p.gaps(js) {
		s.Ranked[i].Gap = g
	}
	return s
}

func (p *page) area(m *service.MapView, a service.MapArea) area {
	j := a.Judgement
	one := area{
		Code: a.Unit.Code, Name: p.Name(a.Unit.Name), Short: p.short(a.Unit), Light: p.light(j.Light), State: p.state(j.Presence), Value: p.ahead(j), rank: j,
		Unit: p.Link("unit", a.Unit.Code), Proof: p.proofOf(a.Unit.Code, m.Indicator), Figure: p.figureOf(a.Unit.Code, m.Indicator),
	}
	if j.Share.OK() {
		one.Share = p.Show(j.Share, "")
	}
	if one.Value == "" && j.Growth.Valid {
		one.Value = growth(j)
	}
	if one.Value == "" {
		one.NoFigure, one.Value = true, one.State.Word
	}
	if one.Value == "" {
		one.Value = p.W("number.absent")
	}
	one.Words = p.W("page.map.area", "unit", one.Short, "light", one.Light.Word, "value", one.Value)
	return one
}

// place puts the mark, the name and the value around the label point.
func (a *area) place(outline string, x, y float64) {
	num := func(v float64) string { return fmt.Sprintf("%.1f", v) }
	a.Path, a.X, a.Y = outline, num(x), num(y-20)
	a.LightX, a.NameY, a.ValueY = num(x-5.5), num(y+3), num(y+17)
}
