package service

import (
	"context"
	"slices"

	"luoshi.dev"
)

// SetList is the register of indicator sets.
type SetList struct {
	Frame
	Sets []SetRow `json:"sets"`
}

// SetRow is one indicator set with its lights at the look's unit.
type SetRow struct {
	Set     luoshi.IndicatorSet `json:"set"`
	Items   []SetItemRow        `json:"items"`
	Lights  Counts              `json:"lights"`
	Updated int64               `json:"updated"` // when its newest version was recorded, microseconds
}

// SetItemRow is one indicator of a set.
type SetItemRow struct {
	Indicator string            `json:"indicator"`
	Name      luoshi.Names      `json:"name"`
	Group     string            `json:"group"`
	Weight    luoshi.Quantity   `json:"weight"`
	Share     luoshi.Ratio      `json:"-"`         // of all weights
	Judgement *luoshi.Judgement `json:"judgement"` // at the unit, nil without a target
}

// SetPage is one set with how it came to be.
type SetPage struct {
	Frame
	SetRow
	Revisions []SetRevision `json:"revisions"` // newest first
}

// SetRevision is one version of a set.
type SetRevision struct {
	Revised
	Set luoshi.IndicatorSet `json:"set"`
}

// Sets lists the indicator sets.
func (s *Service) Sets(ctx context.Context, look Look) (*SetList, error) {
	return kept(ctx, s, look, "sets", func(ctx context.Context, sn *snapshot) (*SetList, error) {
		v := &SetList{}
		node, err := sn.unitOf(look.Unit)
		if err != nil {
			return nil, err
		}
		if v.Frame, err = s.frame(ctx, sn, node); err != nil {
			return nil, err
		}
		for _, set := range sn.plan.sets {
			v.Sets = append(v.Sets, sn.setRow(set, node))
		}
		return v, nil
	})
}

// Set shows one indicator set.
func (s *Service) Set(ctx context.Context, look Look, code string) (*SetPage, error) {
	return kept(ctx, s, look, "set "+code, func(ctx context.Context, sn *snapshot) (*SetPage, error) {
		i := slices.IndexFunc(sn.plan.sets, func(set luoshi.IndicatorSet) bool { return set.Code == code })
		if i < 0 {
			return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("board.set_unknown", "code", code)}
		}
		node, err := sn.unitOf(look.Unit)
		if err != nil {
			return nil, err
		}
		v := &SetPage{SetRow: sn.setRow(sn.plan.sets[i], node)}
		if v.Frame, err = s.frame(ctx, sn, node); err != nil {
			return nil, err
		}
		v.Revisions, err = s.setRevisions(ctx, sn, code)
		return v, err
	})
}

func (sn *snapshot) setRow(set luoshi.IndicatorSet, node int) SetRow {
	row := SetRow{Set: set, Updated: set.RecordedAt}
	scale := 0
	for _, item := range set.Items {
		scale = max(scale, item.Weight.Scale())
	}
	sum := int64(0)
	for _, item := range set.Items {
		sum += scaled(luoshi.Some(item.Weight), scale)
	}
	for _, item := range set.Items {
		in := sn.indicators[item.Indicator]
		one := SetItemRow{Indicator: item.Indicator, Name: sn.itemName(item.Indicator, ""), Group: in.Group, Weight: item.Weight}
		if sum > 0 {
			one.Share = luoshi.Over(scaled(luoshi.Some(item.Weight), scale), sum)
		}
		if node >= 0 {
			if one.Judgement = sn.judgeAt(targetAt{item.Indicator, sn.tree.Nodes[node].ID}); one.Judgement != nil {
				row.Lights.add(one.Judgement.Light)
			}
		}
		row.Items = append(row.Items, one)
	}
	return row
}

func (s *Service) setRevisions(ctx context.Context, sn *snapshot, code string) ([]SetRevision, error) {
	versions, err := s.store.SetVersions(ctx, code, sn.asOf)
	if err != nil {
		return nil, err
	}
	return revisions(ctx, s, versions, func(set luoshi.IndicatorSet) int64 { return set.RecordedAt }, sn.setChanges, func(set luoshi.IndicatorSet, r Revised) SetRevision {
		return SetRevision{Revised: r, Set: set}
	})
}

func (sn *snapshot) setChanges(a, b luoshi.IndicatorSet) []FieldChange {
	var c changed
	c.names(a.Names, b.Names)
	items(&c, a.Items, b.Items, func(i luoshi.SetItem) string { return i.Indicator },
		func(i luoshi.SetItem) any { return luoshi.Say("set.item", "weight", i.Weight) },
		func(i luoshi.SetItem) luoshi.Names { return sn.itemName(i.Indicator, "") })
	if len(c) == 0 { // the same items in another order
		c = append(c, FieldChange{Field: "order", After: luoshi.Say("set.moved")})
	}
	return c
}
