package service_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"luoshi.dev/internal/service"
)

// rowsOf is all that a sheet says of a unit's targets.
func rowsOf(t *testing.T, s *service.Service, look service.Look) string {
	t.Helper()
	v, err := s.Outlooks(context.Background(), look)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range v.Rows {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
		b.WriteString(r.Says.String() + "\n")
	}
	return b.String()
}

// After a start the sheet says what is kept, to the letter of what all units say when
// they are asked, and asks none; what is kept counts only while it is current.
func TestSheetAfterAStart(t *testing.T) {
	s, c := wellKnown(t)
	refreshed(t, s)
	units := []string{"340000", "340100", "340200"}
	before := map[string]string{}
	for _, unit := range units {
		if before[unit] = rowsOf(t, s, service.Look{Unit: unit}); !strings.Contains(before[unit], `"invest"`) {
			t.Fatalf("%s: %s", unit, before[unit])
		}
	}
	if n := s.Accords(); n != 0 {
		t.Errorf("the units of %d indicators were asked", n)
	}
	asked := func(unit string) string { // by boundaries that are named nothing kept counts
		return rowsOf(t, s, service.Look{Unit: unit, Boundaries: 20200101})
	}
	for _, unit := range units {
		if want := asked(unit); before[unit] != want {
			t.Errorf("%s kept\n%s\nasked\n%s", unit, before[unit], want)
		}
	}

	c.on(20200711)
	mustTake(t, s, service.ImportOptions{}, "figures", "indicator,unit code,period,value\ninvest,340100,2020-06,20.00\n")
	for _, unit := range units {
		got, want := rowsOf(t, s, service.Look{Unit: unit}), asked(unit)
		if got != want || got == before[unit] {
			t.Errorf("%s after a figure\n%s\nasked\n%s", unit, got, want)
		}
	}
}
