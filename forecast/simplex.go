package forecast

import "math"

// simplex minimises a function of n places: Nelder and Mead (1965) in the
// arrangement of Nash, Compact Numerical Methods for Computers (1990), algorithm
// 19, which R's optim and ets use too, so that both walk the same way. A value
// that is not finite counts as very large. It keeps its room from call to call.
type simplex struct {
	corner    [][]float64 // n+2 points of n places; the last is the centre
	value     []float64
	calls     int
	best      int
	low, high float64
	worst     int
	size      float64
}

const never = 1e35

func (s *simplex) room(n int) {
	if len(s.corner) == n+2 {
		return
	}
	flat := make([]float64, (n+2)*n)
	s.corner = make([][]float64, n+2)
	for i := range s.corner {
		s.corner[i], flat = flat[:n:n], flat[n:]
	}
	s.value = make([]float64, n+2)
}

// minimise starts at x and leaves the best point there. It stops when the simplex
// is flat within tolerance, when it no longer shrinks, or after limit evaluations.
// step is the size of the first simplex; 0 means a tenth of the largest place.
func (s *simplex) minimise(f func([]float64) float64, x []float64, tolerance, step float64, limit int) {
	n := len(x)
	s.room(n)
	s.calls = 0
	call := func(p []float64) float64 {
		s.calls++
		if v := f(p); !math.IsNaN(v) && !math.IsInf(v, 0) {
			return v
		}
		return never
	}
	s.value[0] = call(x)
	flat := tolerance * (math.Abs(s.value[0]) + tolerance)
	s.begin(x, step)
	for fresh := true; s.calls <= limit; {
		if fresh {
			for j := range n + 1 {
				if j != s.best {
					s.value[j] = call(s.corner[j])
				}
			}
			fresh = false
		}
		s.rank(n)
		if s.high <= s.low+flat {
			break
		}
		if s.walk(call, x) && !s.shrink(n) {
			break
		} else if s.size < 0 {
			s.size, fresh = -s.size, true
		}
	}
	copy(x, s.corner[s.best])
}

// begin sets the first corners a step apart.
func (s *simplex) begin(x []float64, step float64) {
	if step == 0 {
		for _, v := range x {
			step = max(step, 0.1*math.Abs(v))
		}
		if step == 0 {
			step = 0.1
		}
	}
	s.best, s.size = 0, 0
	copy(s.corner[0], x)
	for j := 1; j <= len(x); j++ {
		copy(s.corner[j], x)
		s.corner[j][j-1] += step
		s.size += step
	}
}

// rank finds the best and the worst corner.
func (s *simplex) rank(n int) {
	s.low, s.high, s.worst = s.value[s.best], s.value[s.best], s.best
	for j := range n + 1 {
		if j == s.best {
			continue
		}
		if v := s.value[j]; v < s.low {
			s.best, s.low = j, v
		}
		if v := s.value[j]; v > s.high {
			s.worst, s.high = j, v
		}
	}
}

// walk reflects the worst corner and then goes further or comes back; it reports
// whether nothing helped, so that the simplex must shrink.
func (s *simplex) walk(call func([]float64) float64, x []float64) bool {
	n := len(x)
	worst, centre := s.corner[s.worst], s.corner[n+1]
	for i := range n {
		sum := -worst[i]
		for j := range n + 1 {
			sum += s.corner[j][i]
		}
		centre[i] = sum / float64(n)
		x[i] = 2*centre[i] - worst[i]
	}
	got := call(x)
	if got < s.low {
		for i := range n {
			centre[i], x[i] = x[i], 2*x[i]-centre[i]
		}
		if far := call(x); far < got {
			copy(worst, x)
			s.value[s.worst] = far
		} else {
			copy(worst, centre)
			s.value[s.worst] = got
		}
		return false
	}
	if got < s.high {
		copy(worst, x)
		s.value[s.worst] = got
	}
	for i := range n {
		x[i] = 0.5*worst[i] + 0.5*centre[i]
	}
	if near := call(x); near < s.value[s.worst] {
		copy(worst, x)
		s.value[s.worst] = near
		return false
	}
	return got >= s.high
}

// shrink draws all corners towards the best. It reports whether the simplex became
// smaller, and marks by a negative size that the values are to be found anew.
func (s *simplex) shrink(n int) bool {
	was, size := s.size, 0.0
	for j := range n + 1 {
		if j == s.best {
			continue
		}
		for i, b := range s.corner[s.best] {
			s.corner[j][i] = 0.5*(s.corner[j][i]-b) + b
			size += math.Abs(s.corner[j][i] - b)
		}
	}
	s.size = -size
	return size < was
}
