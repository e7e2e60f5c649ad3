package luoshi_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// asvs are the sections of OWASP ASVS 5.0.0 with how many requirements of levels 1
// and 2 each has; they are numbered from 1.
var asvs = []struct {
	chapter int
	counts  []int
}{
	{1, []int{2, 9, 11, 3, 2}}, {2, []int{3, 3, 4, 1}}, {3, []int{0, 2, 4, 6, 5, 0, 2}}, {4, []int{3, 1, 2, 4}}, {5, []int{1, 3, 2, 3}},
	{6, []int{3, 12, 4, 4, 5, 3, 0, 4}}, {7, []int{3, 4, 2, 5, 2, 2}}, {8, []int{2, 3, 1, 1}}, {9, []int{3, 4}}, {10, []int{2, 2, 4, 11, 5, 2, 3}},
	{11, []int{2, 3, 3, 4, 1, 1}}, {12, []int{3, 2, 4}}, {13, []int{1, 5, 2, 5}}, {14, []int{2, 4, 3}}, {15, []int{3, 3, 7}}, {16, []int{1, 5, 4, 3, 3}}, {17, []int{1, 4, 2}},
}

// The paper has a line for every requirement of the two levels, and every test and
// paragraph that it names is there.
func TestSecurityPaper(t *testing.T) {
	text, err := os.ReadFile("doc/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := testsByRoom(t)
	anchors := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(string(text), -1) {
		anchors[strings.ReplaceAll(strings.ToLower(m[1]), " ", "-")] = true
	}
	var have, want []string
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 6 || !regexp.MustCompile(`^ \d+\.\d+\.\d+`).MatchString(cells[1]) {
			continue
		}
		have = append(have, numbers(t, cells[1])...)
		state, how := strings.TrimSpace(cells[3]), strings.TrimSpace(strings.Join(cells[4:len(cells)-1], "|"))
		if !slices.Contains([]string{"met", "not met", "not applicable"}, state) || how == "" {
			t.Errorf("%s: %q, %q", cells[1], state, how)
		}
		named := regexp.MustCompile("`([^` ]*)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`").FindAllStringSubmatch(how, -1)
		for _, m := range named {
			if !slices.Contains(tests[m[1]], m[2]) {
				t.Errorf("%s: there is no test %s in %q", cells[1], m[2], m[1])
			}
		}
		links := regexp.MustCompile(`\(#([^)]+)\)`).FindAllStringSubmatch(how, -1)
		for _, m := range links {
			if !anchors[m[1]] {
				t.Errorf("%s: there is no paragraph %s", cells[1], m[1])
			}
		}
		if state == "met" && len(named)+len(links) == 0 {
			t.Errorf("%s: met, and nothing shows it", cells[1])
		}
	}
	for _, c := range asvs {
		for section, count := range c.counts {
			for i := range count {
				want = append(want, fmt.Sprintf("%d.%d.%d", c.chapter, section+1, i+1))
			}
		}
	}
	if len(want) != 253 { // 70 of level 1, 183 of level 2
		t.Fatalf("%d requirements", len(want))
	}
	if !slices.Equal(have, want) {
		for i := range max(len(have), len(want)) {
			if i >= len(have) || i >= len(want) || have[i] != want[i] {
				t.Fatalf("the list differs from the standard after %v", have[max(0, i-2):i])
			}
		}
	}
}

// numbers expands "1.2.6–1.2.8, 1.3.1".
func numbers(t *testing.T, cell string) []string {
	t.Helper()
	var list []string
	for _, part := range strings.Split(strings.TrimSpace(cell), ", ") {
		first, last, span := strings.Cut(part, "–")
		list = append(list, first)
		if !span {
			continue
		}
		stem := first[:strings.LastIndex(first, ".")+1]
		from, err := strconv.Atoi(strings.TrimPrefix(first, stem))
		to, err2 := strconv.Atoi(strings.TrimPrefix(last, stem))
		if err != nil || err2 != nil || to <= from {
			t.Fatalf("%q", part)
		}
		for n := from + 1; n <= to; n++ {
			list = append(list, stem+strconv.Itoa(n))
		}
	}
	return list
}

// testsByRoom lists the tests and fuzz targets of every folder; that of the root is "".
func testsByRoom(t *testing.T) map[string][]string {
	t.Helper()
	tests := map[string][]string{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9]+)\(`)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		room := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), ".")
		for _, m := range function.FindAllStringSubmatch(string(text), -1) {
			tests[room] = append(tests[room], m[1])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}
