package service

import (
	"context"
	"slices"

	"luoshi.dev"
)

// BoardQuery asks for units × indicators.
type BoardQuery struct {
	Look
	Below      luoshi.UnitKind // the rung shown under the unit, "" = its direct children
	Indicators []string        // "" = all that have a target among the rows
	Set        string          // an indicator set instead of a list
	Light      luoshi.Light    // only rows with this light somewhere, NotJudged = all
}

// Board is units × indicators with lights: the unit itself first.
type Board struct {
	Frame
	Columns []BoardColumn `json:"columns"`
	Rows    []BoardRow    `json:"rows"`
}

// BoardColumn is one indicator of a board.
type BoardColumn struct {
	Indicator string         `json:"indicator"`
	Name      luoshi.Names   `json:"name"`
	Measure   luoshi.Measure `json:"measure"`
	Decimals  int            `json:"decimals"`
}

// BoardRow is one unit of a board, a cell for each column.
type BoardRow struct {
	Unit  UnitRef     `json:"unit"`
	Cells []BoardCell `json:"cells"`
}

// BoardCell is a judgement, or the bare figure where nothing was promised.
type BoardCell struct {
	Judgement luoshi.Judgement `json:"judgement"`
	Target    bool             `json:"target"`
}

// Board fills a board as of an instant.
func (s *Service) Board(ctx context.Context, q BoardQuery) (*Board, error) {
	sn, node, err := s.stand(ctx, q.Look)
	if err != nil {
		return nil, err
	}
	b := &Board{}
	if b.Frame, err = s.frame(ctx, sn, node); err != nil || node < 0 {
		return b, err
	}
	units := []int{node}
	if q.Below == "" {
		units = append(units, sn.areas(node)...)
	} else {
		for i := node + 1; i < sn.tree.Nodes[node].End; i++ {
			if sn.tree.Nodes[i].Kind == q.Below {
				units = append(units, i)
			}
		}
	}
	columns, err := sn.columns(q, units)
	if err != nil {
		return nil, err
	}
	for _, in := range columns {
		b.Columns = append(b.Columns, BoardColumn{Indicator: in.Code, Name: in.Names, Measure: in.Measure, Decimals: in.Decimals})
	}
	for _, u := range units {
		row := BoardRow{Unit: sn.ref(u)}
		hit := q.Light == luoshi.NotJudged
		for _, in := range columns {
			_, target := sn.targets[targetAt{in.Code, sn.tree.Nodes[u].ID}]
			cell := BoardCell{Judgement: sn.judge(in.Code, u), Target: target}
			b.Sample = b.Sample || cell.Judgement.Proof.Sample
			hit = hit || cell.Judgement.Light == q.Light
			row.Cells = append(row.Cells, cell)
		}
		if hit {
			b.Rows = append(b.Rows, row)
		}
	}
	return b, nil
}

// columns are the indicators asked for by code or set, else those with a target.
func (sn *snapshot) columns(q BoardQuery, units []int) ([]luoshi.Indicator, error) {
	codes := q.Indicators
	if q.Set != "" {
		i := slices.IndexFunc(sn.plan.sets, func(set luoshi.IndicatorSet) bool { return set.Code == q.Set })
		if i < 0 {
			return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("board.set_unknown", "code", q.Set)}
		}
		for _, item := range sn.plan.sets[i].Items {
			codes = append(codes, item.Indicator)
		}
	}
	var list []luoshi.Indicator
	for _, code := range codes {
		in, ok := sn.indicators[code]
		if !ok {
			return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.indicator_unknown", "code", code)}
		}
		list = append(list, in)
	}
	if len(codes) > 0 {
		return list, nil
	}
	for _, in := range sn.plan.indicators {
		if slices.ContainsFunc(units, func(u int) bool { _, ok := sn.targets[targetAt{in.Code, sn.tree.Nodes[u].ID}]; return ok }) {
			list = append(list, in)
		}
	}
	return list, nil
}
