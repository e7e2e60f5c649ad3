package service

import (
	"context"
	"math"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/forecast"
	"luoshi.dev/internal/store"
)

// accord is where the year of one indicator lands at all units of the tree
// together: the totals on which their outlooks agree.
type accord struct {
	sn    *snapshot
	total []int64    // by node, at the indicator's decimals; Missing where a unit has no outlook, or nobody to agree with
	sums  []sumState // by node: how the units directly below stand to it
	parts []int      // by node: how many there are
	lack  []int      // by node: how many of them have no outlook
}

func (l *accord) weight() int { return 25 * len(l.total) }

// sumState says whether the outlooks of the units directly below sum to a unit's own.
type sumState uint8

const (
	sumNone   sumState = iota // nothing to add up: no units below with an outlook, or none of its own
	sumWhole                  // they do, exactly
	sumLack                   // some units below have no outlook
	sumDiffer                 // the figures so far do not add up either
	sumNever                  // the indicator's units never add up
)

// accord makes the outlooks of one indicator over the whole tree in one go. It is
// kept for all pages of the state, and beyond it until something is written that it
// follows from.
func (s *Service) accord(ctx context.Context, sn *snapshot, look Look, d *desk) (*accord, error) {
	look.Unit = ""
	l, err := kept(ctx, s, look, "outlooks of all units of "+d.in.Code, func(ctx context.Context, now *snapshot) (*accord, error) {
		seen := now.outlookSeen(now.digested(), d.in.Code)
		if l := s.accords.of(now, d.in.Code, seen); l != nil {
			return l, nil
		}
		at := d
		if now != sn { // something was written in between
			cube, err := s.pastCube(ctx, now, look, d.in.Code)
			if err != nil {
				return nil, err
			}
			at = &desk{sn: now, in: d.in, cube: cube}
			if at.leaders, err = s.leaders(ctx, now, look, d.in.Code); err != nil {
				return nil, err
			}
		}
		l, err := at.all()
		if err == nil {
			s.accords.keep(l, d.in.Code, seen)
		}
		return l, err
	})
	if err != nil || l.sn == sn {
		return l, err
	}
	return d.all()
}

// accords are those made last, by what they follow from.
type accords struct {
	mu sync.Mutex
	by map[accordAt]accordOf
}

type accordAt struct {
	indicator  string
	asOf       int64
	year       int
	boundaries luoshi.Date
}

type accordOf struct {
	seen   store.OutlookSeen
	accord accord // of no snapshot
}

// keptAccords is how many are kept; of a province's 1,600 units one has 40 kB.
const keptAccords = 300

func accordPlace(sn *snapshot, code string) accordAt {
	return accordAt{code, sn.key.asOf, sn.year, sn.key.boundaries}
}

func (k *accords) of(sn *snapshot, code string, seen store.OutlookSeen) *accord {
	k.mu.Lock()
	defer k.mu.Unlock()
	one, ok := k.by[accordPlace(sn, code)]
	if !ok || one.seen != seen {
		return nil
	}
	l := one.accord
	l.sn = sn
	return &l
}

func (k *accords) keep(l *accord, code string, seen store.OutlookSeen) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.by == nil || len(k.by) >= keptAccords {
		k.by = map[accordAt]accordOf{}
	}
	one := *l
	one.sn = nil
	k.by[accordPlace(l.sn, code)] = accordOf{seen, one}
}

// ground is a unit's series and what it says by itself.
type ground struct {
	r   *series
	o   *forecast.Outlook // nil where there is none, or it need not be made again
	led []forecast.Led
	leaf
}

// leaf is what the others must know of a unit's own outlook.
type leaf struct {
	has       bool // there is one
	stand     forecast.Stand
	low, high int64 // between which its total can be brought
}

// newAccord is one in which nobody has agreed yet.
func (d *desk) newAccord() *accord {
	n := len(d.sn.tree.Nodes)
	l := &accord{sn: d.sn, total: make([]int64, n), sums: make([]sumState, n), parts: make([]int, n), lack: make([]int, n)}
	for v := range l.total {
		l.total[v] = luoshi.Missing
	}
	if !d.in.Additive() {
		for v := range l.sums {
			l.sums[v] = sumNever
		}
	}
	return l
}

// all makes the outlook of every unit and lets them agree: the units below add up to
// the unit above to the last published place.
func (d *desk) all() (*accord, error) {
	l := d.newAccord()
	if d.unfit().Key != "" || !d.in.Additive() {
		return l, nil
	}
	grounds, err := d.grounds()
	if err != nil {
		return nil, err
	}
	return l, d.agreeOn(l, grounds)
}

// agreeOn lets the units agree.
func (d *desk) agreeOn(l *accord, grounds []ground) error {
	n := len(grounds)
	in := make([]bool, n) // among those that agree
	for v := range n {
		l.sums[v] = d.sumsOf(l, grounds, v)
		if l.sums[v] == sumWhole {
			in[v] = true
			for _, c := range d.sn.areas(v) {
				in[c] = true
			}
		}
	}
	index := make([]int, n) // place of a node among them
	var at, parent []int
	var stands []forecast.Stand
	var low, high []int64
	for v := range n {
		if !in[v] {
			continue
		}
		index[v] = len(at)
		at = append(at, v)
		up := -1
		if p := d.sn.tree.Nodes[v].Parent; p >= 0 && l.sums[p] == sumWhole {
			up = index[p]
		}
		parent, stands = append(parent, up), append(stands, grounds[v].stand)
		low, high = append(low, grounds[v].low), append(high, grounds[v].high)
	}
	if len(at) == 0 {
		return nil
	}
	tree, err := forecast.NewTree(parent)
	if err != nil {
		return err
	}
	x, err := tree.AgreeOn(stands, forecast.Variance, nil)
	if err != nil {
		return err
	}
	for i, total := range tree.Round(x, low, high) {
		l.total[at[i]] = total
	}
	return nil
}

// grounds reads the series of all areas and asks each for its outlook.
func (d *desk) grounds() ([]ground, error) {
	list := make([]ground, len(d.sn.tree.Nodes))
	workers := min(runtime.GOMAXPROCS(0), len(list)/8+1)
	var group errgroup.Group
	for w := range workers {
		group.Go(func() error {
			var caster forecast.Forecaster
			for v := w; v < len(list); v += workers {
				if d.sn.tree.Nodes[v].Kind.Area() {
					list[v] = d.groundBy(&caster, v)
				}
			}
			return nil
		})
	}
	return list, group.Wait()
}

// groundBy is groundOf, but for the outlook itself where what others must know of it
// is remembered.
func (d *desk) groundBy(caster *forecast.Forecaster, node int) ground {
	if d.leaves == nil {
		return d.groundOf(caster, node)
	}
	r, unit := d.sn.seriesOf(d.cube, d.in, node), d.sn.tree.Nodes[node].ID
	inputs := d.inputs(r, node)
	if l, known := d.leaves.get(d.in.Code, unit, inputs); known {
		return ground{r: r, leaf: l}
	}
	g := d.groundOf(caster, node)
	d.leaves.put(d.in.Code, unit, inputs, g.leaf)
	return g
}

// groundOf is what one unit's own series says.
func (d *desk) groundOf(caster *forecast.Forecaster, node int) ground {
	g := ground{r: d.sn.seriesOf(d.cube, d.in, node)}
	places, apart := g.r.now()
	if d.tooLittle(g.r, places, apart).Key != "" {
		return g
	}
	o, led, err := d.ask(caster, g.r, node, places)
	if err != nil || math.IsNaN(o.Total) || math.Abs(o.Total) > most {
		return g
	}
	g.o, g.led = &o, led
	g.leaf = leaf{has: true, stand: o.Stand()}
	known, _ := g.r.sumTo(g.r.year, places)
	g.low, g.high = -forecast.Unbounded, forecast.Unbounded
	if g.r.grows() {
		g.low = known
	}
	if most := d.stock(node); there(most) && g.r.grows() {
		g.high = max(most, known)
	}
	if len(o.Steps) == 0 && o.Filled == 0 {
		g.low, g.high = known, known
	}
	g.low = min(g.low, g.high)
	return g
}

// stock is what there was at the end of last year of the whole that an indicator
// draws on: a flow that names a stock as its denominator cannot bring more in a year.
func (d *desk) stock(node int) int64 {
	whole, ok := d.sn.indicators[d.in.Denominator]
	if !ok || d.in.OverUnits == luoshi.UnitRatio || whole.Kind != luoshi.Stock {
		return luoshi.Missing
	}
	return scaled(d.cube.Value(whole.Code, node, luoshi.MonthOf(d.sn.year-1, 12), luoshi.Single).Amount, d.in.Decimals)
}

// sumsOf reports whether the units directly below can add up to a unit's outlook.
func (d *desk) sumsOf(l *accord, grounds []ground, node int) sumState {
	if !grounds[node].has {
		return sumNone
	}
	parts := d.sn.areas(node)
	for _, c := range parts {
		if !grounds[c].has {
			l.lack[node]++
		}
	}
	switch l.parts[node] = len(parts); {
	case l.lack[node] == len(parts):
		return sumNone
	case l.lack[node] > 0:
		return sumLack
	case !addUp(grounds, node, parts):
		return sumDiffer
	}
	return sumWhole
}

// addUp reports whether the sums so far of this year and last of some units add up to
// their parent's, but for as much as rounding each of them can do, wherever all are
// known; a year of periods should be.
func addUp(grounds []ground, node int, parts []int) bool {
	whole := grounds[node].r
	season := len(whole.ends)
	compared := 0
	for t := range whole.sum {
		sum, known := int64(0), there(whole.sum[t])
		for _, c := range parts {
			r := grounds[c].r
			if len(r.sum) != len(whole.sum) {
				return false
			}
			known = known && there(r.sum[t])
			if known {
				sum += r.sum[t]
			}
		}
		if !known {
			continue
		}
		compared++
		if off := sum - whole.sum[t]; t >= len(whole.sum)-2*season && (off > int64(len(parts)) || -off > int64(len(parts))) {
			return false
		}
	}
	return compared >= season
}

// agree brings a unit's own outlook to the total on which all agree, and says so.
func (d *desk) agree(v *OutlookView, o *forecast.Outlook, r *series, node int) {
	if d.accord == nil || r.remainder {
		return
	}
	total := d.accord.total[node]
	if !there(total) {
		return
	}
	v.Alone = d.rounded(o.Total)
	if len(o.Steps) == 0 && o.Filled == 0 {
		return
	}
	*o = o.To(float64(total))
}

// agreed says what agreeing has moved, and where units do not add up.
func (d *desk) agreed(v *OutlookView, node int) (notes []luoshi.Message) {
	if d.accord == nil {
		return nil
	}
	say := func(key string, pairs ...any) { notes = append(notes, luoshi.Say("outlook.note."+key, pairs...)) }
	l := d.accord
	if v.Alone.Valid && v.Alone != v.Total {
		below, p := l.sums[node] == sumWhole, d.sn.tree.Nodes[node].Parent
		above := p >= 0 && l.sums[p] == sumWhole
		pairs := []any{"alone", v.Alone, "total", v.Total, "measure", assess.AfterNumber(d.in.Measure)}
		switch {
		case below && above:
			say("agreed.both", append(pairs, "parent", d.sn.tree.Nodes[p].Names)...)
		case below:
			say("agreed.whole", pairs...)
		case above:
			say("agreed.part", append(pairs, "parent", d.sn.tree.Nodes[p].Names)...)
		}
	}
	if most := d.stock(node); there(most) {
		if total := scaled(v.Total, d.in.Decimals); total == most && v.Standing != OutlookClosed {
			say("stock.reached", "stock", d.sn.indicators[d.in.Denominator].Names, "most", d.exact(most), "measure", assess.AfterNumber(d.in.Measure), "year", luoshi.YearOf(d.sn.year-1))
		} else {
			say("stock", "stock", d.sn.indicators[d.in.Denominator].Names, "most", d.exact(most), "measure", assess.AfterNumber(d.in.Measure), "year", luoshi.YearOf(d.sn.year-1))
		}
	}
	switch l.sums[node] {
	case sumLack:
		say("sums.lack", "n", l.lack[node], "of", l.parts[node])
	case sumDiffer:
		say("sums.differ", "n", l.parts[node])
	}
	return notes
}
