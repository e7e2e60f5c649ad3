package cascade

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// Every key that the code says has its words, with the arguments it is said with.
func TestWords(t *testing.T) {
	words := map[string]map[string]string{}
	if _, err := toml.DecodeFile("../internal/locale/words/cascade.toml", &words); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`"(cascade\.[a-z_]+)"((?:, "[a-z]+", [^"\n]+)*)`)
	name := regexp.MustCompile(`, "([a-z]+)", `)
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		code, err := os.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(code), -1) {
			for _, key := range []string{m[1], m[1] + ".fix"} {
				for _, language := range []string{"zh-Hans", "zh-Hant", "en"} {
					if words[key][language] == "" {
						t.Errorf("%s: %s has no words in %s", file.Name(), key, language)
					}
				}
			}
			for _, arg := range name.FindAllStringSubmatch(m[2], -1) {
				if text := words[m[1]]["en"]; !strings.Contains(text, "{"+arg[1]) {
					t.Logf("%s: %s does not use %s", file.Name(), m[1], arg[1])
				}
			}
		}
	}
	for _, m := range []string{"straight", "last_year", "shape", "smooth", "custom", "last_share", "weight", "equal_growth", "by_hand"} {
		if words["cascade.method."+m]["zh-Hans"] == "" {
			t.Errorf("no words for the method %s", m)
		}
	}
}
