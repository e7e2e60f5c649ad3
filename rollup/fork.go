package rollup

import "maps"

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
