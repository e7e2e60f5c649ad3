package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
)

// The outlooks are made in the middle of a year, after so many whole ones.
const (
	pastYears  = 4
	knownUntil = 6
)

func july() time.Time { return luoshi.Date(20200720).Start().Add(12 * time.Hour) }

// outlook measures how long all outlooks of the world take to be made and kept, how
// long to see that none has changed, and how long after one more figure those of its
// unit and of the units above it are kept.
func (r *run) outlook(ctx context.Context, w *World, dsn string) (err error) {
	st, err := store.Open(ctx, dsn, store.Options{Clock: july})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if err := Prepare(ctx, st, w); err != nil {
		return err
	}
	if err := r.fillPast(ctx, w, st); err != nil {
		return err
	}
	svc := service.New(st, july)
	start := time.Now()
	report, err := svc.RefreshOutlooks(ctx, func(done, total int64) { r.progress("outlooks", done, total) })
	if err != nil {
		return err
	}
	r.rate(on("outlooks", w, st.Dialect()), int(report.Made), time.Since(start), 1000)
	start = time.Now()
	if again, err := svc.RefreshOutlooks(ctx, nil); err != nil || again.Made != 0 {
		return errors.Join(err, fmt.Errorf("%d outlooks made again", again.Made))
	}
	r.note(on("outlooks_again", w, st.Dialect()), time.Since(start))
	if err := r.firstOutlooks(ctx, w, st); err != nil {
		return err
	}
	took, err := untilForeseen(ctx, svc, st, w)
	if err == nil {
		r.within(on("outlook_one", w, st.Dialect()), took, 50*time.Millisecond)
	}
	return err
}

// firstOutlooks measures what outlooks take of which nothing is in memory but the
// figures, as after a start: that of one indicator at a city, and those of all targets
// of the whole.
func (r *run) firstOutlooks(ctx context.Context, w *World, st *store.Store) error {
	city := ""
	for _, n := range w.Tree.Nodes {
		if n.Kind == luoshi.City {
			city = n.Code
		}
	}
	var one, all []time.Duration
	for i := range 3 {
		for _, step := range []struct {
			took *[]time.Duration
			do   func(svc *service.Service) error
		}{
			{&one, func(svc *service.Service) error {
				_, err := svc.Outlook(ctx, service.OutlookQuery{Look: service.Look{Unit: city}, Code: w.Indicators[i].Code})
				return err
			}},
			{&all, func(svc *service.Service) error { _, err := svc.Outlooks(ctx, service.Look{}); return err }},
		} {
			svc := service.New(st, july)
			if _, err := svc.Board(ctx, service.BoardQuery{}); err != nil {
				return err
			}
			start := time.Now()
			if err := step.do(svc); err != nil {
				return err
			}
			*step.took = append(*step.took, time.Since(start))
		}
	}
	r.within(on("outlook_first", w, st.Dialect()), median(one), time.Second)
	r.within(on("outlook_sheet", w, st.Dialect()), median(all), time.Second)
	return nil
}

// fillPast records figures up to the middle of this year.
func (r *run) fillPast(ctx context.Context, w *World, st *store.Store) error {
	for k := range w.Indicators {
		r.progress("bench_fill", int64(k), int64(len(w.Indicators)))
		err := st.Write(ctx, func(tx *store.Tx) error {
			for year := ThisYear - pastYears; year <= ThisYear; year++ {
				list := w.Figures(k, year)
				if year == ThisYear {
					var some []luoshi.Figure
					for _, f := range list {
						if f.Period.To <= knownUntil {
							some = append(some, f)
						}
					}
					list = some
				}
				if err := tx.AddFigures(ctx, 0, list); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// untilForeseen measures, for one figure after another, how long after its import the
// new outlook of its unit is kept: the median.
func untilForeseen(ctx context.Context, svc *service.Service, st *store.Store, w *World) (time.Duration, error) {
	running, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { svc.RefreshOutlooksUntil(running, slog.New(slog.DiscardHandler)) })
	defer group.Wait()
	defer stop()
	time.Sleep(time.Second)
	code := w.Indicators[0].Code
	var all []time.Duration
	for i := range 10 {
		unit := w.Tree.Nodes[w.Parts[i*7%len(w.Parts)]]
		before, err := st.OutlookTrail(ctx, code, ThisYear, unit.ID, time.Time{})
		if err != nil {
			return 0, err
		}
		total := int64(0)
		for m := 1; m <= knownUntil+1; m++ {
			total += w.Single(0, unit.ID, ThisYear, m)
		}
		text := fmt.Appendf(nil, "indicator,unit_code,period,basis,value,status\n%s,%s,%d-%02d,cumulative,%d.%02d,preliminary\n", code, unit.Code, ThisYear, knownUntil, total/100, total%100)
		report, err := svc.ImportReader(ctx, bytes.NewReader(text), int64(len(text)), service.ImportOptions{Name: "one.csv", By: "bench"})
		if err != nil || !report.Saved {
			return 0, errors.Join(err, errors.New("the figure was not saved"))
		}
		start := time.Now()
		for {
			now, err := st.OutlookTrail(ctx, code, ThisYear, unit.ID, time.Time{})
			if err != nil {
				return 0, err
			}
			if len(now) > len(before) {
				break
			}
			if time.Since(start) > time.Minute {
				return 0, errors.New("the outlook has not come")
			}
			time.Sleep(time.Millisecond)
		}
		all = append(all, time.Since(start))
		time.Sleep(100 * time.Millisecond) // until the pass behind it is over
	}
	return median(all), nil
}
