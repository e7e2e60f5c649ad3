package web

import (
	"math"
	"strconv"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// readNote is a way to read the outlook, in plain words.
type readNote struct{ Name, Text string }

// readings say how a chance and an interval are to be read.
func (p *page) readings(v *service.OutlookView) []readNote {
	var list []readNote
	note := func(key string, pairs ...any) {
		list = append(list, readNote{p.W("outlook.read." + key + ".name"), p.W("outlook.read."+key, pairs...)})
	}
	tenths := 0
	if v.Chance.OK() {
		tenths = int(math.Round(10 * float64(v.Chance.Num) / float64(v.Chance.Den)))
	}
	switch {
	case !v.Chance.OK():
		key := "outlook.read.untargeted"
		if v.Promise.Key != "" {
			key = "outlook.read.unjudged"
		}
		list = append(list, readNote{p.W("outlook.read.chance.name"), p.W(key)})
	case v.Standing != service.OutlookOpen:
		list = append(list, readNote{p.W("outlook.read.chance.name"), p.W("outlook.read." + string(v.Standing))})
	default:
		key := often(v.Chance, tenths)
		text := p.W("outlook.read."+key, "times", luoshi.Say("outlook.tenths."+strconv.Itoa(tenths)), "others", luoshi.Say("outlook.tenths."+strconv.Itoa(10-tenths)))
		list = append(list, readNote{p.W("outlook.read.chance.name"), text})
		note("not", "chance", p.chance(v))
	}
	if len(v.Steps) > 0 || v.Worked != nil && v.Standing != service.OutlookClosed {
		note("interval", "low", v.Low80, "high", v.High80, "unit", p.unitAfter(v.Indicator.Measure))
		note("blind")
	}
	note("then")
	return list
}

// often names the words for a chance: out of ten, or near the ends out of twenty,
// fifty or a hundred.
func often(chance luoshi.Ratio, tenths int) string {
	for _, one := range []struct {
		key      string
		thousand int64
	}{{"hopeless", 10}, {"rare", 30}, {"few", 75}, {"", 925}, {"most", 970}, {"nearly", 990}} {
		if chance.Cmp(luoshi.Over(one.thousand, 1000)) < 0 {
			switch {
			case one.key != "":
				return one.key
			case tenths == 5:
				return "half"
			}
			return "some"
		}
	}
	return "sure"
}
