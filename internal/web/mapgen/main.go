// Command mapgen turns a map of Apache ECharts 4 (npm echarts@4, map/json, in its
// packed form) into the outlines that the pages draw: one SVG path and one label
// point per area, keyed by unit code. Borders are simplified so that neighbours
// still meet. It is run by hand when a map is added; its output is committed.
//
//	npm pack echarts@4 && tar xzf echarts-4.9.0.tgz package/map/json/province/anhui.json
//	go run ./internal/web/mapgen -unit 340000 package/map/json/province/anhui.json > internal/web/maps/340000.json
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
)

// Map is the file that is written.
type Map struct {
	Unit    string  `json:"unit"`
	Source  string  `json:"source"`
	Licence string  `json:"licence"`
	Width   float64 `json:"width"`
	Height  float64 `json:"height"`
	Areas   []Area  `json:"areas"`
}

// Area is one outline.
type Area struct {
	Unit string  `json:"unit"`
	Path string  `json:"path"`
	X    float64 `json:"x"`
	Y    float64 `json:"y"`
}

// The room that a label takes around its point: a mark, a short name, a value.
const labelWidth, labelHeight = 50, 44

// spread moves labels that would cover one another apart, as little as it can:
// each step parts the overlapping pairs and pulls all back toward their points.
func spread(areas []Area) {
	home := slices.Clone(areas)
	for range 400 {
		for i := range areas {
			for j := range i {
				dx, dy := areas[i].X-areas[j].X, areas[i].Y-areas[j].Y
				overX, overY := labelWidth-math.Abs(dx), labelHeight-math.Abs(dy)
				switch {
				case overX <= 0 || overY <= 0:
				case overX < overY:
					areas[i].X += math.Copysign(overX/2, dx)
					areas[j].X -= math.Copysign(overX/2, dx)
				default:
					areas[i].Y += math.Copysign(overY/2, dy)
					areas[j].Y -= math.Copysign(overY/2, dy)
				}
			}
		}
		for i := range areas {
			areas[i].X += (home[i].X - areas[i].X) / 50
			areas[i].Y += (home[i].Y - areas[i].Y) / 50
		}
	}
	for i := range areas {
		areas[i].X, areas[i].Y = round(areas[i].X), round(areas[i].Y)
	}
}

// packed is the form in which ECharts 4 ships its maps.
type packed struct {
	Features []struct {
		ID       string `json:"id"`
		Geometry struct {
			Type        string          `json:"type"`
			Coordinates json.RawMessage `json:"coordinates"`
			Offsets     json.RawMessage `json:"encodeOffsets"`
		} `json:"geometry"`
	} `json:"features"`
}

type point [2]int // longitude and latitude in 1/1024 degree

func main() {
	unit := flag.String("unit", "", "code of the unit whose parts the map shows")
	width := flag.Float64("width", 330, "width of the drawing")
	tolerance := flag.Float64("tolerance", 0.45, "how far a simplified border may stray, in drawing units")
	flag.Parse()
	if err := run(flag.Arg(0), *unit, *width, *tolerance); err != nil {
		fmt.Fprintln(os.Stderr, "mapgen:", err)
		os.Exit(1)
	}
}

func run(name, unit string, width, tolerance float64) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var in packed
	if err := json.Unmarshal(text, &in); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	rings := make([][][]point, len(in.Features))
	for i, f := range in.Features {
		if rings[i], err = unpack(f.Geometry.Type, f.Geometry.Coordinates, f.Geometry.Offsets); err != nil {
			return fmt.Errorf("outline of %s: %w", f.ID, err)
		}
	}
	view := fit(rings, width)
	out := Map{Unit: unit, Source: "Apache ECharts 4.9.0, map/json (npm echarts@4)", Licence: "Apache-2.0", Width: width, Height: math.Ceil(view.height)}
	joints := junctions(rings)
	for i, f := range in.Features {
		var path strings.Builder
		for _, ring := range rings[i] {
			view.draw(&path, simplify(ring, joints, tolerance/view.scale*1024))
		}
		x, y := view.pole(rings[i])
		out.Areas = append(out.Areas, Area{f.ID, path.String(), x, y})
	}
	spread(out.Areas)
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", " ")
	return enc.Encode(out)
}

// unpack undoes the ECharts coding: each coordinate is the zigzag difference to
// the one before, plus 64, as one character.
func unpack(kind string, coordinates, offsets json.RawMessage) ([][]point, error) {
	lines, starts := []string{}, [][2]int{}
	if kind == "Polygon" {
		if err := json.Unmarshal(coordinates, &lines); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(offsets, &starts); err != nil {
			return nil, err
		}
	} else {
		var parts [][]string
		var partStarts [][][2]int
		if err := json.Unmarshal(coordinates, &parts); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(offsets, &partStarts); err != nil {
			return nil, err
		}
		for i := range parts {
			lines, starts = append(lines, parts[i]...), append(starts, partStarts[i]...)
		}
	}
	var rings [][]point
	for i, line := range lines {
		at := point(starts[i])
		var ring []point
		for j, c := range []rune(line) {
			d := int(c) - 64
			at[j%2] += d>>1 ^ -(d & 1)
			if j%2 == 1 {
				ring = append(ring, at)
			}
		}
		if n := len(ring); n > 1 && ring[0] == ring[n-1] {
			ring = ring[:n-1]
		}
		rings = append(rings, ring)
	}
	return rings, nil
}

// view maps degrees to the drawing: equirectangular, true at the middle latitude.
type view struct{ left, top, squeeze, scale, height float64 }

const margin = 4

func fit(areas [][][]point, width float64) view {
	left, right, top, bottom := math.MaxInt, math.MinInt, math.MinInt, math.MaxInt
	for _, rings := range areas {
		for _, ring := range rings {
			for _, p := range ring {
				left, right = min(left, p[0]), max(right, p[0])
				bottom, top = min(bottom, p[1]), max(top, p[1])
			}
		}
	}
	v := view{left: float64(left), top: float64(top), squeeze: math.Cos(float64(top+bottom) / 2 / 1024 * math.Pi / 180)}
	v.scale = (width - 2*margin) / (float64(right-left) / 1024 * v.squeeze)
	v.height = float64(top-bottom)/1024*v.scale + 2*margin
	return v
}

func (v view) at(x, y float64) (float64, float64) {
	return margin + (x-v.left)/1024*v.squeeze*v.scale, margin + (v.top-y)/1024*v.scale
}

func (v view) draw(b *strings.Builder, ring []point) {
	for i, p := range ring {
		x, y := v.at(float64(p[0]), float64(p[1]))
		fmt.Fprintf(b, "%c%g %g", "ML"[min(i, 1)], round(x), round(y))
	}
	b.WriteByte('z')
}

// pole is the point farthest inside the largest ring, found on a grid: where a
// label has most room (after Mapbox's polylabel).
func (v view) pole(rings [][]point) (x, y float64) {
	var ring []point
	for _, r := range rings {
		if len(r) > len(ring) {
			ring = r
		}
	}
	outline := make([][2]float64, len(ring))
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{}
	for i, p := range ring {
		px, py := v.at(float64(p[0]), float64(p[1]))
		outline[i] = [2]float64{px, py}
		low = [2]float64{min(low[0], px), min(low[1], py)}
		high = [2]float64{max(high[0], px), max(high[1], py)}
	}
	deepest := -1.0
	for gx := low[0]; gx <= high[0]; gx++ {
		for gy := low[1]; gy <= high[1]; gy++ {
			if d := depth(outline, gx, gy); d > deepest {
				deepest, x, y = d, gx, gy
			}
		}
	}
	return round(x), round(y)
}

// depth is how far a point lies inside a ring, negative outside.
func depth(ring [][2]float64, x, y float64) float64 {
	inside, near := false, math.Inf(1)
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		if (a[1] > y) != (b[1] > y) && x < (b[0]-a[0])*(y-a[1])/(b[1]-a[1])+a[0] {
			inside = !inside
		}
		near = min(near, segment(x, y, a[0], a[1], b[0], b[1]))
	}
	if !inside {
		return -near
	}
	return near
}

func round(x float64) float64 { return math.Round(x*10) / 10 }

// junctions are the points where borders part: those whose neighbours differ
// between the rings that pass through them. They are always kept.
func junctions(areas [][][]point) map[point]bool {
	type pair [2]point
	first, joints := map[point]pair{}, map[point]bool{}
	for _, rings := range areas {
		for _, ring := range rings {
			for i, p := range ring {
				around := pair{ring[(i+len(ring)-1)%len(ring)], ring[(i+1)%len(ring)]}
				if less(around[1], around[0]) {
					around[0], around[1] = around[1], around[0]
				}
				if seen, ok := first[p]; ok && seen != around {
					joints[p] = true
				}
				first[p] = around
			}
		}
	}
	return joints
}

func less(a, b point) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }

// simplify drops points by Douglas and Peucker between junctions. A stretch is
// always walked from the lesser of its ends, so that both sides of a border drop
// the same points.
func simplify(ring []point, joints map[point]bool, tolerance float64) []point {
	var ends []int
	for i, p := range ring {
		if joints[p] {
			ends = append(ends, i)
		}
	}
	if len(ends) == 0 { // an island: any two far points will do
		ends = []int{0, len(ring) / 2}
	}
	var out []point
	for k, from := range ends {
		to := ends[(k+1)%len(ends)]
		if to <= from {
			to += len(ring)
		}
		stretch := make([]point, 0, to-from+1)
		for i := from; i <= to; i++ {
			stretch = append(stretch, ring[i%len(ring)])
		}
		out = append(out, thin(stretch, tolerance)...)
		out = out[:len(out)-1] // the next stretch begins with it
	}
	return out
}

func thin(line []point, tolerance float64) []point {
	reversed := less(line[len(line)-1], line[0])
	if reversed {
		line = turned(line)
	}
	keep := make([]bool, len(line))
	keep[0], keep[len(line)-1] = true, true
	peucker(line, keep, 0, len(line)-1, tolerance)
	var out []point
	for i, p := range line {
		if keep[i] {
			out = append(out, p)
		}
	}
	if reversed {
		out = turned(out)
	}
	return out
}

func turned(line []point) []point {
	out := make([]point, 0, len(line))
	for i := len(line) - 1; i >= 0; i-- {
		out = append(out, line[i])
	}
	return out
}

func peucker(line []point, keep []bool, from, to int, tolerance float64) {
	far, at := 0.0, -1
	for i := from + 1; i < to; i++ {
		if d := distance(line[i], line[from], line[to]); d > far {
			far, at = d, i
		}
	}
	if at < 0 || far <= tolerance {
		return
	}
	keep[at] = true
	peucker(line, keep, from, at, tolerance)
	peucker(line, keep, at, to, tolerance)
}

// distance is that of p from the segment a–b.
func distance(p, a, b point) float64 {
	return segment(float64(p[0]), float64(p[1]), float64(a[0]), float64(a[1]), float64(b[0]), float64(b[1]))
}

// segment is the distance of a point from a segment.
func segment(x, y, ax, ay, bx, by float64) float64 {
	bx, by, x, y = bx-ax, by-ay, x-ax, y-ay
	t := 0.0
	if l := bx*bx + by*by; l > 0 {
		t = max(0, min(1, (x*bx+y*by)/l))
	}
	return math.Hypot(x-t*bx, y-t*by)
}
