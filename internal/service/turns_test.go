package service

import (
	"math/rand/v2"
	"slices"
	"testing"

	"luoshi.dev"
)

var lights = []luoshi.Light{luoshi.NotJudged, luoshi.Green, luoshi.Yellow, luoshi.Red}

func TestWayOf(t *testing.T) {
	for _, c := range []struct {
		before, now luoshi.Light
		want        Way
	}{
		{luoshi.Green, luoshi.Green, Steady}, {luoshi.NotJudged, luoshi.NotJudged, Steady},
		{luoshi.Green, luoshi.Yellow, Worse}, {luoshi.Green, luoshi.Red, Worse}, {luoshi.Yellow, luoshi.Red, Worse},
		{luoshi.Red, luoshi.Yellow, Better}, {luoshi.Red, luoshi.Green, Better}, {luoshi.Yellow, luoshi.Green, Better},
		{luoshi.NotJudged, luoshi.Red, First}, {luoshi.NotJudged, luoshi.Green, First},
		{luoshi.Green, luoshi.NotJudged, Lost}, {luoshi.Red, luoshi.NotJudged, Lost},
	} {
		if got := WayOf(c.before, c.now); got != c.want {
			t.Errorf("%v to %v is %q, want %q", c.before, c.now, got, c.want)
		}
	}
	for _, a := range lights { // time turned round turns every way round
		for _, b := range lights {
			back := map[Way]Way{Steady: Steady, Worse: Better, Better: Worse, First: Lost, Lost: First}[WayOf(a, b)]
			if WayOf(b, a) != back {
				t.Errorf("%v to %v and back: %q and %q", a, b, WayOf(a, b), WayOf(b, a))
			}
		}
	}
}

// Whatever turned: every turn is counted once, the list is in order of gravity, no
// longer than what is shown, and holds no green that was not judged before.
func TestGather(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test's dice
	random := func(n int) (list []Turn) {
		for range n {
			turn := Turn{Before: lights[r.IntN(4)], Judgement: luoshi.Judgement{Light: lights[r.IntN(4)]}}
			if turn.Way = WayOf(turn.Before, turn.Judgement.Light); turn.Way != Steady {
				list = append(list, turn)
			}
		}
		return list
	}
	for range 200 {
		goals, below := random(r.IntN(12)), random(r.IntN(40))
		kept := slices.Clone(below)
		got := gather(20200630, goals, below)
		if got.GoalCounts.Total() != len(goals) || got.Counts.Total() != len(below) {
			t.Fatalf("%+v of %d and %d turns", got, len(goals), len(below))
		}
		if got.None() != (len(goals)+len(below) == 0) || len(got.Below) > TurnsShown {
			t.Fatalf("none %v, %d shown", got.None(), len(got.Below))
		}
		for _, list := range [][]Turn{got.Goals, got.Below} {
			if !slices.IsSortedFunc(list, compareTurns) {
				t.Fatalf("out of order: %v", list)
			}
			for _, turn := range list {
				if turn.Way == First && turn.Judgement.Light == luoshi.Green {
					t.Fatal("a first green is shown as news")
				}
			}
		}
		if len(got.Below) > 0 && slices.ContainsFunc(below, func(turn Turn) bool { return turn.gravity() < got.Below[0].gravity() }) {
			t.Fatalf("the gravest is not first: %v", got.Below[0])
		}
		if !slices.EqualFunc(kept, below, func(a, b Turn) bool { return a.Before == b.Before && a.Way == b.Way }) {
			t.Fatal("the caller's list was reordered")
		}
	}
}
