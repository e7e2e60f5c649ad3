package service

import (
	"maps"
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/internal/store"
)

// outlookMethod numbers the ways in which outlooks have been made. Whatever changes
// what one says raises it; then all are made again, and the old ones stay on record.
const outlookMethod = 2

// digest is a running hash of numbers and words: FNV-1a by 64 bits, so that it is the
// same in every process.
type digest uint64

const (
	digestStart digest = 14695981039346656037
	digestPrime digest = 1099511628211
)

func (d *digest) number(n int64) {
	for range 8 {
		*d = (*d ^ digest(byte(n))) * digestPrime //nolint:gosec // one byte of it
		n >>= 8
	}
}

func (d *digest) words(text string) {
	d.number(int64(len(text)))
	for i := range len(text) {
		*d = (*d ^ digest(text[i])) * digestPrime
	}
}

func (d *digest) quantity(q luoshi.NullQuantity) {
	if !q.Valid {
		d.words("")
		return
	}
	d.words(q.Decimal.String())
}

func (d *digest) value() int64 { return int64(*d) } //nolint:gosec // a bit pattern

// target adds what a promise asks.
func (d *digest) target(t *luoshi.Target) {
	if t == nil {
		d.number(0)
		return
	}
	d.number(int64(t.Revision))
	d.words(string(t.Form))
	d.quantity(t.Value)
	d.quantity(t.Low)
	d.quantity(t.High)
	d.number(int64(t.Date))
	d.words(t.Reference.Indicator)
	d.number(int64(t.Reference.Unit))
}

// inputs is the hash of all that the own outlook at a node follows from: two outlooks
// with one hash say the same, but for what agreeing with other units moves.
func (d *desk) inputs(r *series, node int) int64 {
	h := digestStart
	h.number(outlookMethod)
	h.number(int64(d.in.Decimals))
	h.number(int64(assess.Wants(d.in)))
	h.number(int64(r.first))
	h.number(int64(r.year))
	for _, m := range r.ends {
		h.number(int64(m))
	}
	for i := range r.single {
		h.number(r.single[i])
		h.number(r.sum[i])
	}
	h.number(d.stock(node))
	for _, l := range d.leaders {
		h.words(l.in.Code)
		for _, v := range d.seriesBeside(l, r, node).Values {
			h.number(int64(math.Float64bits(v))) //nolint:gosec // a bit pattern
		}
	}
	if !d.adds() || r.growth { // then levels, or published growth, are foreseen
		s := d.standingOf(node)
		h.number(int64(s.decimals))
		h.words(string(s.basis))
		for _, v := range s.value {
			h.number(v)
		}
	}
	t := d.sn.targets[targetAt{d.in.Code, d.sn.tree.Nodes[node].ID}]
	h.target(t)
	if t != nil && (t.Form == luoshi.FormGrowth || t.Form == luoshi.FormSign) {
		for _, g := range d.cube.Year(d.in.Code, node, r.year, basisOf(d.in)).Growth {
			h.number(g)
		}
	}
	if t != nil && t.Form == luoshi.FormRelative {
		d.reference(&h, *t)
	}
	return h.value()
}

// reference adds this year and last of what a target is held against.
func (d *desk) reference(h *digest, t luoshi.Target) {
	in, known := d.sn.indicators[t.Reference.Indicator]
	node, here := d.sn.tree.Find(t.Reference.Unit)
	if !known || !here {
		return
	}
	for year := d.sn.year - 1; year <= d.sn.year; year++ {
		y := d.sn.cube.Year(in.Code, node, year, basisOf(in))
		for m := range y.Amount {
			h.number(y.Amount[m])
			h.number(y.Growth[m])
		}
	}
}

// kept is the row of a view.
func (d *desk) kept(v *OutlookView, node int, inputs int64) store.Outlook {
	decimals := v.Indicator.Decimals // of a growth where that is foreseen
	n := func(q luoshi.NullQuantity) int64 { return scaled(q, decimals) }
	o := store.Outlook{
		Unit: d.sn.tree.Nodes[node].ID, Through: v.Through.To, Scale: decimals, Level: v.Level, Growth: v.Growth, Known: n(v.Known), Total: n(v.Total),
		Low80: n(v.Low80), High80: n(v.High80), Low95: n(v.Low95), High95: n(v.High95), Asked: n(v.Asked), Upper: n(v.Upper),
		Better: v.Better, Chance: -1, Standing: standingNumber(v.Standing), Estimated: v.Estimated, Sample: v.History.Sample > 0,
		Why: whyWord(v.Why), Method: outlookMethod, Inputs: inputs,
	}
	if t := d.sn.targets[targetAt{d.in.Code, o.Unit}]; t != nil {
		o.Revision = t.Revision
		o.Early = t.Form == luoshi.FormDate && t.Date < luoshi.ToDate(d.sn.year, 12).LastDay()
	}
	if v.Chance.OK() {
		o.Chance = int(math.Round(1000 * float64(v.Chance.Num) / float64(v.Chance.Den)))
	}
	return o
}

var standings = [...]OutlookStanding{"", OutlookOpen, OutlookMet, OutlookLost, OutlookClosed}

func standingNumber(s OutlookStanding) int {
	for i, one := range standings {
		if one == s {
			return i
		}
	}
	return 1
}

const whyPrefix = "outlook.none."

// whyWord is the reason in the row: the last word of the sentence's key.
func whyWord(why luoshi.Message) string {
	if len(why.Key) <= len(whyPrefix) {
		return why.Key
	}
	return why.Key[len(whyPrefix):]
}

// digests are, by indicator, what the plan of a snapshot says of its outlooks.
type digests struct {
	by   map[string]int64
	need map[string][]string
}

// outlookDigests hashes, for each indicator that can have outlooks, what the plan
// says of them: the tree, the indicators that it rests on, the targets in force.
func (sn *snapshot) outlookDigests() *digests {
	tree := digestStart
	tree.number(outlookMethod)
	tree.number(int64(sn.year))
	for _, n := range sn.tree.Nodes {
		tree.number(int64(n.ID))
		tree.number(int64(n.Parent))
		tree.words(string(n.Kind))
	}
	for _, l := range sn.plan.links {
		tree.number(int64(l.From))
		tree.number(int64(l.To))
		tree.number(int64(l.On))
		tree.words(l.Share.String())
	}
	promised, against := map[string]int64{}, map[string]map[string]bool{}
	for at, t := range sn.targets { // in any order: they are added up
		h := digestStart
		h.number(int64(at.unit))
		h.target(t)
		promised[at.indicator] += h.value()
		if t.Form == luoshi.FormRelative && t.Reference.Indicator != "" {
			if against[at.indicator] == nil {
				against[at.indicator] = map[string]bool{}
			}
			against[at.indicator][t.Reference.Indicator] = true
		}
	}
	d := &digests{by: map[string]int64{}, need: map[string][]string{}}
	for _, in := range sn.plan.indicators {
		if !foreseeable(in) {
			continue
		}
		h := tree
		d.need[in.Code] = slices.Clone(sn.cube.Needs(in.Code))
		if whole := in.Denominator; whole != "" && !slices.Contains(d.need[in.Code], whole) { // a stock that it draws on
			d.need[in.Code] = append(d.need[in.Code], whole)
		}
		for _, other := range sn.plan.indicators {
			if runsAhead(other, in.Code) && !slices.Contains(d.need[in.Code], other.Code) {
				d.need[in.Code] = append(d.need[in.Code], other.Code)
			}
		}
		for _, other := range slices.Sorted(maps.Keys(against[in.Code])) {
			if !slices.Contains(d.need[in.Code], other) {
				d.need[in.Code] = append(d.need[in.Code], other)
			}
		}
		for _, code := range d.need[in.Code] {
			h.indicator(sn.indicators[code])
		}
		h.number(promised[in.Code])
		d.by[in.Code] = h.value()
	}
	return d
}

// indicator adds what an indicator's rules say of its values.
func (d *digest) indicator(in luoshi.Indicator) {
	for _, text := range []string{in.Code, string(in.Kind), string(in.OverTime), string(in.OverUnits), in.Weight, in.Numerator, in.Denominator, string(in.Basis), string(in.Calendar), in.Formula, string(in.Direction)} {
		d.words(text)
	}
	d.number(int64(in.Decimals))
	d.number(int64(in.Power))
	for _, code := range in.Leads {
		d.words(code)
	}
}

// foreseeable reports whether an indicator can have outlooks at all.
func foreseeable(in luoshi.Indicator) bool { return !in.Retired }

// outlookSeen is what an outlook of the indicator must have seen to be current.
func (sn *snapshot) outlookSeen(d *digests, code string) store.OutlookSeen {
	seen := store.OutlookSeen{Plan: d.by[code], Method: outlookMethod}
	for _, need := range d.need[code] {
		for year := sn.year - outlookYears; year <= sn.year; year++ {
			seen.Figures += sn.changes[store.IndicatorYear{Indicator: need, Year: year}]
		}
	}
	return seen
}
