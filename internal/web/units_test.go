package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"luoshi.dev/internal/web"
)

// rawKey is a key of the words that was shown instead of its words.
var rawKey = regexp.MustCompile(`\b(unitpage|unitedit|indicatorregister|indicatoredit|targetpage|field|register|effect|page|punct|overview)\.[a-z_.]+[a-z]`)

// Every page of the register of units and indicators answers in three languages.
func TestRegisterPagesAnswer(t *testing.T) {
	h := demoCopy(t, web.Options{})
	for _, path := range []string{"/units", "/units?boundaries=2021-01-01", "/units/changes", "/unit?code=340221", "/unit?code=340203&boundaries=2021-01-01", "/unit?code=ah-ndrc", "/unit",
		"/unit/edit?kind=rename&code=340221", "/unit/edit?kind=recode&code=340221", "/unit/edit?kind=move&code=340221", "/unit/edit?kind=reorder&code=340221", "/unit/edit?kind=kind&code=340221",
		"/unit/edit?kind=merge&code=340221", "/unit/edit?kind=split&code=340221", "/unit/edit?kind=end&code=340221", "/unit/edit?kind=begin&code=340200", "/unit/edit?kind=correct&code=340221&on=2016-01-01",
		"/unit/edit?kind=rename&code=340221&on=2022-01-01&name=新芜湖县&source=批复&try=1",
		"/register/indicators", "/register/indicators?q=GDP", "/register/indicators?q=nothing-at-all", "/register/indicator?code=gdp", "/register/indicator/edit", "/register/indicator/edit?code=gdp",
		"/register/target?code=gdp", "/register/target?code=gdp&unit=340100&asof=now", "/register/target?unit=340100",
	} {
		for _, lang := range []string{"zh-Hans", "zh-Hant", "en"} {
			to := path + "?lang=" + lang
			if strings.Contains(path, "?") {
				to = path + "&lang=" + lang
			}
			w, doc := get(t, h, to)
			if w.Code != http.StatusOK {
				t.Errorf("%s: %d %s", to, w.Code, w.Body)
			}
			if key := rawKey.FindString(words(doc)); key != "" {
				t.Errorf("%s shows the key %s", to, key)
			}
		}
	}
}
