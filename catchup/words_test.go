package catchup

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"luoshi.dev/internal/locale"
)

// Every key that the code says has its words, and every rule its way out.
func TestWords(t *testing.T) {
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`(blocking|warning)\("([a-z_.]+)"|bad\("([a-z_.]+)"`)
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		code, err := os.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(code), -1) {
			key := m[2] + m[3]
			seen[key] = true
			if !words.Has(key) || !words.Has(key+".fix") {
				t.Errorf("%s: %s has no words, or no way out", file.Name(), key)
			}
		}
	}
	for _, state := range []string{"met", "eased", "ahead", "just", "short", "beyond", "task"} {
		for _, side := range []string{".more", ".less"} {
			seen["catchup.say."+state+side] = true
		}
	}
	for _, hold := range []Hold{Locked, AtMost, AtLeast, AtHigh, AtLow, Certain} {
		seen["catchup.say.give."+string(hold)] = true
		if hold != AtHigh && hold != AtLow {
			seen["catchup.say.give."+string(hold)+".open"] = true
		}
	}
	seen["catchup.say.step"], seen["catchup.say.unbound"] = true, true
	seen["catchup.say.reached"], seen["catchup.say.passed"] = true, true
	for key := range seen {
		if !words.Has(key) {
			t.Errorf("%s has no words", key)
		}
	}
	for _, key := range words.Keys() {
		if strings.HasPrefix(key, "catchup.") && !seen[strings.TrimSuffix(key, ".fix")] && strings.Count(key, ".") < 5 && !strings.HasPrefix(key, "catchup.page.") {
			t.Logf("%s is not said by this room", key)
		}
	}
}
