package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"luoshi.dev"
)

// The packed row, version 1: the figures of one indicator, year and unit.
//
//	version  1 byte, = 1
//	scale    1 byte: decimals of the values
//	cells, ascending by place:
//	  place   1 byte: bits 0–5 scope·24 + basis·12 + month−1, bit 6 a value follows, bit 7 a growth follows
//	  state   1 byte: bits 0–2 status, bit 3 sample
//	  value   zigzag varint
//	  growth  zigzag varint
//	  seq     zigzag varint, less the seq of the cell before
const (
	packVersion = 1
	placeMask   = 0x3f
	hasValue    = 0x40
	hasGrowth   = 0x80
	statusMask  = 0x07
	sampleBit   = 0x08
	places      = 48
)

// statusOf turns the stored number of a status into the status.
var statusOf = [...]luoshi.Status{"", luoshi.Flash, luoshi.Preliminary, luoshi.Final, luoshi.Revised}

func statusNumber(s luoshi.Status) (int, bool) {
	i := slices.Index(statusOf[:], s)
	return i, i >= 0
}

// cellAt returns the cell at a place; nil where the strip has no own lanes.
func cellAt(s *luoshi.Strip, place int) *luoshi.Cell {
	lanes := &s.Whole
	if place >= 24 {
		lanes = s.Own
	}
	if lanes == nil {
		return nil
	}
	if place%24 < 12 {
		return &lanes.Single[place%12]
	}
	return &lanes.Cumulative[place%12]
}

// put sets the cell at a place, making the own lanes when they are first needed
// and dropping them when they become empty.
func put(s *luoshi.Strip, place int, c luoshi.Cell) {
	if place >= 24 && s.Own == nil {
		if c.Empty() {
			return
		}
		own := luoshi.NewLanes()
		s.Own = &own
	}
	*cellAt(s, place) = c
	if place >= 24 && c.Empty() && *s.Own == luoshi.NewLanes() {
		s.Own = nil
	}
}

// bare reports whether the strip has no figure at all.
func bare(s *luoshi.Strip) bool { return s.Own == nil && s.Whole == luoshi.NewLanes() }

// pack writes the strip, whose values have `scale` decimals, onto b.
func pack(b []byte, s *luoshi.Strip, scale int) ([]byte, error) {
	b = append(b, packVersion, byte(scale))
	var before int64
	for place := range places {
		c := cellAt(s, place)
		if c == nil || c.Empty() {
			continue
		}
		status, ok := statusNumber(c.Status)
		if !ok {
			return nil, fmt.Errorf("pack: status %q", c.Status)
		}
		head, state := byte(place), byte(status)
		if c.Value != luoshi.Missing {
			head |= hasValue
		}
		if c.Growth != luoshi.MissingGrowth {
			head |= hasGrowth
		}
		if c.Sample {
			state |= sampleBit
		}
		b = append(b, head, state)
		if head&hasValue != 0 {
			b = binary.AppendVarint(b, c.Value)
		}
		if head&hasGrowth != 0 {
			b = binary.AppendVarint(b, int64(c.Growth))
		}
		b = binary.AppendVarint(b, c.Seq-before)
		before = c.Seq
	}
	return b, nil
}

// varint is [binary.Varint], quicker for a number of one byte.
func varint(b []byte) (int64, int) {
	if len(b) > 0 && b[0] < 0x80 {
		return int64(b[0]>>1) ^ -int64(b[0]&1), 1
	}
	return binary.Varint(b)
}

var errPacked = errors.New("packed row is damaged")

// powers are the factors between two numbers of decimals.
var powers = [...]int64{1, 10, 100, 1000, 10000, 100000, 1000000}

// unpack reads b into the empty strip s, values at `decimals`, and returns how
// many figures there are. Bytes that pack would not have written give an error,
// never a panic or a wrong cell.
func unpack(b []byte, s *luoshi.Strip, decimals int) (cells int, err error) {
	if len(b) < 2 || b[0] != packVersion {
		return 0, fmt.Errorf("%w: unknown version", errPacked)
	}
	if int(b[1]) > decimals || decimals > luoshi.MaxDecimals {
		return 0, fmt.Errorf("%w: %d decimals in place of %d", errPacked, b[1], decimals)
	}
	factor := powers[decimals-int(b[1])]
	b = b[2:]
	last, seq, lanes := -1, int64(0), &s.Whole
	for len(b) > 0 {
		if len(b) < 2 {
			return 0, fmt.Errorf("%w: cut off", errPacked)
		}
		head, state := b[0], b[1]
		place := int(head & placeMask)
		if place <= last || place >= places || head&(hasValue|hasGrowth) == 0 || state&^(statusMask|sampleBit) != 0 || int(state&statusMask) >= len(statusOf) {
			return 0, fmt.Errorf("%w: cell %#x %#x", errPacked, head, state)
		}
		last = place
		b = b[2:]
		c := luoshi.Cell{Value: luoshi.Missing, Growth: luoshi.MissingGrowth, Status: statusOf[state&statusMask], Sample: state&sampleBit != 0}
		n := 0
		if head&hasValue != 0 {
			v, used := varint(b)
			if used <= 0 || v > math.MaxInt64/factor || v < -math.MaxInt64/factor {
				return 0, fmt.Errorf("%w: value", errPacked)
			}
			c.Value, n = v*factor, used
		}
		if head&hasGrowth != 0 {
			v, used := varint(b[n:])
			if used <= 0 || v > math.MaxInt32 || v <= math.MinInt32 {
				return 0, fmt.Errorf("%w: growth", errPacked)
			}
			c.Growth, n = int32(v), n+used
		}
		step, used := varint(b[n:])
		if used <= 0 {
			return 0, fmt.Errorf("%w: seq", errPacked)
		}
		seq += step
		c.Seq = seq
		b = b[n+used:]
		if place >= 24 && s.Own == nil {
			own := luoshi.NewLanes()
			s.Own, lanes = &own, &own
		}
		if place%24 < 12 {
			lanes.Single[place%12] = c
		} else {
			lanes.Cumulative[place%12] = c
		}
		cells++
	}
	return cells, nil
}
