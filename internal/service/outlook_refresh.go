package service

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// Outlooks are made in runs of refreshChunk, after which whatever is more urgent goes
// first; keepAtOnce rows are written in one transaction. So many units written at once
// are refreshed before all others; of more, a pass over everything takes care.
const (
	refreshChunk = 64
	keepAtOnce   = 1024
	mostUrgent   = 64
	lookAround   = 5 * time.Second // how often a server looks for what others have written
)

// OutlookProgress says how far the outlooks of the present are.
type OutlookProgress struct {
	Running bool  `json:"running"`
	Done    int64 `json:"done"`
	Total   int64 `json:"total"`
}

// OutlookReport is what a pass over the outlooks did.
type OutlookReport struct {
	Looked int64 // outlooks that should be there
	Made   int64 // calculated, since something that they follow from had changed
}

// urgent is one unit's indicator that has just been written.
type urgent struct {
	indicator string
	unit      luoshi.UnitID
}

// refresher keeps the outlooks of the present current.
type refresher struct {
	once sync.Mutex // one pass at a time
	wake chan struct{}

	leaves leaves

	mu       sync.Mutex
	on       bool
	urgent   []urgent
	progress OutlookProgress
	shown    int64 // the number of kept outlooks that views go by
	eighth   int64 // of a pass, at which that was read; -1 = read it anew
}

// reveal lets views see what has been kept.
func (r *refresher) reveal() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.eighth = -1
}

// touch tells that figures or targets were written; the units named are refreshed
// first. Without a running refresher nothing is noted.
func (r *refresher) touch(list []urgent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.on {
		return
	}
	if len(r.urgent)+len(list) <= mostUrgent {
		r.urgent = append(r.urgent, list...)
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// urgent are the units whose figures or targets an import has written, where they
// are few.
func (im *importer) urgent() []urgent {
	if len(im.newFigures)+len(im.newTargets) > 8*mostUrgent {
		return nil
	}
	var list []urgent
	add := func(u urgent) {
		if !slices.Contains(list, u) {
			list = append(list, u)
		}
	}
	for _, f := range im.newFigures {
		add(urgent{f.Indicator, f.Unit})
	}
	for _, t := range im.newTargets {
		add(urgent{t.Indicator, t.Unit})
	}
	return list
}

func (r *refresher) takeUrgent() []urgent {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.urgent
	r.urgent = nil
	return list
}

func (r *refresher) tell(p OutlookProgress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress = p
}

// RefreshOutlooksUntil keeps the outlooks of the present current until the context
// ends: at once, after each write of this service, and for what other servers write a
// few seconds later. It returns when nothing of it runs any more.
func (s *Service) RefreshOutlooksUntil(ctx context.Context, log *slog.Logger) {
	r := &s.refresher
	r.mu.Lock()
	if r.on {
		r.mu.Unlock()
		return
	}
	r.on, r.wake = true, make(chan struct{}, 1)
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.on, r.urgent = false, nil
		r.mu.Unlock()
	}()
	tick := time.NewTicker(lookAround)
	defer tick.Stop()
	var seen state
	var day luoshi.Date
	for {
		now, err := s.newest(ctx)
		if today := luoshi.DateOf(s.now()); err == nil && (now != seen || today != day) {
			if _, err = s.RefreshOutlooks(ctx, nil); err == nil {
				seen, day = now, today
			}
		}
		if err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "refresh outlooks", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-r.wake:
		}
	}
}

// RefreshOutlooks makes and keeps every outlook of the present whose inputs have
// changed since it was kept: for each indicator that can have one, at all units that
// have a target or figures. It can be stopped and begun again at any time. progress,
// if not nil, is told outlooks done and all there are.
func (s *Service) RefreshOutlooks(ctx context.Context, progress func(done, total int64)) (OutlookReport, error) {
	s.refresher.once.Lock()
	defer s.refresher.once.Unlock()
	p := &pass{s: s, tell: func(done, total int64) {
		s.refresher.tell(OutlookProgress{Running: true, Done: done, Total: total})
		if progress != nil {
			progress(done, total)
		}
	}}
	defer func() {
		s.refresher.tell(OutlookProgress{Done: p.report.Looked, Total: max(p.total, p.report.Looked)})
	}()
	return p.report, p.run(ctx)
}

// KeepOutlooksAt calculates afterwards what would have been shown at past instants,
// in their order, where nothing later is kept yet.
func (s *Service) KeepOutlooksAt(ctx context.Context, instants []time.Time, progress func(done, total int64)) (OutlookReport, error) {
	s.refresher.once.Lock()
	defer s.refresher.once.Unlock()
	var all OutlookReport
	for i, at := range instants {
		p := &pass{s: s, look: Look{AsOf: at}, at: at, tell: func(done, total int64) {
			if progress != nil {
				progress(int64(i)*total+done, int64(len(instants))*total)
			}
		}}
		err := p.run(ctx)
		all.Looked, all.Made = all.Looked+p.report.Looked, all.Made+p.report.Made
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// pass goes over all outlooks once.
type pass struct {
	s      *Service
	look   Look
	at     time.Time // recorded at, zero = with the transaction
	tell   func(done, total int64)
	total  int64
	report OutlookReport
}

func (p *pass) run(ctx context.Context) error {
	if err := p.hurry(ctx); err != nil { // before all is counted
		return err
	}
	sn, marks, seen, err := p.stand(ctx)
	if err != nil {
		return err
	}
	list := slices.DeleteFunc(slices.Clone(sn.plan.indicators), func(in luoshi.Indicator) bool { return !foreseeable(in) })
	have := make([]int64, len(list))
	for i, in := range list {
		have[i] = int64(len(sn.outlookNodes(sn.cube, in)))
		p.total += have[i]
	}
	p.tell(0, p.total)
	for i, in := range list {
		if p.at.IsZero() && p.s.refresher.leaves.of(in) && marks[store.IndicatorYear{Indicator: in.Code, Year: sn.year}].Seen == sn.outlookSeen(seen, in.Code) {
			p.report.Looked += have[i]
			p.tell(p.report.Looked, p.total)
			continue
		}
		for {
			before := p.report.Looked
			whole, err := p.sweep(ctx, in.Code)
			if err != nil {
				return err
			}
			if whole {
				break
			}
			p.report.Looked = before
		}
	}
	return p.hurry(ctx)
}

// stand reads where a pass stands.
func (p *pass) stand(ctx context.Context) (*snapshot, map[store.IndicatorYear]store.OutlookMark, *digests, error) {
	marks, err := p.s.store.OutlookMarks(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	sn, err := p.s.snapshot(ctx, p.s.settle(p.look))
	if err != nil {
		return nil, nil, nil, err
	}
	return sn, marks, sn.digested(), nil
}

// sweep refreshes one indicator at all its units. It is false where it was overtaken
// by a write of the same indicator, and must be begun again.
func (p *pass) sweep(ctx context.Context, code string) (whole bool, err error) {
	sn, _, seen, err := p.stand(ctx)
	if err != nil {
		return false, err
	}
	in, ok := sn.indicators[code]
	if !ok || !foreseeable(in) {
		return true, nil
	}
	b, err := p.bench(ctx, sn, in)
	if err != nil {
		return false, err
	}
	if err := b.read(ctx, p, b.nodes); err != nil {
		return false, err
	}
	start := p.report.Looked
	todo := b.asked()
	for chunk := range slices.Chunk(todo, refreshChunk) {
		b.ask(chunk)
		p.report.Looked = start + int64(len(b.nodes))*int64(b.done)/int64(len(todo)+1)
		p.tell(p.report.Looked, max(p.total, p.report.Looked))
		if overtaken, err := p.overtaken(ctx, b, nil); err != nil || overtaken {
			return false, err
		}
	}
	if err := b.agree(); err != nil {
		return false, err
	}
	var rows []store.Outlook
	for chunk := range slices.Chunk(b.changed(), refreshChunk) {
		rows = append(rows, b.make(chunk)...)
		if len(rows) >= keepAtOnce {
			if err := p.keep(ctx, b, rows, nil); err != nil {
				return false, err
			}
			rows = nil
		}
		if overtaken, err := p.overtaken(ctx, b, rows); err != nil || overtaken {
			return false, err
		}
	}
	p.report.Looked = start + int64(len(b.nodes))
	p.tell(p.report.Looked, max(p.total, p.report.Looked))
	b.leaves.warm(code)
	done := sn.outlookSeen(seen, code)
	return true, p.keep(ctx, b, rows, &done)
}

// overtaken lets what is urgent go first, and reports whether that was about this
// indicator: then what was made of it is old. What is made is kept before newer
// outlooks are, and before the end where the context is over.
func (p *pass) overtaken(ctx context.Context, b *workbench, rows []store.Outlook) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, errors.Join(err, p.keep(context.WithoutCancel(ctx), b, rows, nil))
	}
	list := p.urgents()
	if len(list) == 0 {
		return false, nil
	}
	needs := b.sn.digested().need[b.in.Code]
	mine := slices.ContainsFunc(list, func(u urgent) bool { return slices.Contains(needs, u.indicator) })
	if mine {
		if err := p.keep(ctx, b, rows, nil); err != nil {
			return false, err
		}
	}
	return mine, p.refresh(ctx, list)
}

func (p *pass) urgents() []urgent {
	if !p.at.IsZero() {
		return nil
	}
	return p.s.refresher.takeUrgent()
}

// hurry refreshes what has just been written.
func (p *pass) hurry(ctx context.Context) error { return p.refresh(ctx, p.urgents()) }

// refresh makes the outlooks of units just written and of the units above them.
func (p *pass) refresh(ctx context.Context, list []urgent) error {
	if len(list) == 0 {
		return nil
	}
	sn, err := p.s.snapshot(ctx, p.s.settle(p.look))
	if err != nil {
		return err
	}
	by := map[string][]int{}
	for _, u := range list {
		node, here := sn.tree.Find(u.unit)
		if in, ok := sn.indicators[u.indicator]; !here || !ok || !foreseeable(in) {
			continue
		}
		for ; node >= 0; node = sn.tree.Nodes[node].Parent {
			if !slices.Contains(by[u.indicator], node) {
				by[u.indicator] = append(by[u.indicator], node)
			}
		}
	}
	for code, nodes := range by {
		b, err := p.bench(ctx, sn, sn.indicators[code])
		if err != nil {
			return err
		}
		if err := b.read(ctx, p, nodes); err != nil {
			return err
		}
		b.ask(b.asked())
		if err := b.agree(); err != nil {
			return err
		}
		if err := p.keep(ctx, b, b.make(b.changed()), nil); err != nil {
			return err
		}
		p.s.refresher.reveal()
	}
	return nil
}

// keep writes outlooks, and where all of an indicator are done, what they have seen.
func (p *pass) keep(ctx context.Context, b *workbench, rows []store.Outlook, seen *store.OutlookSeen) error {
	if !p.at.IsZero() {
		seen = nil
		for i := range rows {
			rows[i].RecordedAt = p.at
		}
	}
	if len(rows) == 0 && seen == nil {
		return nil
	}
	p.report.Made += int64(len(rows))
	return p.s.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.KeepOutlooks(ctx, b.in.Code, b.sn.year, rows); err != nil {
			return err
		}
		if seen == nil {
			return nil
		}
		return tx.MarkOutlooks(ctx, b.in.Code, b.sn.year, *seen)
	})
}
