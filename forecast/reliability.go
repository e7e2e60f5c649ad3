package forecast

import (
	"cmp"
	"math"
	"slices"
)

// Said is a probability that was stated, and whether what it was of came about.
type Said struct {
	Probability float64
	Came        bool
}

// Reliability tells what stated probabilities were worth: the CORP reliability diagram
// and the decomposition of the Brier score (Dimitriadis, Gneiting, Jordan 2021,
// "Stable reliability diagrams for probabilistic classifiers", PNAS 118:8):
//
//	Brier = MCB − DSC + UNC
//
// MCB, miscalibration, is what the best monotone correction would gain: 0 is perfect.
// DSC, discrimination, is what the corrected probabilities gain over always saying how
// often it came. UNC, uncertainty, is the score of that.
type Reliability struct {
	N                    int
	Brier, MCB, DSC, UNC float64
	Bins                 []Bin // from the least likely to the likeliest
}

// Bin is a run of stated probabilities that the correction brings to one: as often as
// it came. They are found by pooling adjacent violators, not chosen.
type Bin struct {
	From, To  float64 // stated: the least and the largest
	Said      float64 // their mean
	Rate      float64 // how often it came
	N, Came   int
	Low, High float64 // where the rate lies 90 times in 100 where what is said is true
}

// normal90 is the quantile of the normal distribution between whose signs 90 in 100 lie.
const normal90 = 1.6448536269514722

// Reliable judges stated probabilities; it is zero where there are none.
func Reliable(list []Said) Reliability {
	r := Reliability{N: len(list)}
	if len(list) == 0 {
		return r
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Said) int { return cmp.Compare(a.Probability, b.Probability) })
	came := 0
	for _, s := range list {
		hit := 0.0
		if s.Came {
			hit, came = 1, came+1
		}
		r.Brier += (s.Probability - hit) * (s.Probability - hit)
	}
	r.Bins = poolAdjacent(list)
	corrected := 0.0
	for _, b := range r.Bins {
		corrected += float64(b.Came) * (1 - b.Rate)
	}
	n, often := float64(len(list)), float64(came)/float64(len(list))
	r.Brier /= n
	corrected /= n
	r.UNC = often * (1 - often)
	r.MCB, r.DSC = r.Brier-corrected, r.UNC-corrected
	return r
}

// poolAdjacent pools adjacent violators: equal statements first, then whatever would make
// the rate fall as the statements rise.
func poolAdjacent(list []Said) []Bin {
	var bins []Bin
	var spread []float64 // sums of p(1−p)
	for _, s := range list {
		b, v := Bin{From: s.Probability, To: s.Probability, Said: s.Probability, N: 1}, s.Probability*(1-s.Probability)
		if s.Came {
			b.Came = 1
		}
		if k := len(bins) - 1; k >= 0 && bins[k].To == b.From && bins[k].From == b.From {
			bins[k].Said, bins[k].N, bins[k].Came, spread[k] = bins[k].Said+b.Said, bins[k].N+1, bins[k].Came+b.Came, spread[k]+v
			continue
		}
		bins, spread = append(bins, b), append(spread, v)
	}
	flat, wide := bins[:0:0], spread[:0:0]
	for i, b := range bins {
		v := spread[i]
		for k := len(flat) - 1; k >= 0 && flat[k].Came*b.N >= b.Came*flat[k].N; k = len(flat) - 1 {
			b.From, b.Said, b.N, b.Came, v = flat[k].From, b.Said+flat[k].Said, b.N+flat[k].N, b.Came+flat[k].Came, v+wide[k]
			flat, wide = flat[:k], wide[:k]
		}
		flat, wide = append(flat, b), append(wide, v)
	}
	for i := range flat {
		b, n := &flat[i], float64(flat[i].N)
		b.Said /= n
		b.Rate = float64(b.Came) / n
		half := normal90 * math.Sqrt(wide[i]) / n
		b.Low, b.High = max(0, b.Said-half), min(1, b.Said+half)
	}
	return flat
}
