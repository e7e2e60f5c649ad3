package office

import "math/rand/v2"

// address is where a figure belongs. Another status or day of publication is
// another vintage, not the same figure twice.
type address struct {
	indicator, unit uint32
	period          uint32
	published       int32
	basis, status   uint8
	own             bool
}

// seen is where an address was first met, and what it said.
type seen struct {
	sum    uint64
	row    uint32 // from one
	col    uint16
	source uint16
}

// met remembers the addresses of a reading. It is a table of open addressing: every
// figure asks it once, and a map would have to be asked and then told.
type met struct {
	slots []metSlot // as many as a power of two; row 0 is free
	count int
	seed  uint64 // so that no file can be made to collide
}

type metSlot struct {
	address
	seen
}

// meet returns what was first met at an address, or keeps what is met now.
func (m *met) meet(a address, now seen) (seen, bool) {
	if 4*m.count >= 3*len(m.slots) {
		m.grow()
	}
	slot := m.find(a)
	if slot.row != 0 {
		return slot.seen, true
	}
	slot.address, slot.seen = a, now
	m.count++
	return seen{}, false
}

// find returns the slot of an address, or the free one where it belongs.
func (m *met) find(a address) *metSlot {
	mask := uint64(len(m.slots) - 1)
	for at := a.hash(m.seed) & mask; ; at = (at + 1) & mask {
		if slot := &m.slots[at]; slot.row == 0 || slot.address == a {
			return slot
		}
	}
}

// hash mixes an address by multiplications and shifts, as Stafford's variant of
// MurmurHash3's last step.
func (a address) hash(seed uint64) uint64 {
	own := uint64(0)
	if a.own {
		own = 1
	}
	h := mix(seed ^ (uint64(a.indicator)<<32 | uint64(a.unit)))
	h = mix(h ^ (uint64(a.period)<<32 | uint64(uint32(a.published))))
	return mix(h ^ (uint64(a.basis)<<16 | uint64(a.status)<<8 | own))
}

func mix(v uint64) uint64 {
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}

func (m *met) grow() {
	old := m.slots
	if len(old) == 0 {
		m.seed = rand.Uint64()
	}
	m.slots = make([]metSlot, max(64, 2*len(old)))
	for i := range old {
		if old[i].row != 0 {
			*m.find(old[i].address) = old[i]
		}
	}
}
