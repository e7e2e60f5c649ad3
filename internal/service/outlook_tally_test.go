package service

import (
	"testing"

	"luoshi.dev"
)

// Two chances in three are likely, one in three is unlikely; what has no chance is
// not counted among them.
func TestOutlookTally(t *testing.T) {
	var tally OutlookTally
	for _, thousandths := range []int64{1000, 667, 666, 334, 333, 0} {
		tally.add(OutlookRow{OutlookNumbers: OutlookNumbers{Chance: luoshi.Over(thousandths, 1000), Standing: OutlookOpen}})
	}
	tally.add(OutlookRow{OutlookNumbers: OutlookNumbers{Chance: luoshi.Over(1, 1), Standing: OutlookMet}})
	tally.add(OutlookRow{})
	tally.add(OutlookRow{OutlookNumbers: OutlookNumbers{Why: luoshi.Say("outlook.none.kind")}})
	if want := (OutlookTally{Likely: 3, Even: 2, Unlikely: 2, Settled: 1, Open: 1, None: 1}); tally != want {
		t.Errorf("got %+v, want %+v", tally, want)
	}
	for _, c := range []struct {
		tally OutlookTally
		key   string
	}{
		{OutlookTally{Open: 2, None: 1}, "outlook.tally.none"},
		{OutlookTally{Likely: 3, None: 1}, "outlook.tally.likely"},
		{OutlookTally{Likely: 3, Settled: 2}, "outlook.tally.likely"},
		{OutlookTally{Likely: 3, Unlikely: 1, Settled: 4}, "outlook.tally.settled"},
		{OutlookTally{Likely: 3, Even: 1}, "outlook.tally.even"},
		{OutlookTally{Likely: 3, Unlikely: 1}, "outlook.tally.unlikely"},
		{OutlookTally{Even: 1, Unlikely: 1}, "outlook.tally"},
	} {
		if says := c.tally.Says(); says.Key != c.key {
			t.Errorf("%+v says %s, want %s", c.tally, says.Key, c.key)
		}
	}
}
