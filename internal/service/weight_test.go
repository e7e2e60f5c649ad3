package service_test

import (
	"reflect"
	"testing"

	"luoshi.dev/internal/demo"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
)

// What is kept counts as about as much as it holds: too little and the memory of a
// server has no bound, too much and nothing stays.
func TestViewsKnowTheirWeight(t *testing.T) {
	s, ctx := demotest.Open(t), t.Context()
	look := service.Look{AsOf: demo.AsOf.End(), Unit: "340000"}
	views := map[string]func() (any, error){
		"overview": func() (any, error) { return s.Overview(ctx, look) },
		"matrix":   func() (any, error) { return s.Matrix(ctx, service.MatrixQuery{Look: look, Below: "county"}) },
		"tree":     func() (any, error) { return s.UnitTree(ctx, look) },
		"changes":  func() (any, error) { return s.UnitChanges(ctx, look) },
		"unit":     func() (any, error) { return s.UnitCard(ctx, look, "340100") },
		"sheet": func() (any, error) {
			return s.CascadeSheet(ctx, service.CascadeQuery{Look: look, Indicator: "key_projects"})
		},
		"plans": func() (any, error) {
			return s.ComparePlans(ctx, service.CompareQuery{Look: look, Indicator: "key_projects"})
		},
		"indicators": func() (any, error) { return s.IndicatorRegister(ctx, service.IndicatorListQuery{Look: look}) },
		"goals":      func() (any, error) { return s.Goals(ctx, look) },
		"wall":       func() (any, error) { return s.Wall(ctx, service.WallQuery{Look: look}) },
		"indicator":  func() (any, error) { return s.Indicator(ctx, service.IndicatorQuery{Look: look, Code: "gdp"}) },
	}
	for name, view := range views {
		v, err := view()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		holds, counts := bytesOf(reflect.ValueOf(v), map[uintptr]bool{}), service.WeightOf(v)
		t.Logf("%-10s holds %7d, counts as %7d", name, holds, counts)
		if counts < holds*3/4 || counts > 2*holds+64<<10 {
			t.Errorf("%s holds %d bytes and counts as %d", name, holds, counts)
		}
	}
}

// bytesOf adds up what hangs on a value, but for texts, which are shared with the plan.
func bytesOf(v reflect.Value, seen map[uintptr]bool) int {
	size := 0
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return 0
		}
		seen[v.Pointer()] = true
		size = int(v.Elem().Type().Size()) + bytesOf(v.Elem(), seen)
	case reflect.Interface:
		if !v.IsNil() {
			size = bytesOf(v.Elem(), seen)
		}
	case reflect.Slice:
		if v.IsNil() || v.Cap() > 0 && seen[v.Pointer()] {
			return 0
		}
		if v.Cap() > 0 {
			seen[v.Pointer()] = true
		}
		size = v.Cap() * int(v.Type().Elem().Size())
		for i := range v.Len() {
			size += bytesOf(v.Index(i), seen)
		}
	case reflect.Array:
		for i := range v.Len() {
			size += bytesOf(v.Index(i), seen)
		}
	case reflect.Map:
		for at := v.MapRange(); at.Next(); {
			size += 48 + bytesOf(at.Key(), seen) + bytesOf(at.Value(), seen)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			size += bytesOf(v.Field(i), seen)
		}
	}
	return size
}
