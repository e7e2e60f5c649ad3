package service

import (
	"context"
	"math"
	"sync"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// ChanceState says what there is to be said of a chance.
type ChanceState string

// The states of a chance.
const (
	ChanceKnown   ChanceState = ""        // there is one
	ChanceOld     ChanceState = "old"     // there is one, from before the newest figures; it is being made anew
	ChanceWaiting ChanceState = "waiting" // it is being made for the first time
	ChanceNone    ChanceState = "none"    // the outlook says that there can be none yet: the past is too short
	ChanceNever   ChanceState = "never"   // the indicator is retired
	ChanceUnasked ChanceState = "unasked" // nothing was promised, or nothing of the year's total
	ChanceUnkept  ChanceState = "unkept"  // none was kept by the instant, the year or the boundaries looked at
)

// Chance is how likely a target is met, as kept.
type Chance struct {
	Chance   luoshi.Ratio    `json:"chance"` // in thousandths; undefined where State says so
	Standing OutlookStanding `json:"standing,omitempty"`
	State    ChanceState     `json:"state,omitempty"`
	After    bool            `json:"afterwards,omitempty"` // calculated afterwards
	Why      string          `json:"-"`                    // why the outlook has none: the last word of an outlook.none message
}

// Waits reports whether it is being made.
func (c Chance) Waits() bool { return c.State == ChanceOld || c.State == ChanceWaiting }

// Percent is the chance in whole percent; below 1 and above 99 only where it is
// settled.
func (c Chance) Percent() (percent int, under, over bool) {
	n, d := c.Chance.Num, c.Chance.Den
	switch {
	case n == 0 || n == d:
		return int(100 * n / d), false, false
	case 100*n < d:
		return 1, true, false
	case 100*n > 99*d:
		return 99, false, true
	}
	return int(math.Round(100 * float64(n) / float64(d))), false, false
}

// digestOnce makes a snapshot's digests when they are first asked for; they hold
// for all snapshots of one plan.
type digestOnce struct {
	once sync.Once
	made *digests
}

func (sn *snapshot) digested() *digests {
	if sn.digest == nil {
		return sn.outlookDigests()
	}
	sn.digest.once.Do(func() { sn.digest.made = sn.outlookDigests() })
	return sn.digest.made
}

// chances reads the kept chances of some indicators at some nodes, in their order.
func (s *Service) chances(ctx context.Context, sn *snapshot, list []luoshi.Indicator, nodes []int) ([][]Chance, error) {
	now := sn.ownBoundaries() && sn.asOf.Equal(s.settle(Look{}).AsOf)
	var marks map[store.IndicatorYear]store.OutlookMark
	if now {
		var err error
		if marks, err = s.store.OutlookMarks(ctx); err != nil {
			return nil, err
		}
		now = sn.year == sn.plan.yearAt(luoshi.DateOf(sn.asOf))
	}
	out := make([][]Chance, len(list))
	for i, in := range list {
		out[i] = make([]Chance, len(nodes))
		asked := make([]int, 0, len(nodes))
		for k, node := range nodes {
			switch t := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]; {
			case t == nil:
				out[i][k].State = ChanceUnasked
			case !foreseeable(in):
				out[i][k].State = ChanceNever
			default:
				asked = append(asked, node)
			}
		}
		if len(asked) == 0 {
			continue
		}
		kept, err := s.shown(ctx, sn, in.Code, asked)
		if err != nil {
			return nil, err
		}
		fresh := now && marks[store.IndicatorYear{Indicator: in.Code, Year: sn.year}].Seen == sn.outlookSeen(sn.digested(), in.Code)
		for k, node := range nodes {
			if c := &out[i][k]; c.State == ChanceKnown {
				o, have := kept[node]
				*c = chanceOfKept(o, have, now, fresh)
			}
		}
	}
	return out, nil
}

// chanceOfKept is what an outlook that was kept, or was not, says of a chance.
func chanceOfKept(o OutlookShown, have, now, fresh bool) Chance {
	switch {
	case !have && now:
		return Chance{State: ChanceWaiting}
	case !have:
		return Chance{State: ChanceUnkept}
	case o.Chance.OK():
		c := Chance{Chance: o.Chance, Standing: o.Standing, After: o.After}
		if now && !fresh {
			c.State = ChanceOld
		}
		return c
	case now && !fresh:
		return Chance{State: ChanceWaiting}
	case o.why != "":
		return Chance{State: ChanceNone, Why: o.why}
	}
	return Chance{State: ChanceUnasked}
}
