package service

import (
	"context"

	"luoshi.dev"
)

// BoardQuery asks for units × indicators.
type BoardQuery struct {
	Look
	Choice
	Below luoshi.UnitKind // the rung shown under the unit, "" = its direct children
	Light luoshi.Light    // only rows with this light somewhere, NotJudged = all
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
	units := append([]int{node}, sn.rung(node, q.Below)...)
	columns, err := sn.listed(q.Choice, units)
	if err != nil {
		return nil, err
	}
	if columns, err = sn.chosen(q.Choice, node, columns); err != nil {
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
