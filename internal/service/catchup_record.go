package service

import (
	"encoding/json"

	"luoshi.dev"
	"luoshi.dev/internal/office"
)

// catchUp notes what a plan for the rest of a year comes to, before and now.
func (c *contrast) catchUp(mark luoshi.CatchUp) {
	object := catchUpObject(mark, c.codes.codeOf(mark.Unit, lastDay))
	var list []office.Difference
	was, is := planFields(c.inForce(mark)), planFields(mark)
	for _, field := range []string{"total", "from"} {
		if was[field] != is[field] {
			list = append(list, office.Difference{Field: field, Old: was[field], New: is[field]})
		}
	}
	c.put(object, len(was) == 0, list)
}

// inForce is the plan that another one takes the place of.
func (c *contrast) inForce(mark luoshi.CatchUp) (last luoshi.CatchUp) {
	for _, old := range c.before.catchUps {
		if old.Indicator == mark.Indicator && old.Unit == mark.Unit && old.Year == mark.Year {
			last = old
		}
	}
	return last
}

// planFields are what the history says of a plan; of none nothing.
func planFields(mark luoshi.CatchUp) map[string]string {
	var doc catchUpDocument
	if mark.Plan == "" || json.Unmarshal([]byte(mark.Plan), &doc) != nil {
		return nil
	}
	return map[string]string{"total": asText(luoshi.Unscaled(doc.Total, doc.Decimals)), "from": doc.From.String()}
}

// capacity notes what a unit has stated that it can bring in a period at most.
func (c *contrast) capacity(said luoshi.Capacity) {
	object := capacityObject(said.Indicator, c.codes.codeOf(said.Unit, lastDay), said.Year)
	var was luoshi.Capacity
	for _, old := range c.before.capacities {
		if old.Indicator == said.Indicator && old.Unit == said.Unit && old.Year == said.Year && old.Month == said.Month {
			was = old
		}
	}
	c.put(object, false, []office.Difference{{Field: capacityField(said.Month), Old: was.Most, New: said.Most}})
}

// capacityObject is how events name what a unit can bring of an indicator in a year.
func capacityObject(indicator, unit string, year int) string {
	return "capacity " + indicator + " " + unit + " " + luoshi.YearOf(year).String()
}
