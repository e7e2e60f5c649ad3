package wire

import (
	"time"

	"luoshi.dev"
)

// Import says what a workbook holds and what became of it.
type Import struct {
	Saved    bool             `json:"saved" doc:"It is in force from now on; with dry_run, or where a row is refused, it is not"`
	Batch    int64            `json:"batch,omitempty" doc:"Number under which it can be undone"`
	Rows     int              `json:"rows" doc:"Rows that were or would be written"`
	Tally    map[string]Tally `json:"tally" doc:"By kind of row: units, changes, indicators, sets, schemes, goals, targets, figures"`
	Sheets   []Sheet          `json:"sheets"`
	Blocked  bool             `json:"blocked" doc:"Some rows are refused"`
	Problems []Problem        `json:"problems" doc:"By cell, with the way out"`
}

// Tally counts what becomes of the rows of one kind.
type Tally struct {
	New     int `json:"new"`
	Changed int `json:"changed"`
	Same    int `json:"same" doc:"Known already: not written again"`
	Refused int `json:"refused"`
}

// Sheet is one sheet of a workbook.
type Sheet struct {
	File    string `json:"file,omitempty"`
	Name    string `json:"name"`
	Kind    string `json:"kind,omitempty" doc:"What it holds; left out where it was not recognised"`
	Wide    bool   `json:"wide" doc:"Figures in a grid"`
	Rows    int    `json:"rows"`
	Blocked int    `json:"blocked"`
	Skipped int    `json:"skipped" doc:"Totals, notes, rows left unfilled"`
}

// ImportList is what was imported and taken back.
type ImportList struct {
	Where
	Page
	Items []ImportLine `json:"items" doc:"Newest first"`
}

// ImportLine is one import, or the undoing of one, as it is on record.
type ImportLine struct {
	Batch    int64      `json:"batch"`
	Name     string     `json:"name"`
	Kind     string     `json:"kind" enum:"import,undo"`
	By       string     `json:"by,omitempty"`
	At       time.Time  `json:"at"`
	Note     string     `json:"note,omitempty"`
	Rows     int64      `json:"rows" doc:"Entries written, of the plan and figures"`
	Undoes   int64      `json:"undoes,omitempty"`
	UndoneBy int64      `json:"undone_by,omitempty"`
	UndoneAt *time.Time `json:"undone_at,omitempty"`
}

// ImportCard is one import with what it wrote.
type ImportCard struct {
	Where
	ImportLine
	Parts   []ImportPart `json:"parts" doc:"By indicator and year"`
	Figures int          `json:"figures" doc:"Of rows; the others are entries of the plan, which an undoing leaves"`
}

// ImportPart is what an import wrote of one indicator and year.
type ImportPart struct {
	Indicator string       `json:"indicator"`
	Name      luoshi.Names `json:"name"`
	Year      int          `json:"year"`
	Figures   int          `json:"figures"`
}

// Undone says under which number an undoing is recorded.
type Undone struct {
	Batch int64 `json:"batch" doc:"Of the undoing, which can itself be undone"`
}
