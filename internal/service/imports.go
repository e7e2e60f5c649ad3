package service

import (
	"context"
	"slices"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// Import is one import, or the undoing of one, as it is on record.
type Import struct {
	Batch    int64     `json:"batch"`
	Name     string    `json:"name"`
	Kind     string    `json:"kind"` // "import" or "undo"
	By       string    `json:"by"`
	At       time.Time `json:"at"`
	Note     string    `json:"note,omitempty"`
	Rows     int64     `json:"rows"` // entries written, of the plan and figures
	Undoes   int64     `json:"undoes,omitempty"`
	UndoneBy int64     `json:"undone_by,omitempty"`
	UndoneAt time.Time `json:"undone_at,omitzero"`
}

// ImportsPage is how many imports one page of the list has.
const ImportsPage = 50

// ImportList is a page of the imports, the newest first.
type ImportList struct {
	Frame
	Imports []Import `json:"imports"`
	Total   int      `json:"total"`
	Page    int      `json:"page"`
	Pages   int      `json:"pages"`
}

// Imports lists what was imported and taken back.
func (s *Service) Imports(ctx context.Context, look Look, page int) (*ImportList, error) {
	v := &ImportList{}
	var err error
	if v.Frame, err = s.frameAt(ctx, look); err != nil {
		return nil, err
	}
	all, err := s.imports(ctx)
	if err != nil {
		return nil, err
	}
	v.Total, v.Pages = len(all), max(1, (len(all)+ImportsPage-1)/ImportsPage)
	v.Page = min(max(page, 1), v.Pages)
	from := (v.Page - 1) * ImportsPage
	v.Imports = all[from:min(from+ImportsPage, len(all))]
	return v, nil
}

// imports are those on record, the newest first. Whoever may not read what is
// imported for all units sees their own.
func (s *Service) imports(ctx context.Context) ([]Import, error) {
	batches, err := s.store.Batches(ctx)
	if err != nil {
		return nil, err
	}
	own := "" // somebody who reads their own imports alone
	if by := byOf(ctx); allowed(ctx, workflow.ReadImports, 0) != nil {
		own = by.Name()
	}
	at := map[int64]time.Time{}
	list := make([]Import, 0, len(batches))
	for _, b := range batches { // newest first: an undoing comes before what it undoes
		at[b.ID] = b.At
		if b.Kind != "import" && b.Kind != "undo" { // changes made on pages are told there
			continue
		}
		if own != "" && b.By != own {
			continue
		}
		list = append(list, Import{b.ID, b.Name, b.Kind, b.By, b.At, b.Note, b.Rows, b.Undoes, b.UndoneBy, at[b.UndoneBy]})
	}
	return list, nil
}

// ImportView is one import with what it wrote.
type ImportView struct {
	Frame
	Import
	Parts   []ImportPart `json:"parts"`
	Figures int          `json:"figures"` // of Rows; the others are entries of the plan, which an undoing leaves
}

// ImportPart is what an import wrote of one indicator and year.
type ImportPart struct {
	Indicator string       `json:"indicator"`
	Name      luoshi.Names `json:"name"`
	Year      int          `json:"year"`
	Figures   int          `json:"figures"`
}

// ImportOf shows one import.
func (s *Service) ImportOf(ctx context.Context, look Look, batch int64) (*ImportView, error) {
	all, err := s.imports(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(one Import) bool { return one.Batch == batch })
	if i < 0 {
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("store.no_batch", "batch", int(batch))}
	}
	v := &ImportView{Import: all[i]}
	sn, node, err := s.stand(ctx, look)
	if err != nil {
		return nil, err
	}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	parts, err := s.store.BatchParts(ctx, batch)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		part := ImportPart{p.Indicator, sn.indicators[p.Indicator].Names, p.Year, p.Figures}
		if part.Name.Hans == "" {
			part.Name.Hans = p.Indicator
		}
		v.Parts = append(v.Parts, part)
		v.Figures += p.Figures
	}
	return v, nil
}

// UndoImport takes every figure of an import back, as a batch of its own: what held
// before holds again, both stay on record, later corrections stay. An undoing is
// taken back the same way. Entries of the plan (units, indicators, targets) that came
// with the import stay.
func (s *Service) UndoImport(ctx context.Context, batch int64, by, note string) (int64, error) {
	events, err := s.store.Events(ctx, store.EventQuery{Object: batchObject(batch)})
	if err != nil {
		return 0, err
	}
	var unit luoshi.UnitID
	if len(events) > 0 {
		unit = events[len(events)-1].Unit
	}
	var undoing int64
	err = s.store.Write(context.WithoutCancel(ctx), func(tx *store.Tx) (err error) {
		undoing, err = tx.UndoBatch(ctx, batch, clerk(ctx, by), note)
		if err != nil {
			return err
		}
		e := byOf(ctx).Event(workflow.UndoImport, importObject(batch), unit)
		e.Reason, e.After = note, luoshi.EventState{Batch: undoing, Undoes: batch}.Text()
		tx.Record(e)
		return nil
	})
	s.refresher.touch(nil)
	return undoing, err
}
