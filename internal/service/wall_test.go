package service

import (
	"math/rand/v2"
	"slices"
	"testing"

	"luoshi.dev"
)

// The worst first: whatever the lights, what is cut is never worse than what is
// shown, and every light is counted.
func TestWallCut(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // a test's dice
	presences := []luoshi.Presence{luoshi.NotDue, luoshi.Due, luoshi.Late, luoshi.Absent}
	for range 300 {
		w := &Wall{}
		for range r.IntN(40) {
			j := luoshi.Judgement{Light: lights[r.IntN(4)], Presence: luoshi.Present}
			if j.Light == luoshi.NotJudged {
				j.Presence = presences[r.IntN(4)]
			}
			if r.IntN(3) > 0 {
				j.Ahead = luoshi.Over(int64(r.IntN(2000)-1000), 1000)
			}
			w.Lines = append(w.Lines, WallLine{Judgement: j})
		}
		all := slices.Clone(w.Lines)
		w.cut()
		if w.Total != len(all) || len(w.Lines) != min(WallShown, len(all)) {
			t.Fatalf("%d of %d lines, total %d", len(w.Lines), len(all), w.Total)
		}
		if c := w.Counts; c.Green+c.Yellow+c.Red+c.NotJudged != len(all) {
			t.Fatalf("%+v of %d", c, len(all))
		}
		if !slices.IsSortedFunc(w.Lines, compareLines) {
			t.Fatal("out of order")
		}
		if len(w.Lines) == 0 {
			continue
		}
		last := w.Lines[len(w.Lines)-1]
		better := 0
		for _, line := range all {
			if compareLines(line, last) < 0 {
				better++
			}
		}
		if better >= len(w.Lines) {
			t.Fatalf("%d lines are worse than the last one shown", better)
		}
	}
}

func TestWallWeight(t *testing.T) {
	line := func(l luoshi.Light, p luoshi.Presence, ahead int64) WallLine {
		return WallLine{Judgement: luoshi.Judgement{Light: l, Presence: p, Ahead: luoshi.Over(ahead, 100)}}
	}
	want := []WallLine{
		line(luoshi.Red, luoshi.Present, -40), line(luoshi.Red, luoshi.Present, -12), line(luoshi.Yellow, luoshi.Present, -3),
		line(luoshi.NotJudged, luoshi.Absent, 0), line(luoshi.Green, luoshi.Present, 1), line(luoshi.Green, luoshi.Present, 9), line(luoshi.NotJudged, luoshi.NotDue, 0),
	}
	for i := range want[1:] {
		if compareLines(want[i], want[i+1]) >= 0 {
			t.Errorf("row %d does not come before row %d", i, i+1)
		}
	}
}
