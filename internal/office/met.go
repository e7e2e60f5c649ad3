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
	row    uint32
	col    uint16
	source uint16
}

// met remembers the addresses of a reading: the addresses one behind the other, in
// pieces that never move, and a table of open addressing that finds them. A new
// figure, as nearly all are, touches 8 bytes of the table and the end of the last
// piece, where a map would have to be asked and then told.
type met struct {
	slots []uint64 // as many as a power of two: half of the hash, and the count of the address, from one
	list  [][]metAddress
	count int
	seed  uint64 // so that no file can be made to collide
}

type metAddress struct {
	address
	seen
}

const metPiece = 4096

// meet returns what was first met at an address, or keeps what is met now.
func (m *met) meet(a address, now seen) (seen, bool) {
	if 4*m.count >= 3*len(m.slots) {
		m.grow()
	}
	half := uint32(a.hash(m.seed))
	mask := uint32(len(m.slots) - 1)
	at := half & mask
	for ; m.slots[at] != 0; at = (at + 1) & mask {
		if uint32(m.slots[at]>>32) != half {
			continue
		}
		i := int(uint32(m.slots[at])) - 1
		if first := &m.list[i/metPiece][i%metPiece]; first.address == a {
			return first.seen, true
		}
	}
	if m.count%metPiece == 0 {
		m.list = append(m.list, make([]metAddress, 0, min(metPiece, 64+m.count)))
	}
	last := &m.list[len(m.list)-1]
	*last = append(*last, metAddress{a, now})
	m.count++
	m.slots[at] = uint64(half)<<32 | uint64(m.count)
	return seen{}, false
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
	m.slots = make([]uint64, max(64, 2*len(old)))
	mask := uint32(len(m.slots) - 1)
	for _, slot := range old {
		if slot == 0 {
			continue
		}
		at := uint32(slot>>32) & mask
		for m.slots[at] != 0 {
			at = (at + 1) & mask
		}
		m.slots[at] = slot
	}
}
