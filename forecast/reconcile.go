package forecast

import (
	"errors"
	"math"
)

// Reconciling makes forecasts of a tree add up: the units below sum to the unit
// above. From forecasts y that do not, it takes the nearest x that do,
//
//	min (x − y)' W⁻¹ (x − y)  subject to  Cx = 0,    x = y − WC'(CWC')⁻¹Cy
//
// where a row of C says "a unit less its parts" (Hyndman, Ahmed, Athanasopoulos and
// Shang 2011; Wickramasuriya, Athanasopoulos and Hyndman 2019, whose trace-minimising
// "MinT" has the covariance of the errors of y as W).

// Weighing chooses W.
type Weighing int

const (
	Ordinary   Weighing = iota // W = 1 (OLS)
	Structural                 // the number of leaves below each node
	Variance                   // the variance of each node's errors (WLS)
	MinT                       // their covariance, shrunk towards its diagonal
)

// ErrTree says that parents do not come before their children, or that lengths differ.
var ErrTree = errors.New("forecast: not a tree in order, or not as many values as nodes")

// Tree is nodes in an order in which parents precede children; parent −1 is a root.
type Tree struct {
	parent []int
	inner  []int // the row of C of each node with children, −1 for leaves
	rows   int
	leaves []float64 // below each node
}

// NewTree reads the parents of all nodes.
func NewTree(parent []int) (*Tree, error) {
	t := &Tree{parent: parent, inner: make([]int, len(parent)), leaves: make([]float64, len(parent))}
	for v, p := range parent {
		if p < -1 || p >= v {
			return nil, ErrTree
		}
		t.inner[v] = -1
		if p >= 0 && t.inner[p] < 0 {
			t.inner[p] = t.rows
			t.rows++
		}
	}
	for v := len(parent) - 1; v >= 0; v-- {
		if t.inner[v] < 0 {
			t.leaves[v] = 1
		}
		if p := parent[v]; p >= 0 {
			t.leaves[p] += t.leaves[v]
		}
	}
	return t, nil
}

// Reconcile returns forecasts that add up exactly: every node with children is the
// sum of theirs, last to first. errors[t][v] are past errors of the forecasts, one row a
// period, for Variance and MinT; a node without any error is trusted wholly, as
// nearly as its smallest positive neighbour allows. With atLeastZero, leaves that
// would be negative are zero and sums follow (Di Fonzo and Girolimetto 2023).
func (t *Tree) Reconcile(y []float64, by Weighing, errors [][]float64, atLeastZero bool) ([]float64, error) {
	if len(y) != len(t.parent) {
		return nil, ErrTree
	}
	for _, row := range errors {
		if len(row) != len(y) {
			return nil, ErrTree
		}
	}
	w := t.weights(by, errors)
	var x []float64
	if by == MinT && len(errors) > 1 {
		x = t.covariance(y, w, errors)
	} else {
		x = t.diagonal(y, w)
	}
	if x == nil {
		return nil, ErrTree
	}
	t.sum(x, atLeastZero)
	return x, nil
}

// weights is the diagonal of W.
func (t *Tree) weights(by Weighing, errors [][]float64) []float64 {
	w := make([]float64, len(t.parent))
	for v := range w {
		switch {
		case by == Ordinary:
			w[v] = 1
		case by == Structural || len(errors) == 0:
			w[v] = t.leaves[v]
		default:
			for _, row := range errors {
				w[v] += row[v] * row[v]
			}
			w[v] /= float64(len(errors))
		}
	}
	withVariance(w)
	return w
}

// withVariance gives what has no variance a millionth of the least of the others.
func withVariance(w []float64) {
	least := math.Inf(1)
	for _, v := range w {
		if v > 0 {
			least = min(least, v)
		}
	}
	if math.IsInf(least, 1) {
		least = 1
	}
	for i := range w {
		w[i] = max(w[i], 1e-6*least)
	}
}

// diagonal solves for a diagonal W in one walk up and one down, which a tree allows:
// going up, a node's own forecast and the sum of its parts are two measurements of
// one number, met in proportion to their precision; going down, what a node differs
// from the sum of its parts is shared by their variances.
func (t *Tree) diagonal(y, w []float64) []float64 {
	n := len(y)
	x := make([]float64, n) // best estimate from the subtree
	s := make([]float64, n) // its variance
	sum, wide := make([]float64, n), make([]float64, n)
	for v := n - 1; v >= 0; v-- {
		x[v], s[v] = y[v], w[v]
		if t.inner[v] >= 0 {
			s[v] = w[v] * wide[v] / (w[v] + wide[v])
			x[v] = (y[v]*wide[v] + sum[v]*w[v]) / (w[v] + wide[v])
		}
		if p := t.parent[v]; p >= 0 {
			sum[p] += x[v]
			wide[p] += s[v]
		}
	}
	final := make([]float64, n)
	for v := range n {
		final[v] = x[v]
		if p := t.parent[v]; p >= 0 {
			final[v] += (final[p] - sum[p]) * s[v] / wide[p]
		}
	}
	return final
}

// shrinkage is the weight of the diagonal: the sampling variance of the errors'
// correlations against their size (Schäfer and Strimmer 2005, target D; as hts and
// fable have it). w are the errors' mean squares. The sums over all pairs of nodes
// are found by way of the periods, which are few:
//
//	Σ_ab (Σ_t z_ta z_tb)² = Σ_tu (Σ_a z_ta z_ua)²
func shrinkage(errors [][]float64, w []float64) float64 {
	n := float64(len(errors))
	own := make([]float64, len(w)) // Σ_t z² of each node
	var squares, means float64
	for t, row := range errors {
		for u, other := range errors[:t+1] {
			var dot, fourth float64
			for a, v := range row {
				p := v * other[a] / w[a]
				dot += p
				if u == t {
					fourth += p * p
					own[a] += p
				}
			}
			means += dot * dot
			if u < t {
				means += dot * dot
			} else {
				squares += dot*dot - fourth
			}
		}
	}
	for _, v := range own {
		means -= v * v
	}
	size := means / (n * n)
	if size <= 0 {
		return 1
	}
	return within(max((squares/n-size)/(n-1)/size, 0), 1)
}

// covariance solves with W = λD + (1−λ)R'R/T. W itself, a number for each pair of
// nodes, is never made: only what the constraints see of it.
func (t *Tree) covariance(y, d []float64, errors [][]float64) []float64 {
	lambda := shrinkage(errors, d)
	k, n := t.rows, len(y)
	seen := make([][]float64, len(errors)) // RC': by how much past errors failed to add up
	for i, row := range errors {
		seen[i] = t.gaps(row)
	}
	rest := (1 - lambda) / float64(len(errors))
	a := make([][]float64, k)
	for i := range a {
		a[i] = make([]float64, k)
	}
	for v := range n { // λ CDC'
		own, up := t.inner[v], -1
		if p := t.parent[v]; p >= 0 {
			up = t.inner[p]
		}
		if own >= 0 {
			a[own][own] += lambda * d[v]
		}
		if up >= 0 {
			a[up][up] += lambda * d[v]
		}
		if own >= 0 && up >= 0 {
			a[own][up] -= lambda * d[v]
			a[up][own] -= lambda * d[v]
		}
	}
	for _, g := range seen {
		for i, gi := range g {
			for j, gj := range g {
				a[i][j] += rest * gi * gj
			}
		}
	}
	z, ok := solvePositive(a, t.gaps(y))
	if !ok {
		return nil
	}
	x := make([]float64, n)
	for v := range n { // x = y − WC'z
		var c float64
		if own := t.inner[v]; own >= 0 {
			c += z[own]
		}
		if p := t.parent[v]; p >= 0 {
			c -= z[t.inner[p]]
		}
		x[v] = y[v] - lambda*d[v]*c
	}
	for i, g := range seen {
		var dot float64
		for j, gj := range g {
			dot += gj * z[j]
		}
		for v := range x {
			x[v] -= rest * errors[i][v] * dot
		}
	}
	return x
}

// gaps is Cx: each node with children less their sum.
func (t *Tree) gaps(x []float64) []float64 {
	g := make([]float64, t.rows)
	for v, value := range x {
		if own := t.inner[v]; own >= 0 {
			g[own] += value
		}
		if p := t.parent[v]; p >= 0 {
			g[t.inner[p]] -= value
		}
	}
	return g
}

// sum makes the sums exact, from the leaves up.
func (t *Tree) sum(x []float64, atLeastZero bool) {
	for v := range x {
		switch {
		case t.inner[v] >= 0:
			x[v] = 0
		case atLeastZero:
			x[v] = max(x[v], 0)
		}
	}
	for v := len(x) - 1; v >= 0; v-- {
		if p := t.parent[v]; p >= 0 {
			x[p] += x[v]
		}
	}
}

// solvePositive solves a symmetric positive definite system by Cholesky's
// factorisation, in place; not ok where it is not one.
func solvePositive(a [][]float64, b []float64) (x []float64, ok bool) {
	for i := range a {
		for j := range i + 1 {
			sum := a[i][j]
			for k := range j {
				sum -= a[i][k] * a[j][k]
			}
			if i == j {
				if !(sum > 0) {
					return nil, false
				}
				a[i][i] = math.Sqrt(sum)
			} else {
				a[i][j] = sum / a[j][j]
			}
		}
	}
	x = b
	for i := range a {
		for k := range i {
			x[i] -= a[i][k] * x[k]
		}
		x[i] /= a[i][i]
	}
	for i := len(a) - 1; i >= 0; i-- {
		for k := i + 1; k < len(a); k++ {
			x[i] -= a[k][i] * x[k]
		}
		x[i] /= a[i][i]
	}
	return x, true
}
