package api_test

import (
	"net/http"
	"strings"
	"testing"

	"luoshi.dev/internal/api"
	"luoshi.dev/wire"
)

// The article's figure comes out exactly, in the words of the language.
func TestOverview(t *testing.T) {
	h := behindGate(t, api.Options{})
	o := read[wire.Overview](t, get(h, "/api/overview?lang=en"))
	if o.Unit == nil || o.Unit.Code != "340000" || o.Year != 2020 || o.AsOf.Format("2006-01-02") != "2020-07-31" || !o.Sample {
		t.Errorf("%+v", o.Where)
	}
	found := false
	for _, g := range o.Goals {
		if j := g.Judgement; j.Actual.Valid && j.Actual.Decimal.String() == "206.11" {
			found = true
			if j.Share.Percent.Decimal.String() != "63.86" || j.Ahead.Percent.Decimal.String() != "13.86" || !strings.Contains(j.Says.Text, "63.86%") || j.Light.String() != "green" {
				t.Errorf("%+v", j)
			}
			if j.Proof.Rule == nil || j.Proof.Source == "" || j.Proof.RecordedAt == nil {
				t.Errorf("the proof lacks something: %+v", j.Proof)
			}
		}
	}
	if !found {
		t.Error("206.11 is not there")
	}
	// As of May nothing of June is known; missing is null, never 0.
	w := get(h, "/api/overview?asof=2020-05-31&unit=340100")
	if body := w.Body.String(); !strings.Contains(body, `"implied":null`) || strings.Contains(body, "206.11") {
		t.Errorf("May knows what it cannot, or calls 0 what is missing: %.3000s", body)
	}
	may := read[wire.Overview](t, w)
	if may.Unit.Code != "340100" || len(may.Path) != 1 || may.Through.String() >= "2020-01..06" {
		t.Errorf("%+v", may.Where)
	}
}

// The second read costs no body; another language or instant is another answer.
func TestNotModified(t *testing.T) {
	h := behindGate(t, api.Options{})
	first := get(h, "/api/overview?lang=en")
	tag := first.Header().Get("Etag")
	if again := get(h, "/api/overview?lang=en", "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("status %d, %d bytes", again.Code, again.Body.Len())
	}
	for _, other := range []string{"/api/overview?lang=zh-Hans", "/api/overview?lang=en&asof=2020-06-15", "/api/overview?lang=en&unit=340100"} {
		if w := get(h, other, "If-None-Match", tag); w.Code != http.StatusOK {
			t.Errorf("%s: %d", other, w.Code)
		}
	}
	if got := first.Header().Get("Content-Language"); got != "en" {
		t.Errorf("Content-Language: %q", got)
	}
}

func BenchmarkOverview(b *testing.B) {
	h := behindGate(b, api.Options{})
	get(h, "/api/overview") // the first builds the view
	b.ReportAllocs()
	for b.Loop() {
		if w := get(h, "/api/overview", "Accept-Encoding", "gzip"); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
