package office

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/govalues/decimal"
	"luoshi.dev"
	"pgregory.net/rapid"
)

// Generators of drafts. Texts are what a cell can hold and a person would write:
// no white space around them, no control characters.
var (
	genText = rapid.StringMatching(`[A-Za-z0-9一-龥=+\-@',"“”（）;|#]([A-Za-z0-9 一-龥=+\-@',"“”（）;|\n#]{0,12}[A-Za-z0-9一-龥,"”）])?`)
	genMay  = rapid.OneOf(rapid.Just(""), genText)
	genCode = rapid.StringMatching(`[A-Za-z][A-Za-z0-9_]{0,8}|[1-9][0-9]{5}`)
	genMayC = rapid.OneOf(rapid.Just(""), genCode)
	genID   = rapid.StringMatching(`[A-Za-z][A-Za-z0-9_]{0,8}`)
)

func genNames(t *rapid.T) luoshi.Names {
	return luoshi.Names{Hans: genText.Draw(t, "hans"), Hant: genMay.Draw(t, "hant"), En: genMay.Draw(t, "en")}
}

func genQuantity(t *rapid.T) luoshi.Quantity {
	return decimal.MustNew(rapid.Int64Range(-999_999_999_999_999_999, 999_999_999_999_999_999).Draw(t, "coef"), rapid.IntRange(0, 6).Draw(t, "scale")).Trim(0)
}

func genSmall(t *rapid.T) luoshi.Quantity {
	return decimal.MustNew(rapid.Int64Range(-99_999_999, 99_999_999).Draw(t, "coef"), rapid.IntRange(0, 4).Draw(t, "scale")).Trim(0)
}

func genMaybe(t *rapid.T) luoshi.NullQuantity {
	switch rapid.IntRange(0, 2).Draw(t, "there") {
	case 0:
		return luoshi.NullQuantity{}
	case 1:
		return luoshi.Some(genQuantity(t))
	}
	return luoshi.Some(genSmall(t))
}

func genDate(t *rapid.T) luoshi.Date {
	if rapid.Bool().Draw(t, "no date") {
		return 0
	}
	d, _ := luoshi.NewDate(rapid.IntRange(1950, 2199).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day"))
	return d
}

func word1[T ~string](t *rapid.T, list string) T {
	words := lex().lists[list]
	return T(words[rapid.IntRange(0, len(words)-1).Draw(t, list)].value)
}

func mayWord[T ~string](t *rapid.T, list string) T {
	if rapid.Bool().Draw(t, "no word") {
		return ""
	}
	return word1[T](t, list)
}

func genDraft(t *rapid.T) *Draft {
	d := &Draft{}
	some := func(kind string, add func()) {
		for range rapid.IntRange(0, 3).Draw(t, kind) {
			add()
		}
	}
	yes := func() bool { return rapid.Bool().Draw(t, "yes") }
	some("units", func() {
		short := luoshi.Names{Hans: genMay.Draw(t, "short")}
		d.Units = append(d.Units, UnitRow{Code: genCode.Draw(t, "code"), Names: genNames(t), Short: short, Kind: word1[luoshi.UnitKind](t, "unit_kind"),
			Parent: genMayC.Draw(t, "parent"), Order: rapid.IntRange(-5, 99).Draw(t, "order"), From: genDate(t)})
	})
	some("changes", func() {
		on, _ := luoshi.NewDate(2020, 6, 5)
		d.Changes = append(d.Changes, ChangeRow{On: on, Kind: word1[ChangeKind](t, "change"), Old: genCode.Draw(t, "old"), New: genMayC.Draw(t, "new"),
			Share: luoshi.Some(decimal.MustNew(rapid.Int64Range(1, 100).Draw(t, "share"), 2).Trim(0)), Names: luoshi.Names{Hans: genMay.Draw(t, "name")}, Parent: genMayC.Draw(t, "parent"), Source: genMay.Draw(t, "source")})
	})
	some("sets", func() {
		d.Sets = append(d.Sets, SetRow{Code: genCode.Draw(t, "set"), Names: genNames(t), Indicator: genCode.Draw(t, "in"), Weight: genSmall(t)})
	})
	some("indicators", func() {
		d.Indicators = append(d.Indicators, IndicatorRow{Indicator: luoshi.Indicator{Code: genID.Draw(t, "code"), Names: genNames(t), Group: genMay.Draw(t, "group"),
			Measure:  luoshi.Measure{Symbol: genNames(t), Currency: genMayC.Draw(t, "currency"), Power: rapid.IntRange(0, 8).Draw(t, "power")},
			Decimals: rapid.IntRange(0, 6).Draw(t, "decimals"), Direction: word1[luoshi.Direction](t, "direction"), Kind: luoshi.Flow,
			OverTime: word1[luoshi.OverTime](t, "over_time"), OverUnits: luoshi.UnitSum, Power: 2, Basis: word1[luoshi.Basis](t, "basis"),
			Calendar: word1[luoshi.Calendar](t, "calendar"), ReportedAt: mayWord[luoshi.UnitKind](t, "unit_kind"), DueDays: rapid.IntRange(0, 40).Draw(t, "due"),
			Formula: genMay.Draw(t, "formula"), Department: genMayC.Draw(t, "dep"), Leads: []string{genID.Draw(t, "lead"), genID.Draw(t, "lead2")},
			Source: genMay.Draw(t, "source"), Note: genMay.Draw(t, "note"), Retired: yes()}})
	})
	some("schemes", func() {
		d.Schemes = append(d.Schemes, SchemeRow{Scheme: luoshi.Scheme{Code: genCode.Draw(t, "code"), Names: genNames(t), Kind: word1[luoshi.SchemeKind](t, "scheme_kind"),
			Yellow: genSmall(t), Red: genSmall(t), MadeUp: yes(), YellowWhen: genMay.Draw(t, "when"), RedWhen: genMay.Draw(t, "red when"), Source: genMay.Draw(t, "source")}})
	})
	some("goals", func() {
		row := GoalRow{Code: genCode.Draw(t, "code"), Names: genNames(t), Parent: genMayC.Draw(t, "parent"), Order: rapid.IntRange(0, 9).Draw(t, "order"),
			Combine: word1[luoshi.Combine](t, "combine"), Weight: genSmall(t), Owner: genMayC.Draw(t, "owner")}
		if yes() {
			row = GoalRow{Code: row.Code, Indicator: genCode.Draw(t, "in"), Unit: genMayC.Draw(t, "unit"), Weight: row.Weight, Guard: yes()}
		}
		d.Goals = append(d.Goals, row)
	})
	some("targets", func() {
		row := TargetRow{Indicator: genCode.Draw(t, "in"), UnitCode: genCode.Draw(t, "unit"), UnitName: genMay.Draw(t, "name"), FirstYear: 2020, LastYear: rapid.IntRange(2020, 2025).Draw(t, "last"),
			Revision: rapid.IntRange(0, 3).Draw(t, "revision"), Form: word1[luoshi.Form](t, "form"), Value: genMaybe(t), Low: genMaybe(t), High: genMaybe(t), Date: genDate(t),
			ReferenceIndicator: genMayC.Draw(t, "ref"), ReferenceUnit: genMayC.Draw(t, "ref"), Strict: yes(), Reserve: genMaybe(t), Owner: genMayC.Draw(t, "owner"),
			Scheme: genMayC.Draw(t, "scheme"), Reason: genMay.Draw(t, "reason"), From: genDate(t), Source: genMay.Draw(t, "source"), Sample: yes()}
		if yes() {
			row.Curve = make([]luoshi.NullQuantity, 12)
			for i := range 12 {
				row.Curve[i] = genMaybe(t)
			}
			row.Curve[11] = luoshi.Some(genSmall(t))
		}
		d.Targets = append(d.Targets, row)
	})
	some("figures", func() {
		from := rapid.IntRange(1, 12).Draw(t, "from")
		basis := mayWord[luoshi.Basis](t, "basis")
		p := Span(luoshi.Period{Year: 2020, From: from, To: rapid.IntRange(from, 12).Draw(t, "to")}, basis)
		d.Figures = append(d.Figures, FigureRow{Indicator: genCode.Draw(t, "in"), UnitCode: fmt.Sprint(340000 + len(d.Figures)), UnitName: genMay.Draw(t, "name"), Period: p, Basis: basis,
			Scope: word1[luoshi.Scope](t, "scope"), Value: luoshi.Some(genQuantity(t)), Growth: genMaybe(t), Status: mayWord[luoshi.Status](t, "status"),
			Measure: genMay.Draw(t, "measure"), Source: genMay.Draw(t, "source"), Sample: yes(), Published: genDate(t)})
	})
	return d
}

// bareDraft leaves only what a file is about.
func bareDraft(d *Draft) *Draft {
	c := *d
	c.Sheets, c.Problems = nil, nil
	for i := range c.Units {
		c.Units[i].Spot = Spot{}
	}
	for i := range c.Changes {
		c.Changes[i].Spot = Spot{}
	}
	for i := range c.Indicators {
		c.Indicators[i].Spot = Spot{}
	}
	for i := range c.Sets {
		c.Sets[i].Spot = Spot{}
	}
	for i := range c.Schemes {
		c.Schemes[i].Spot = Spot{}
	}
	for i := range c.Goals {
		c.Goals[i].Spot = Spot{}
	}
	for i := range c.Targets {
		c.Targets[i].Spot = Spot{}
	}
	for i := range c.Figures {
		c.Figures[i].Spot = Spot{}
	}
	return &c
}

// What is written is read: the property behind "Excel in and out both ways".
func TestRoundTrip(t *testing.T) {
	for name, write := range map[string]func(*bytes.Buffer, *Draft, string) error{
		"workbook": func(b *bytes.Buffer, d *Draft, lang string) error { return WriteWorkbook(b, d, lang) },
		"zip":      func(b *bytes.Buffer, d *Draft, lang string) error { return WriteZip(b, d, lang) },
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				d := genDraft(t)
				if name == "zip" && reflect.DeepEqual(d, &Draft{}) {
					return
				}
				lang := rapid.SampledFrom([]string{Hans, Hant, En}).Draw(t, "lang")
				var b bytes.Buffer
				if err := write(&b, d, lang); err != nil {
					t.Fatal(err)
				}
				back, err := Read(context.Background(), bytes.NewReader(b.Bytes()), int64(b.Len()), Options{Name: "x"})
				if err != nil {
					t.Fatal(err)
				}
				if len(back.Problems) > 0 {
					t.Fatalf("problems:\n%s", says(back))
				}
				if got := bareDraft(back); !reflect.DeepEqual(got, d) {
					t.Fatalf("got\n%+v\nwant\n%+v", got, d)
				}
			})
		})
	}
}
