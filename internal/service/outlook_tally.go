package service

import "luoshi.dev"

// OutlookTally counts outlooks by how likely their target is to be met. The words
// are those of the Intergovernmental Panel on Climate Change (Mastrandrea et al.
// 2010): likely from two thirds on, unlikely up to one third.
type OutlookTally struct {
	Likely   int `json:"likely"`
	Even     int `json:"even"` // about as likely as not
	Unlikely int `json:"unlikely"`
	Settled  int `json:"settled"` // of these, where nothing can change any more
	Open     int `json:"open"`    // an outlook, but no chance
	None     int `json:"none"`    // no outlook
}

func (t *OutlookTally) add(r OutlookRow) {
	if r.Why.Key == "" && r.Chance.OK() && r.Standing != OutlookOpen {
		t.Settled++
	}
	switch {
	case r.Why.Key != "":
		t.None++
	case !r.Chance.OK():
		t.Open++
	case r.Chance.Cmp(luoshi.Over(2, 3)) >= 0:
		t.Likely++
	case r.Chance.Cmp(luoshi.Over(1, 3)) > 0:
		t.Even++
	default:
		t.Unlikely++
	}
}

// Judged counts those with a chance.
func (t OutlookTally) Judged() int { return t.Likely + t.Even + t.Unlikely }

// Says is the tally in a sentence.
func (t OutlookTally) Says() luoshi.Message {
	key := "outlook.tally"
	switch judged := t.Judged(); {
	case judged == 0:
		key = "outlook.tally.none"
	case t.Settled == judged:
		key = "outlook.tally.settled"
	case t.Likely == judged:
		key = "outlook.tally.likely"
	case t.Unlikely == 0:
		key = "outlook.tally.even"
	case t.Even == 0:
		key = "outlook.tally.unlikely"
	}
	return luoshi.Say(key, "judged", t.Judged(), "likely", t.Likely, "even", t.Even, "unlikely", t.Unlikely)
}
