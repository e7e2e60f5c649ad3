package api

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// filer is what workbooks in and out ask of the service.
type filer interface {
	Export(ctx context.Context, w io.Writer, opt service.ExportOptions) error
	ClerkTemplate(ctx context.Context, w io.Writer, q service.TemplateQuery) error
	Imports(ctx context.Context, look service.Look, page int) (*service.ImportList, error)
	ImportOf(ctx context.Context, look service.Look, batch int64) (*service.ImportView, error)
	UndoImport(ctx context.Context, batch int64, by, note string) (int64, error)
	ImportReader(ctx context.Context, src io.ReaderAt, size int64, opt service.ImportOptions) (*service.ImportReport, error)
}

const (
	workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	zipped   = "application/zip"
)

type exportIn struct {
	AsOf
	Year       int      `query:"year" doc:"Targets and figures of this year only" minimum:"1900" maximum:"2200"`
	Indicators []string `query:"indicators" doc:"Targets and figures of these only: codes with commas between them"`
	Plan       bool     `query:"plan" doc:"Without figures"`
	Format     string   `query:"format" doc:"A workbook, or a .zip of CSV files" enum:"xlsx,csv" default:"xlsx"`
	Tongue
}

type templateIn struct {
	At
	OfUnit
	For        string   `query:"for" doc:"planner: what a planning office sets up; clerk: what one unit and those below it fill in each month, with what is known" enum:"planner,clerk" default:"clerk"`
	Indicators []string `query:"indicators" doc:"clerk: these only"`
}

type importIn struct {
	DryRun    bool   `query:"dry_run" doc:"Check everything, save nothing"`
	SaveRight bool   `query:"save_right" doc:"Save the rows that are right although others are not; else one refused row keeps the whole file out"`
	Note      string `query:"note" doc:"Kept with the import" maxLength:"200"`
	Tongue
	RawBody huma.MultipartFormFiles[struct {
		File huma.FormFile `form:"file" contentType:"application/octet-stream" required:"true" doc:"A workbook (.xlsx), a CSV file, or a .zip of CSV files"`
	}]
}

// files are workbooks in and out.
func (a *API) files() {
	download(a, operation{
		id: "exportAll", method: http.MethodGet, path: "/api/export", group: "files", needs: plan, gives: workbook,
		says: "Everything known at the instant, as a workbook or CSV files that the import reads: units with their changes, indicators, sets, schemes, goals, targets with all revisions, figures.",
		try:  "/api/export?asof=2020-07-31&year=2020&indicators=key_projects",
	}, func(ctx context.Context, in *exportIn) ([]byte, string, string, error) {
		opt := service.ExportOptions{Indicators: in.Indicators, Year: in.Year, Plan: in.Plan, Lang: string(askedOf(ctx).lang), CSV: in.Format == "csv"}
		var err error
		if opt.AsOf, err = a.instant(in.AsOf); err != nil {
			return nil, "", "", err
		}
		var b bytes.Buffer
		err = a.board.Export(ctx, &b, opt)
		if opt.CSV {
			return b.Bytes(), "luoshi.zip", zipped, err
		}
		return b.Bytes(), "luoshi.xlsx", workbook, err
	})
	download(a, operation{
		id: "getTemplate", method: http.MethodGet, path: "/api/template", group: "files", needs: plan, fails: []luoshi.Code{luoshi.NotFound}, gives: workbook,
		says: "A workbook to fill in and upload at /api/imports: for a planning office that sets up a year, or for the clerk of a unit, with what is owed for the newest period and what is known filled in.",
		try:  "/api/template?for=clerk&unit=340100&asof=2020-07-31",
	}, func(ctx context.Context, in *templateIn) ([]byte, string, string, error) {
		var b bytes.Buffer
		lang := string(askedOf(ctx).lang)
		if in.For == "planner" {
			return written(&b, "planner.xlsx", service.PlannerTemplate(&b, lang))
		}
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, "", "", err
		}
		return written(&b, "clerk.xlsx", a.board.ClerkTemplate(ctx, &b, service.TemplateQuery{Look: look, Clerk: true, Indicators: in.Indicators, Lang: lang}))
	})
	a.imports()
}

func written(b *bytes.Buffer, name string, err error) ([]byte, string, string, error) {
	return b.Bytes(), name, workbook, err
}

func (a *API) imports() {
	answer(a, operation{
		id: "importFile", method: http.MethodPost, path: "/api/imports", group: "files", needs: brings, fails: []luoshi.Code{luoshi.TooLarge, luoshi.Conflict},
		says: "Take in a workbook, a CSV file or a .zip of CSV files, sent as the form field file. Every row is checked first; all is saved in one transaction or nothing, and problems are told by cell with the way out. " +
			"With dry_run nothing is saved and the answer says what would become of the rows.",
		try: "/api/imports?dry_run=true", file: "july.csv",
	}, func(s *scribe, ctx context.Context, in *importIn) (wire.Import, error) {
		f := in.RawBody.Data().File
		r, err := a.board.ImportReader(ctx, f, f.Size, service.ImportOptions{Name: f.Filename, By: a.opt.By, Note: in.Note, DryRun: in.DryRun, SaveRight: in.SaveRight})
		if err != nil {
			return wire.Import{}, err
		}
		return s.imported(r), nil
	})
	a.importsDone()
}

type importOfIn struct {
	At
	OfUnit
	Batch int64 `path:"batch" doc:"Number of the import" minimum:"1"`
}

type undoImportIn struct {
	Tongue
	Batch int64 `path:"batch" doc:"Number of the import" minimum:"1"`
	Body  struct {
		Reason string `json:"reason" doc:"Why it is taken back" minLength:"1" maxLength:"500"`
	}
}

// importsDone are the imports on record.
func (a *API) importsDone() {
	answer(a, operation{
		id: "listImports", method: http.MethodGet, path: "/api/imports", group: "files", needs: imports, fails: []luoshi.Code{luoshi.NotFound},
		says: "What was imported and taken back, the newest first: who, when, how much, and whether it has been undone.",
		try:  "/api/imports?limit=10",
	}, func(_ *scribe, ctx context.Context, in *ListIn) (wire.ImportList, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return wire.ImportList{}, err
		}
		return a.importList(ctx, look, in.Paging)
	})
	answer(a, operation{
		id: "getImport", method: http.MethodGet, path: "/api/imports/{batch}", group: "files", needs: imports, fails: []luoshi.Code{luoshi.NotFound},
		says: "One import: who brought it and when, and how many figures of which indicators and years it wrote.",
		try:  "/api/imports/1",
	}, func(_ *scribe, ctx context.Context, in *importOfIn) (wire.ImportCard, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return wire.ImportCard{}, err
		}
		v, err := a.board.ImportOf(ctx, look, in.Batch)
		if err != nil {
			return wire.ImportCard{}, err
		}
		return wire.ImportCard{Where: stands(&v.Frame), ImportLine: importLine(v.Import), Figures: v.Figures,
			Parts: each(v.Parts, func(p service.ImportPart) wire.ImportPart { return wire.ImportPart(p) })}, nil
	})
	answer(a, operation{
		id: "undoImport", method: http.MethodPost, path: "/api/imports/{batch}/undo", group: "files", needs: undoes, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict},
		says: "Take every figure of an import back, as a batch of its own: what held before holds again, later corrections stay, both stay on record. Entries of the plan that came with it stay. An undoing is undone the same way.",
		try:  "/api/imports/1/undo", body: `{"reason": "The wrong file"}`,
	}, func(_ *scribe, ctx context.Context, in *undoImportIn) (wire.Undone, error) {
		batch, err := a.board.UndoImport(ctx, in.Batch, a.opt.By, in.Body.Reason)
		return wire.Undone{Batch: batch}, err
	})
}

// importList gathers the service's pages into the one that is asked for.
func (a *API) importList(ctx context.Context, look service.Look, p Paging) (wire.ImportList, error) {
	out := wire.ImportList{Page: wire.Page{Limit: p.Limit, Offset: p.Offset}, Items: []wire.ImportLine{}}
	for page := p.Offset/service.ImportsPage + 1; ; page++ {
		v, err := a.board.Imports(ctx, look, page)
		if err != nil {
			return out, err
		}
		out.Where, out.Total = stands(&v.Frame), v.Total
		first := (page - 1) * service.ImportsPage
		if v.Page != page {
			return out, nil
		}
		for i, one := range v.Imports {
			if at := first + i; at >= p.Offset && len(out.Items) < p.Limit {
				out.Items = append(out.Items, importLine(one))
			}
		}
		if page >= v.Pages || len(out.Items) >= p.Limit {
			return out, nil
		}
	}
}

func importLine(v service.Import) wire.ImportLine {
	return wire.ImportLine{Batch: v.Batch, Name: v.Name, Kind: v.Kind, By: v.By, At: v.At.In(luoshi.Zone), Note: v.Note, Rows: v.Rows, Undoes: v.Undoes, UndoneBy: v.UndoneBy,
		UndoneAt: moment(v.UndoneAt)}
}

func (s *scribe) imported(r *service.ImportReport) wire.Import {
	out := wire.Import{Saved: r.Saved, Batch: r.Batch, Rows: r.Rows(), Tally: map[string]wire.Tally{}, Sheets: []wire.Sheet{},
		Blocked: luoshi.Blocked(r.Problems), Problems: each(r.Problems, s.problem)}
	for kind, t := range r.Tally {
		out.Tally[string(kind)] = wire.Tally{New: t.New, Changed: t.Changed, Same: t.Same, Refused: t.Refused}
	}
	for _, sheet := range r.Sheets {
		out.Sheets = append(out.Sheets, wire.Sheet{File: sheet.File, Name: sheet.Name, Kind: string(sheet.Kind), Wide: sheet.Wide, Rows: sheet.Rows, Blocked: sheet.Blocked, Skipped: sheet.Skipped})
	}
	return out
}
