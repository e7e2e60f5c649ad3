package store

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"luoshi.dev"
)

// anyStrip draws a strip with some figures of every kind.
func anyStrip(t *rapid.T) luoshi.Strip {
	s := luoshi.NewStrip(luoshi.UnitID(rapid.Int64Range(1, math.MaxInt64).Draw(t, "unit")), 2020)
	for range rapid.IntRange(0, 30).Draw(t, "cells") {
		c := luoshi.Cell{
			Value: rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "value"), Growth: luoshi.MissingGrowth,
			Status: rapid.SampledFrom(statusOf[:]).Draw(t, "status"), Sample: rapid.Bool().Draw(t, "sample"), Seq: rapid.Int64Range(0, math.MaxInt64).Draw(t, "seq"),
		}
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			c.Growth = rapid.Int32Range(math.MinInt32+1, math.MaxInt32).Draw(t, "growth")
		case 1:
			c.Growth, c.Value = rapid.Int32Range(math.MinInt32+1, math.MaxInt32).Draw(t, "growth"), luoshi.Missing
		}
		put(&s, rapid.IntRange(0, places-1).Draw(t, "place"), c)
	}
	return s
}

// What is packed comes back as it was.
func TestPackRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyStrip(t)
		b, err := pack(nil, &want, 2)
		if err != nil {
			t.Fatal(err)
		}
		got := luoshi.NewStrip(want.Unit, want.Year)
		n, err := unpack(b, &got, 2)
		if err != nil || !same(&got, &want) || (n == 0) != bare(&want) {
			t.Fatalf("%d %v\n got %v\nwant %v", n, err, got, want)
		}
	})
}

// A row cut off or changed is refused or is another sound row; it never panics.
func FuzzUnpack(f *testing.F) {
	s := luoshi.NewStrip(1, 2020)
	put(&s, 5, luoshi.Cell{Value: 20611, Growth: -6500, Status: luoshi.Final, Seq: 7})
	put(&s, 41, luoshi.Cell{Value: luoshi.Missing, Growth: 1, Sample: true, Seq: 3})
	b, err := pack(nil, &s, 2)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b, 2)
	f.Add(b[:len(b)-1], 4)
	f.Add([]byte{}, 0)
	f.Add([]byte{1, 200}, 255)
	f.Fuzz(func(t *testing.T, b []byte, decimals int) {
		got := luoshi.NewStrip(1, 2020)
		if _, err := unpack(b, &got, decimals); err != nil {
			return
		}
		again, err := pack(nil, &got, decimals)
		if err != nil {
			t.Fatal(err)
		}
		twice := luoshi.NewStrip(1, 2020)
		if _, err := unpack(again, &twice, decimals); err != nil || !same(&got, &twice) {
			t.Fatalf("%v: %v is not %v", err, twice, got)
		}
	})
}

func TestHolder(t *testing.T) {
	v := func(seq, withdraws int64) vintage { return vintage{seq: seq, withdraws: withdraws} }
	for name, c := range map[string]struct {
		list []vintage
		want int
	}{
		"none":                       {nil, -1},
		"the newest":                 {[]vintage{v(1, 0), v(2, 0)}, 1},
		"all taken back":             {[]vintage{v(1, 0), v(2, 0), v(3, -1)}, -1},
		"reported again":             {[]vintage{v(1, 0), v(2, -1), v(3, 0)}, 2},
		"the newest taken back":      {[]vintage{v(1, 0), v(2, 0), v(3, 2)}, 0},
		"an earlier one taken back":  {[]vintage{v(1, 0), v(2, 0), v(3, 1)}, 1},
		"both taken back":            {[]vintage{v(1, 0), v(2, 0), v(3, 2), v(4, 1)}, -1},
		"the taking back taken back": {[]vintage{v(1, 0), v(2, 0), v(3, 2), v(4, 3)}, 1},
		"the emptying taken back":    {[]vintage{v(1, 0), v(2, -1), v(3, 2)}, 0},
	} {
		if got := holder(c.list); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// Every migration has its words for both databases.
func TestMigrationsRead(t *testing.T) {
	for _, d := range []dialect{sqliteDialect{}, postgresDialect{}} {
		for _, name := range migrationNames {
			if list, err := migration(d, name); err != nil || len(list) == 0 {
				t.Errorf("%s %s: %d statements, %v", d.name(), name, len(list), err)
			}
		}
	}
}

func BenchmarkUnpack(b *testing.B) {
	s := luoshi.NewStrip(1, 2020)
	for place := 12; place < 24; place++ {
		put(&s, place, luoshi.Cell{Value: int64(place) * 104729, Growth: luoshi.MissingGrowth, Status: luoshi.Preliminary, Seq: int64(1000000 + place)})
	}
	packed, err := pack(nil, &s, 2)
	if err != nil {
		b.Fatal(err)
	}
	empty := luoshi.NewStrip(1, 2020)
	b.ReportMetric(float64(len(packed)), "bytes")
	for b.Loop() {
		got := empty
		if _, err := unpack(packed, &got, 2); err != nil {
			b.Fatal(err)
		}
	}
}
