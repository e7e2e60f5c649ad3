package service

import (
	"context"
	"time"

	"luoshi.dev"
)

// Revised says when a version of something was put in force, by whom and why, as
// far as the record tells.
type Revised struct {
	Number  int           `json:"number"`
	At      time.Time     `json:"at"`
	By      string        `json:"by"`
	Reason  string        `json:"reason"`
	From    string        `json:"from"`    // the name of the import that brought it, "" = a change made here
	Batch   int64         `json:"batch"`   // 0 where it came by none
	Differs []FieldChange `json:"differs"` // from the version before
}

// FieldChange is one field that differs between two versions. Values are those of
// the noun; of the items of a set or goal one side is "" where it came or went.
type FieldChange struct {
	Field  string       `json:"field"`         // as the columns of the workbook are called
	Item   luoshi.Names `json:"item,omitzero"` // of which item
	Before any          `json:"before,omitzero"`
	After  any          `json:"after,omitzero"`
}

// changed lists the fields of two versions that differ; those that are no longer
// there or not yet are told by the items.
type changed []FieldChange

func (c *changed) field(name string, before, after any) {
	if before != after {
		*c = append(*c, FieldChange{Field: name, Before: before, After: after})
	}
}

func (c *changed) number(name string, before, after luoshi.Quantity) {
	if before.Cmp(after) != 0 {
		*c = append(*c, FieldChange{Field: name, Before: before, After: after})
	}
}

func (c *changed) names(before, after luoshi.Names) {
	c.field("name", before.Hans, after.Hans)
	c.field("name_hant", before.Hant, after.Hant)
	c.field("name_en", before.En, after.En)
}

// revisions are the versions of one thing, given oldest first, as the register shows
// them: the newest first, each with what it changed.
func revisions[T, R any](ctx context.Context, s *Service, versions []T, recorded func(T) int64, differs func(a, b T) []FieldChange, show func(T, Revised) R) ([]R, error) {
	at := make([]int64, len(versions))
	for i, v := range versions {
		at[i] = recorded(v)
	}
	dated, err := s.revised(ctx, at)
	if err != nil {
		return nil, err
	}
	list := make([]R, len(versions))
	for i, v := range versions {
		if i > 0 {
			dated[i].Differs = differs(versions[i-1], v)
		}
		list[len(list)-1-i] = show(v, dated[i])
	}
	return list, nil
}

// revised dates versions, the oldest first, by the batches that brought them.
func (s *Service) revised(ctx context.Context, recorded []int64) ([]Revised, error) {
	batches, err := s.store.Batches(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Revised, len(recorded))
	for i, at := range recorded {
		list[i] = Revised{Number: i + 1, At: time.UnixMicro(at).In(luoshi.Zone)}
		for _, b := range batches {
			if b.At.UnixMicro() != at || b.Kind == "undo" {
				continue
			}
			list[i].By, list[i].Reason, list[i].Batch = b.By, b.Note, b.ID
			if b.Kind == "import" {
				list[i].From = b.Name
			}
		}
	}
	return list, nil
}
