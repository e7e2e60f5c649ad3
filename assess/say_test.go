package assess

import (
	"testing"

	"luoshi.dev"
)

// A measure that begins with a number, in a currency or not, is set off from the number
// before it: 185.0 × US$100 million.
func TestAfterNumber(t *testing.T) {
	for symbol, want := range map[string]string{
		"%": "%", "": "", "yuan": " yuan", "projects": " projects", "last year = 100": " last year = 100",
		"100 million yuan": " × 100 million yuan", "10,000 people": " × 10,000 people", "US$100 million": " × US$100 million",
	} {
		m := luoshi.Measure{Symbol: luoshi.Names{Hans: symbol, En: symbol}}
		if got := AfterNumber(m).Symbol.En; got != want {
			t.Errorf("%q: %q, not %q", symbol, got, want)
		}
	}
}
