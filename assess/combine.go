package assess

import (
	"math/big"
	"slices"

	"luoshi.dev"
)

// Part is one thing below a goal: a target or a goal of its own, judged.
type Part struct {
	Names     luoshi.Names
	Judgement luoshi.Judgement
	Weight    luoshi.Quantity // for Weighted; where no part has one, all count the same
	Guard     bool            // cannot lift the goal, but keeps it from being green while red
}

// Combine makes the light of a goal from the lights of its parts.
//
//	all_of        green if every part is, red if every part is, else yellow
//	weakest_link  the worst part
//	weighted      S = (green + yellow/2) / all by weight: green from 80%, red below 50%
//
// A part that is not judged is neither green nor red. It can keep a goal from
// being green, because nobody knows yet, but makes it neither yellow nor red:
// where all that is judged would be green and the rest could still undo it, the
// goal is not judged. A red guard turns a green or undecided goal yellow. Parts
// that are not asked for (NotAsked) do not count at all. The order of the parts
// is of no consequence.
func Combine(g luoshi.Goal, parts []Part) luoshi.Judgement {
	t := gather(g.Combine, parts)
	j := luoshi.Judgement{Presence: luoshi.Present, Period: t.period, Proof: t.proof}
	j.Light = t.combine(g.Combine)
	if t.guards[luoshi.Red] > 0 && (j.Light == luoshi.Green || j.Light == luoshi.NotJudged) {
		j.Light = luoshi.Yellow
	}
	if t.judged() == 0 && t.guards[luoshi.Red] == 0 {
		j.Presence = luoshi.Absent
	}
	j.Says = t.says(g, j.Light)
	return j
}

// tally counts parts and guards by light.
type tally struct {
	lights, guards [4]int
	weights        [4]*big.Int
	low            []luoshi.Names // parts that are yellow or red, worst first
	period         luoshi.Period
	proof          luoshi.Proof
}

func gather(how luoshi.Combine, parts []Part) tally {
	var t tally
	if how == luoshi.Weighted {
		t.weights = weigh(parts)
	}
	for _, p := range parts {
		if notAsked(p) {
			continue
		}
		t.gatherProof(p.Judgement)
		if p.Guard {
			t.guards[p.Judgement.Light]++
		} else {
			t.lights[p.Judgement.Light]++
		}
	}
	for _, light := range []luoshi.Light{luoshi.Red, luoshi.Yellow} {
		for _, p := range parts {
			if !p.Guard && p.Judgement.Light == light && p.Names.Hans != "" {
				t.low = append(t.low, p.Names)
			}
		}
	}
	t.proof.Complete = luoshi.Coverage{Have: t.judged(), Want: t.judged() + t.lights[luoshi.NotJudged]}
	return t
}

func notAsked(p Part) bool {
	return p.Judgement.Presence == luoshi.NotAsked && p.Judgement.Light == luoshi.NotJudged
}

// weigh sums the weights by light, as whole numbers of one scale; where no part
// has a weight, all weigh the same.
func weigh(parts []Part) (weights [4]*big.Int) {
	scale, weighed := 0, false
	for _, p := range parts {
		scale = max(scale, p.Weight.Scale())
		weighed = weighed || p.Weight.Sign() > 0 && !p.Guard && !notAsked(p)
	}
	for i := range weights {
		weights[i] = new(big.Int)
	}
	for _, p := range parts {
		if p.Guard || notAsked(p) || weighed && p.Weight.Sign() <= 0 {
			continue
		}
		weight := big.NewInt(1)
		if weighed {
			weight.SetUint64(p.Weight.Coef())
			weight.Mul(weight, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale-p.Weight.Scale())), nil))
		}
		of := weights[p.Judgement.Light]
		of.Add(of, weight)
	}
	return weights
}

// gatherProof keeps what holds of the whole: sample if any is, the least settled
// status, the newest period.
func (t *tally) gatherProof(j luoshi.Judgement) {
	t.proof.Sample = t.proof.Sample || j.Proof.Sample
	if j.Proof.Boundaries > t.proof.Boundaries {
		t.proof.Boundaries = j.Proof.Boundaries
	}
	if j.Light == luoshi.NotJudged {
		return
	}
	old, is := slices.Index(luoshi.Statuses, t.proof.Status), slices.Index(luoshi.Statuses, j.Proof.Status)
	if is >= 0 && (old < 0 || is < old) {
		t.proof.Status = j.Proof.Status
	}
	if p := j.Period; p.Year > t.period.Year || p.Year == t.period.Year && (p.To > t.period.To || p.To == t.period.To && p.From < t.period.From) {
		t.period = p
	}
}

func (t *tally) judged() int {
	return t.lights[luoshi.Green] + t.lights[luoshi.Yellow] + t.lights[luoshi.Red]
}

func (t *tally) combine(how luoshi.Combine) luoshi.Light {
	green, yellow, red, open := t.lights[luoshi.Green], t.lights[luoshi.Yellow], t.lights[luoshi.Red], t.lights[luoshi.NotJudged]
	if t.judged() == 0 {
		return luoshi.NotJudged
	}
	if how == luoshi.Weighted {
		return t.byWeight()
	}
	switch {
	case yellow+red == 0 && open > 0:
		return luoshi.NotJudged
	case yellow+red == 0:
		return luoshi.Green
	case how == luoshi.WeakestLink && red > 0, red > 0 && green+yellow+open == 0:
		return luoshi.Red
	}
	return luoshi.Yellow
}

// byWeight compares S = (G + Y/2) / W with 80% and 50%. Green must hold even if all
// that is not judged yet turned out red; below that the judged parts decide.
func (t *tally) byWeight() luoshi.Light {
	points := new(big.Int).Lsh(t.weights[luoshi.Green], 1)
	points.Add(points, t.weights[luoshi.Yellow]) // 2G + Y
	judged := new(big.Int).Add(t.weights[luoshi.Green], t.weights[luoshi.Yellow])
	judged.Add(judged, t.weights[luoshi.Red])
	all := new(big.Int).Add(judged, t.weights[luoshi.NotJudged])
	atLeast := func(percent int64, of *big.Int) bool { // 100(2G + Y) ≥ 2·percent·W
		left := new(big.Int).Mul(points, big.NewInt(100))
		return left.Cmp(new(big.Int).Mul(of, big.NewInt(2*percent))) >= 0
	}
	switch {
	case judged.Sign() == 0:
		return luoshi.NotJudged
	case atLeast(80, all):
		return luoshi.Green
	case atLeast(80, judged):
		return luoshi.NotJudged
	case atLeast(50, judged):
		return luoshi.Yellow
	}
	return luoshi.Red
}

// says is "13个分目标：8正常、3预警、1滞后、1未判；护栏为红，总灯不得为绿".
func (t *tally) says(g luoshi.Goal, light luoshi.Light) luoshi.Message {
	n := t.judged() + t.lights[luoshi.NotJudged]
	var m luoshi.Message
	switch n {
	case 0:
		m = luoshi.Say("goal.empty")
	case 1:
		m = luoshi.Say("goal.part", "tally", count(t.lights))
	default:
		m = luoshi.Say("goal.parts", "n", n, "tally", count(t.lights))
	}
	if light == luoshi.NotJudged && t.judged() > 0 {
		m = luoshi.Say("goal.open", "says", m, "n", t.lights[luoshi.NotJudged])
	}
	if g.Combine != luoshi.Weighted && len(t.low) > 0 && len(t.low) <= 3 && n > len(t.low) {
		m = luoshi.Say("goal.low", "says", m, "parts", list(t.low))
	}
	switch guards := t.guards; {
	case guards[luoshi.Red] == 1:
		m = luoshi.Say("goal.guard_one_red", "says", m)
	case guards[luoshi.Red] > 1:
		m = luoshi.Say("goal.guard_red", "says", m, "n", guards[luoshi.Red])
	case guards[luoshi.NotJudged] > 0:
		m = luoshi.Say("goal.guard_open", "says", m, "n", guards[luoshi.NotJudged])
	}
	return m
}

// count writes the lights that occur, from good to bad.
func count(lights [4]int) luoshi.Message {
	var m luoshi.Message
	for _, l := range []luoshi.Light{luoshi.Green, luoshi.Yellow, luoshi.Red, luoshi.NotJudged} {
		if lights[l] == 0 {
			continue
		}
		one := luoshi.Say("goal.count."+l.String(), "n", lights[l])
		if m.Key == "" {
			m = one
		} else {
			m = luoshi.Say("goal.join", "one", m, "other", one)
		}
	}
	return m
}

func list(names []luoshi.Names) any {
	var m any = names[0]
	for _, n := range names[1:] {
		m = luoshi.Say("goal.join", "one", m, "other", n)
	}
	return m
}
