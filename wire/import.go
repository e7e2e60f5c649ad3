package wire

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
