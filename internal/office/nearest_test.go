package office

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func ExampleNearest() {
	fmt.Println(Nearest("340l00", []string{"340100", "510000"}))
	fmt.Println(Nearest("累积", []string{"当期", "累计"}))
	fmt.Println(Nearest("gpd", []string{"gdp", "cpi"}))
	fmt.Println(Nearest("天气", []string{"gdp", "累计"}))
	// Output:
	// [340100]
	// [累计]
	// [gdp]
	// []
}

func FuzzNearest(f *testing.F) {
	f.Add("累积", "累计|当期")
	f.Add("", "a||b")
	f.Add(strings.Repeat("x", 300), strings.Repeat("x", 299)+"|y")
	f.Add("\xff\xfe", "\xff")
	f.Fuzz(func(t *testing.T, word, list string) {
		among := strings.Split(list, "|")
		near := Nearest(word, among)
		if len(near) > 3 {
			t.Errorf("%d words", len(near))
		}
		for _, n := range near {
			if !slices.Contains(among, n) {
				t.Errorf("%q is not among them", n)
			}
		}
		if w := []rune(word); utf8.ValidString(word) && len(w) > 1 && len(w) < 64 && len(nearForm(word)) > 1 {
			if got := Nearest(word, []string{word}); len(got) != 1 {
				t.Errorf("%q is not near itself", word)
			}
		}
	})
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "b", 1}, {"gpd", "gdp", 1}, {"kitten", "sitting", 3}, {"合肥市", "合肥县", 1}} {
		if got := distance([]rune(c.a), []rune(c.b), 9); got != c.want {
			t.Errorf("distance %s %s = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
