package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// matrices answers for units × indicators.
type matrices interface {
	Matrix(ctx context.Context, q service.MatrixQuery) (*service.Matrix, error)
	MatrixCell(ctx context.Context, look service.Look, unit, indicator string) (*service.MatrixProof, error)
	WriteMatrix(ctx context.Context, w io.Writer, q service.MatrixQuery, opt service.TableOptions) error
}

// matrixAsks are the parameters of the matrix beside those of every page, with how
// long each may be.
var matrixAsks = map[string]int{
	"view": 16, "below": 16, "open": 512, "set": 64, "group": 64, "department": 64, "goal": 64, "indicators": 1024,
	"light": 32, "under": 2, "off": 1, "all": 1, "find": 64, "sort": 64, "dir": 4,
}

// matrixQuery reads what is asked for from the address. What is as it would be
// anyway leaves the address.
func (s *Site) matrixQuery(r *http.Request, p *page) (service.MatrixQuery, error) {
	p.own = url.Values{}
	asked := r.URL.Query()
	for name, most := range matrixAsks {
		if v := strings.TrimSpace(asked.Get(name)); v != "" && len(v) <= most {
			p.own.Set(name, v)
		}
	}
	look, err := s.look(p.query)
	if err != nil {
		return service.MatrixQuery{}, err
	}
	get := p.own.Get
	q := service.MatrixQuery{
		Look:   look,
		Choice: service.Choice{Indicators: list(get("indicators")), Set: get("set"), Group: get("group"), Department: get("department"), Goal: get("goal")},
		Below:  luoshi.UnitKind(get("below")), Open: list(get("open")), Off: get("off") == "1", All: get("all") == "1",
		Find: get("find"), Points: get("view") == "points", Chance: get("view") == "chance", Sort: get("sort"), Up: get("dir") == "up",
	}
	if q.Chance {
		q.Under = chanceUnder(get("under"))
	}
	for _, word := range list(get("light")) {
		var l luoshi.Light
		if l.UnmarshalText([]byte(word)) != nil {
			return q, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("matrix.light_unknown", "text", word)}
		}
		q.Lights = append(q.Lights, l)
	}
	return q, nil
}

// unlikely are the percents below which a chance can be asked for.
var unlikely = []int{20, 50, 80}

func chanceUnder(text string) int {
	for _, percent := range unlikely {
		if text == strconv.Itoa(percent) {
			return percent
		}
	}
	return 0
}

// list reads words with commas between them, each once and in order, so that one
// choice has one address.
func list(text string) []string {
	if text == "" {
		return nil
	}
	words := strings.Split(text, ",")
	slices.Sort(words)
	return slices.Compact(words)
}

// toggled is the list with the word taken out, or put in.
func toggled(words []string, word string) string {
	if slices.Contains(words, word) {
		words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == word })
	} else {
		words = append(slices.Clone(words), word)
		slices.Sort(words)
	}
	return strings.Join(words, ",")
}

func (s *Site) matrix(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "matrix")
	p.section, p.stays, p.scripts = "indicators", true, []string{"matrix.js"}
	q, err := s.matrixQuery(r, p)
	if err != nil {
		return err
	}
	if q.Chance {
		if err := p.watch(r.Context()); err != nil {
			return err
		}
	}
	m, err := s.board.Matrix(r.Context(), q)
	if err != nil {
		return err
	}
	return s.kept(w, r, p, m, func() error {
		p.fillMatrix(m, q)
		return nil
	})
}

// matrixTable sends what the matrix shows as a workbook or as CSV.
func (s *Site) matrixTable(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "matrix")
	q, err := s.matrixQuery(r, p)
	if err != nil {
		return err
	}
	m, err := s.board.Matrix(r.Context(), q) // kept: for the name of the file, and so that an error is a page
	if err != nil {
		return err
	}
	csv := strings.HasSuffix(r.URL.Path, ".csv")
	ending, kind := ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	if csv {
		ending, kind = ".csv", "text/csv; charset=utf-8"
	}
	name := fmt.Sprintf("luoshi-%s-%s", m.Unit.Code, luoshi.DateOf(m.AsOf))
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+strings.Map(plainRune, name)+ending+`"`)
	return s.board.WriteMatrix(r.Context(), w, q, service.TableOptions{CSV: csv, Lang: string(p.Lang), Say: func(v any) string { return p.Show(v, "") }})
}

// plainRune keeps what is safe in the name of a file.
func plainRune(r rune) rune {
	if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' {
		return r
	}
	return '_'
}

// matrixCell shows one cell with what its light rests on: a page of its own, of
// which the matrix takes the middle.
func (s *Site) matrixCell(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "matrixcell")
	p.section = "indicators"
	p.own = url.Values{}
	for _, name := range []string{"of", "indicator"} {
		if v := r.URL.Query().Get(name); len(v) <= 64 {
			p.own.Set(name, v)
		}
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.MatrixCell(r.Context(), look, p.own.Get("of"), p.own.Get("indicator"))
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.frame(&v.Frame)
		p.Body, p.Title = p.chosen(v), p.Name(v.Name)
		return nil
	})
}

// chosen is the selected cell as the template lays it out.
type chosen struct {
	*service.MatrixProof
	Light  light
	State  state
	Ruler  *ruler
	Open   string // address of the indicator
	Source string
}

func (p *page) chosen(v *service.MatrixProof) *chosen {
	c := &chosen{MatrixProof: v, Light: p.light(v.Judgement.Light), State: p.state(v.Judgement.Presence), Source: v.Judgement.Proof.Source}
	if v.Generated {
		c.Source = p.W("page.sample")
	}
	if v.Judgement.Pace.OK() && v.Judgement.Share.OK() {
		c.Ruler = p.ruler(v.Judgement)
	}
	if p.Has("/indicator") {
		c.Open = p.To("/indicator", "code", v.Indicator, "unit", v.Of.Code)
	}
	return c
}
