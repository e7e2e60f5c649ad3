package browser

import (
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// Metrics are the browser's own counts of what a page costs it: Nodes, LayoutCount,
// RecalcStyleCount, TaskDuration and so on. Counts do not depend on the machine.
func (p *Page) Metrics(t *testing.T) map[string]float64 {
	t.Helper()
	command(t, p, performance.Enable, performance.EnableParams{TimeDomain: "threadTicks"})
	got, err := chromedp.Call(p.ctx, performance.GetMetrics, cdp.Empty{})
	if err != nil {
		t.Fatalf("browser metrics: %v", err)
	}
	m := make(map[string]float64, len(got.Metrics))
	for _, one := range got.Metrics {
		m[one.Name] = one.Value
	}
	return m
}
