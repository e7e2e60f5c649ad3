package forecast

import (
	"cmp"
	"math"
	"slices"
)

// Agree gives the totals on which the outlooks of a tree's units agree: those that
// [Tree.Reconcile] finds, with the outlooks' own spreads as their errors (Variance;
// MinT takes the correlations of past errors besides), kept to what each unit can
// still reach: not below what is known of it where nothing negative can come, not
// above what it may be at most.
func (t *Tree) Agree(outlooks []*Outlook, by Weighing, errors [][]float64) ([]float64, error) {
	stands := make([]Stand, len(outlooks))
	nu, z := 0.0, 0.0
	for v, o := range outlooks {
		if o.nu != nu {
			nu, z = o.nu, tQuantile(0.84135, o.nu)
		}
		stands[v] = o.stand(z)
	}
	return t.AgreeOn(stands, by, errors)
}

// Stand is what of an outlook counts when units agree: its total and the variance of
// it, and how far it can be moved.
type Stand struct{ Total, Variance, Low, High float64 }

// Stand is how the outlook stands to others.
func (o *Outlook) Stand() Stand {
	if o.nu == 0 {
		return o.stand(0)
	}
	return o.stand(tQuantile(0.84135, o.nu))
}

func (o *Outlook) stand(z float64) Stand {
	low, high := o.reach()
	return Stand{o.Total, o.variance(z), low, high}
}

// AgreeOn is [Tree.Agree] for outlooks of which no more is at hand.
func (t *Tree) AgreeOn(stands []Stand, by Weighing, errors [][]float64) ([]float64, error) {
	n := len(t.parent)
	if len(stands) != n {
		return nil, ErrTree
	}
	y, w, low, high := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for v, s := range stands {
		y[v], low[v], high[v] = s.Total, s.Low, s.High
		switch by {
		case Ordinary:
			w[v] = 1
		case Structural:
			w[v] = t.leaves[v]
		default:
			w[v] = s.Variance
		}
	}
	withVariance(w)
	var x []float64
	if by == MinT && len(errors) > 1 {
		scaled, err := t.scaled(errors, w)
		if err != nil {
			return nil, err
		}
		x = t.covariance(y, w, scaled)
	} else {
		x = t.diagonal(y, w)
	}
	if x == nil {
		return nil, ErrTree
	}
	t.sum(x, false)
	t.within(x, w, low, high)
	return x, nil
}

// scaled brings past errors to the variances w.
func (t *Tree) scaled(errors [][]float64, w []float64) ([][]float64, error) {
	by := make([]float64, len(w))
	for _, row := range errors {
		if len(row) != len(w) {
			return nil, ErrTree
		}
		for v, e := range row {
			by[v] += e * e / float64(len(errors))
		}
	}
	out := make([][]float64, len(errors))
	for i, row := range errors {
		out[i] = make([]float64, len(w))
		for v, e := range row {
			if by[v] > 0 {
				out[i][v] = e * math.Sqrt(w[v]/by[v])
			}
		}
	}
	return out, nil
}

// within brings values that add up within bounds, and lets them add up still: the
// bounds of a unit and those of its parts together are respected from the top down,
// and what a bound takes from one part goes to the others by their variances. Where
// bounds contradict each other those of the parts hold.
func (t *Tree) within(x, w, low, high []float64) {
	n := len(x)
	fine := true
	for v := range x {
		fine = fine && low[v] <= x[v] && x[v] <= high[v]
	}
	if fine {
		return
	}
	least, most := make([]float64, n), make([]float64, n) // of the parts together
	parts := t.parts()
	for v := n - 1; v >= 0; v-- {
		l, h := low[v], high[v]
		if t.inner[v] >= 0 {
			l = min(max(l, least[v]), most[v])
			h = max(min(h, most[v]), l)
		}
		least[v], most[v] = l, max(l, h)
		if p := t.parent[v]; p >= 0 {
			least[p] += least[v]
			most[p] += most[v]
		}
	}
	for v := range x {
		if t.parent[v] < 0 {
			x[v] = min(max(x[v], least[v]), most[v])
		}
		share(x, w, least, most, parts[v], x[v])
	}
	t.sum(x, false)
}

// parts lists the children of each node.
func (t *Tree) parts() [][]int {
	list := make([][]int, len(t.parent))
	for v, p := range t.parent {
		if p >= 0 {
			list[p] = append(list[p], v)
		}
	}
	return list
}

// share moves some values by as many of their variances as bring them to a sum, none
// beyond its bounds.
func share(x, w, low, high []float64, at []int, sum float64) {
	if len(at) == 0 {
		return
	}
	total := func(step float64) (s float64) {
		for _, v := range at {
			s += min(max(x[v]+step*w[v], low[v]), high[v])
		}
		return s
	}
	down, up := -1.0, 1.0
	for range 200 {
		if total(down) <= sum && sum <= total(up) {
			break
		}
		down, up = 2*down, 2*up
	}
	for range 200 {
		middle := (down + up) / 2
		if middle == down || middle == up {
			break
		}
		if total(middle) < sum {
			down = middle
		} else {
			up = middle
		}
	}
	for _, v := range at {
		x[v] = min(max(x[v]+up*w[v], low[v]), high[v])
	}
}

// Round gives integers that add up exactly, each next to its value: a root is rounded,
// and the parts of each unit go down but for as many as its own integer asks for,
// those with the largest remainders first. Bounds are kept as far as they allow a
// sum; a value that is known has two equal ones.
func (t *Tree) Round(x []float64, low, high []int64) []int64 {
	n := len(x)
	out := make([]int64, n)
	least, most := slices.Clone(low), slices.Clone(high)
	sumLeast, sumMost := make([]int64, n), make([]int64, n)
	for v := n - 1; v >= 0; v-- {
		if t.inner[v] >= 0 {
			least[v] = min(max(least[v], sumLeast[v]), sumMost[v])
			most[v] = max(min(most[v], sumMost[v]), least[v])
		}
		if p := t.parent[v]; p >= 0 {
			sumLeast[p] = plus(sumLeast[p], least[v])
			sumMost[p] = plus(sumMost[p], most[v])
		}
	}
	parts := t.parts()
	for v := range x {
		if t.parent[v] < 0 {
			out[v] = min(max(int64(math.Round(x[v])), least[v]), most[v])
		}
		hand(out, x, least, most, parts[v], out[v])
	}
	return out
}

// Unbounded stands for no bound of an integer.
const Unbounded = int64(1) << 61

// plus adds bounds of integers.
func plus(a, b int64) int64 { return min(max(a+b, -Unbounded), Unbounded) }

// hand gives the parts of a unit their integers.
func hand(out []int64, x []float64, low, high []int64, at []int, sum int64) {
	for _, v := range at {
		down := math.Floor(x[v] + 1e-9*max(1, math.Abs(x[v]))) // what is an integer but for the last bits is one
		out[v] = min(max(int64(down), low[v]), high[v])
		sum -= out[v]
	}
	order := slices.Clone(at)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x[b]-float64(out[b]), x[a]-float64(out[a])) })
	for sum != 0 {
		before := sum
		for i := range order {
			v := order[i]
			if sum < 0 {
				v = order[len(order)-1-i]
			}
			switch {
			case sum > 0 && out[v] < high[v]:
				out[v]++
				sum--
			case sum < 0 && out[v] > low[v]:
				out[v]--
				sum++
			}
		}
		if sum == before {
			return
		}
	}
}

// variance is that of the total, as the half width of the middle 68 in 100 has it,
// whose ends lie z spreads from the median.
func (o *Outlook) variance(z float64) float64 {
	if o.up == 0 {
		return 0
	}
	half := (o.at(z) - o.at(-z)) / 2
	return half * half
}

// leaves is the share of what is to come that agreeing leaves at least where nothing
// negative can come.
const leaves = 0.05

// reach is how far the total can be moved.
func (o *Outlook) reach() (low, high float64) {
	if o.up == 0 {
		return o.Total, o.Total
	}
	low, high = math.Inf(-1), math.Inf(1)
	if o.capped {
		high = o.most
	}
	if o.floor {
		low = min(o.Known+leaves*o.rest, high)
	}
	return low, high
}

// To is the outlook with another expected total: what is known stays, what is to
// come is brought to it, and the spread keeps its ratio to what is to come; where
// values may be negative, its width. What the methods say stays as it was.
func (o Outlook) To(total float64) Outlook {
	if o.capped && total >= o.most && o.Known+o.rest >= o.most { // the middle lies beyond the bound and stays there
		return o
	}
	was := o.Total - o.Known
	o.rest, o.Total = total-o.Known, total
	if o.relative {
		o.size = o.rest
	}
	o.Steps = slices.Clone(o.Steps)
	by, add := 1.0, 0.0 // each step × by + its size × add
	if o.floor && was > 0 {
		by = o.rest / was
		o.Filled *= by
	} else {
		var size float64
		for _, s := range o.Steps {
			size += math.Abs(s.Value)
		}
		if size > 0 {
			add = (o.rest - was) / size
		} else {
			by = 0
		}
	}
	sum := o.Known + o.Filled
	for i := range o.Steps {
		s := &o.Steps[i]
		if by == 0 {
			s.Value = (o.rest - o.Filled) / float64(len(o.Steps))
		} else {
			s.Value = s.Value*by + math.Abs(s.Value)*add
		}
		sum += s.Value
		s.Sum, s.sumRest = sum, sum-o.Known
	}
	if n := len(o.Steps); n > 0 {
		o.Steps[n-1].Sum, o.Steps[n-1].sumRest = total, o.rest
	} else {
		o.Filled = o.rest
	}
	return o
}
