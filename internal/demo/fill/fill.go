// Package fill puts the demonstration into a database, through the same import
// that everybody's files take. It generates nothing and decides nothing itself.
package fill

import (
	"context"
	"iter"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/demo"
	"luoshi.dev/internal/service"
)

// Fill loads the files and the sample figures of the demonstration as a history:
// each counts as learned on its day of publication.
func Fill(ctx context.Context, svc *service.Service, progress func(stage string, done, total int64)) (*service.ImportReport, error) {
	return svc.ImportFS(ctx, demo.Files(), entries(), service.ImportOptions{
		Name: "demo", By: "demo", History: true, At: luoshi.Date(20191231).Start(), Progress: progress,
	})
}

// firstOutlooks is the month at whose end the first outlooks are kept: each month costs
// half a second of the start.
const firstOutlooks = 3

// Outlooks keeps what would have been shown at the end of each month from March until the
// day on which the demonstration opens. All of it is calculated afterwards, and says so.
func Outlooks(ctx context.Context, svc *service.Service, progress func(stage string, done, total int64)) error {
	var ends []time.Time
	for m := firstOutlooks; m < demo.AsOf.Month(); m++ {
		ends = append(ends, luoshi.ToDate(demo.AsOf.Year(), m).LastDay().End())
	}
	_, err := svc.KeepOutlooksAt(ctx, append(ends, demo.AsOf.End()), func(done, total int64) { progress("outlooks", done, total) })
	return err
}

// entries are the generated figures on their way in.
func entries() iter.Seq[service.Entry] {
	return func(yield func(service.Entry) bool) {
		for r := range demo.Sample() {
			if !yield(service.Entry{
				Indicator: r.Indicator, UnitCode: r.UnitCode, Period: r.Period, Basis: r.Basis, Scope: r.Scope, Value: r.Value, Growth: r.Growth,
				Status: r.Status, Published: r.Published, Source: demo.SampleSource, Sample: true,
			}) {
				return
			}
		}
	}
}
