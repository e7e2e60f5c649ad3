package rollup

import "slices"

// Inputs lists the codes of the indicators from which a value of this one is
// computed, in the order of its rule: of a formula its variables, of a ratio
// numerator and denominator, of a weighted mean the weight. Empty where it is
// reported or summed.
func (c *Cube) Inputs(code string) []string {
	e := c.byCode[code]
	if e == nil {
		return nil
	}
	var list []string
	add := func(x *entry) {
		if x != nil && !slices.Contains(list, x.in.Code) {
			list = append(list, x.in.Code)
		}
	}
	switch e.rule {
	case byFormula:
		for _, v := range e.vars {
			add(v)
		}
	case byRatio:
		add(e.num)
		add(e.den)
	case byWeight:
		add(e.weight)
	}
	return list
}

// Needs lists an indicator with all that its values rest on, itself first.
func (c *Cube) Needs(code string) []string {
	list := []string{code}
	for i := 0; i < len(list); i++ {
		for _, in := range c.Inputs(list[i]) {
			if !slices.Contains(list, in) {
				list = append(list, in)
			}
		}
	}
	return list
}
