package rollup

import (
	"maps"
	"reflect"
)

// Fork returns a cube that begins with the figures of this one and goes its own
// way from there: a Load into either leaves the other as it is. It copies no
// figures. A Put changes a year in place, which both would see: use Load on cubes
// that have been forked.
func (c *Cube) Fork() *Cube {
	c.mu.RLock()
	defer c.mu.RUnlock()
	f := &Cube{tree: c.tree, families: c.families, unranked: c.unranked, byCode: make(map[string]*entry, len(c.byCode))}
	twin := make(map[*entry]*entry, len(c.entries))
	for _, e := range c.entries {
		own := *e
		own.blocks, own.byCode = maps.Clone(e.blocks), f.byCode
		twin[e] = &own
		f.entries = append(f.entries, &own)
		f.byCode[e.in.Code] = &own
	}
	for _, e := range f.entries {
		e.num, e.den, e.weight = twin[e.num], twin[e.den], twin[e.weight]
		vars := make([]*entry, len(e.vars))
		for i, v := range e.vars {
			vars[i] = twin[v]
		}
		e.vars = vars
	}
	return f
}

// Share gives the cube another's year of an indicator as it is, without copying it. It
// is false, and nothing is done, where the other has none, stands on another tree, or
// has other rules for the indicator. As after a [Cube.Fork], use Load, not Put.
func (c *Cube) Share(from *Cube, code string, year int) bool {
	e, lent := c.byCode[code], from.byCode[code]
	if c.tree != from.tree || e == nil || lent == nil || e.rule != lent.rule || !reflect.DeepEqual(e.in, lent.in) {
		return false
	}
	from.mu.RLock()
	b := lent.blocks[year]
	from.mu.RUnlock()
	if b == nil {
		return false
	}
	c.mu.Lock()
	e.blocks[year] = b
	c.mu.Unlock()
	return true
}

// Only is a fork that has but the years of indicators for which keep is true.
func (c *Cube) Only(keep func(code string, year int) bool) *Cube {
	f := c.Fork()
	for _, e := range f.entries {
		maps.DeleteFunc(e.blocks, func(year int, _ *block) bool { return !keep(e.in.Code, year) })
	}
	return f
}
