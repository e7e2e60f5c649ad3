package locale_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
)

// Every key has all three languages with the same holes, and every rule's remedy
// belongs to a rule.
func TestWordsComplete(t *testing.T) {
	c, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	hole := regexp.MustCompile(`\{(\w+)`)
	for _, key := range c.Keys() {
		want := ""
		for _, lang := range locale.Langs {
			text, _ := c.Template(lang, key)
			names := hole.FindAllString(text, -1)
			slices.Sort(names)
			got := strings.Join(slices.Compact(names), " ")
			if lang == locale.ZhHans {
				want = got
			} else if got != want {
				t.Errorf("%s: %s has the holes %q, zh-Hans has %q", key, lang, got, want)
			}
			if text == "" || !c.Written(lang, key) {
				t.Errorf("%s has no words in %s", key, lang)
			}
		}
		if rule, ok := strings.CutSuffix(key, ".fix"); ok && !c.Has(rule) {
			t.Errorf("%s is the remedy of no rule", key)
		}
	}
}

func TestSay(t *testing.T) {
	c, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	q := func(s string) luoshi.Quantity { v, _ := luoshi.ParseQuantity(s); return v }
	for _, tc := range []struct {
		arg            any
		format, zh, en string
	}{
		{q("38680.6"), "", "38\u202f680.6", "38\u202f680.6"},
		{q("2429"), "", "2429", "2429"},
		{q("-6.5"), "signed", "−6.5", "−6.5"},
		{q("0.7"), "signed", "+0.7", "+0.7"},
		{q("0.00"), "signed", "0.00", "0.00"},
		{luoshi.Over(20611, 32275), "percent", "63.86%", "63.86%"},
		{luoshi.Over(-270, 10000), "points", "2.70", "2.70"},
		{luoshi.Over(-270, 10000), "signed", "−2.70", "−2.70"},
		{luoshi.Ratio{}, "percent", "—", "—"},
		{luoshi.NullQuantity{}, "", "—", "—"},
		{luoshi.ToDate(2020, 6), "", "2020年1—6月", "January–June 2020"},
		{luoshi.MonthOf(2020, 6), "", "2020年6月", "June 2020"},
		{luoshi.Date(20200731), "", "2020年7月31日", "31 July 2020"},
		{luoshi.Quarterly, "", "季报", "quarterly"},
		{luoshi.Red, "", "滞后", "Behind"},
		{luoshi.Names{Hans: "安徽省", En: "Anhui"}, "", "安徽省", "Anhui"},
		{12345, "", "12\u202f345", "12\u202f345"},
		{luoshi.Say("light.green"), "", "正常", "On track"},
	} {
		if got := c.Show(locale.ZhHans, tc.arg, tc.format); got != tc.zh {
			t.Errorf("zh %v|%s = %q, want %q", tc.arg, tc.format, got, tc.zh)
		}
		if got := c.Show(locale.En, tc.arg, tc.format); got != tc.en {
			t.Errorf("en %v|%s = %q, want %q", tc.arg, tc.format, got, tc.en)
		}
	}
}

func TestChoose(t *testing.T) {
	for wish, want := range map[string]locale.Lang{
		"": locale.ZhHans, "zh-CN,zh;q=0.9,en;q=0.8": locale.ZhHans, "zh-TW": locale.ZhHant, "zh-HK,en": locale.ZhHant,
		"en-GB,en;q=0.5": locale.En, "fr": locale.ZhHans, "de,en;q=0.3": locale.En, ";;;": locale.ZhHans,
	} {
		if got := locale.Choose(wish); got != want {
			t.Errorf("Choose(%q) = %s, want %s", wish, got, want)
		}
	}
}
