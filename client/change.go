package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"luoshi.dev/wire"
)

// TrySplit splits a yearly target over units and months; nothing is saved.
func (c *Client) TrySplit(ctx context.Context, at At, s wire.Split) (*wire.Plan, error) {
	return send[wire.Plan](ctx, c, "/api/cascade/try", at.values(), s)
}

// PutSplit puts a split in force; s.Reason says why.
func (c *Client) PutSplit(ctx context.Context, at At, s wire.Split) (*wire.Plan, error) {
	return send[wire.Plan](ctx, c, "/api/cascade", at.values(), s)
}

// RestorePlan puts a version of a plan back in force: so is a split undone.
func (c *Client) RestorePlan(ctx context.Context, at At, r wire.Restore) (*wire.Restored, error) {
	return send[wire.Restored](ctx, c, "/api/cascade/restore", at.values(), r)
}

// TryCatchUp tries a plan for the rest of a year; nothing is saved.
func (c *Client) TryCatchUp(ctx context.Context, at At, t wire.CatchUpTry) (*wire.CatchUp, error) {
	return send[wire.CatchUp](ctx, c, "/api/catchup/try", at.values(), t)
}

// PutCatchUp puts a plan for the rest of a year in force; t.Reason says why. UndoChange
// of its batch takes it back.
func (c *Client) PutCatchUp(ctx context.Context, at At, t wire.CatchUpTry) (*wire.CatchUp, error) {
	return send[wire.CatchUp](ctx, c, "/api/catchup", at.values(), t)
}

// StateCapacity states what the unit of at can bring of an indicator at most.
func (c *Client) StateCapacity(ctx context.Context, at At, indicator string, t wire.CapacityTry) (*wire.Capacities, error) {
	unit := at.Unit
	at.Unit = ""
	return send[wire.Capacities](ctx, c, "/api/indicators/"+segment(indicator)+"/at/"+segment(unit)+"/capacity", at.values(), t)
}

// TryChange says what a change to the plan would do to the lights; nothing is saved.
func (c *Client) TryChange(ctx context.Context, at At, change wire.Change) (*wire.Effect, error) {
	return send[wire.Effect](ctx, c, "/api/plan/try", at.values(), change)
}

// PutChange puts a change to the plan in force.
func (c *Client) PutChange(ctx context.Context, change wire.Change) (*wire.Saved, error) {
	return send[wire.Saved](ctx, c, "/api/plan", nil, change)
}

// UndoChange takes back a change to the plan.
func (c *Client) UndoChange(ctx context.Context, batch int64, reason string) (*wire.Saved, error) {
	return send[wire.Saved](ctx, c, "/api/plan/"+strconv.FormatInt(batch, 10)+"/undo", nil, map[string]string{"reason": reason})
}

// ImportOptions say how a file is taken in.
type ImportOptions struct {
	DryRun    bool   // check everything, save nothing
	SaveRight bool   // save the rows that are right although others are not
	Note      string // kept with the import
}

// Import sends a workbook, a CSV file or a .zip of CSV files.
func (c *Client) Import(ctx context.Context, name string, content io.Reader, opt ImportOptions) (*wire.Import, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = io.Copy(part, content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	q := url.Values{}
	if opt.DryRun {
		q.Set("dry_run", "true")
	}
	if opt.SaveRight {
		q.Set("save_right", "true")
	}
	set(q, "note", opt.Note)
	var v wire.Import
	if err := c.ask(ctx, request{method: http.MethodPost, path: "/api/imports", query: q, body: body.Bytes(), kind: form.FormDataContentType()}, &v); err != nil {
		return nil, err
	}
	return &v, nil
}

// Imports are the imports on record, the newest first.
func (c *Client) Imports(ctx context.Context) iter.Seq2[wire.ImportLine, error] {
	return pages(ctx, c, "/api/imports", url.Values{}, func(v *wire.ImportList) []wire.ImportLine { return v.Items })
}

// ImportOf is one import with what it wrote.
func (c *Client) ImportOf(ctx context.Context, batch int64) (*wire.ImportCard, error) {
	return read[wire.ImportCard](ctx, c, "/api/imports/"+strconv.FormatInt(batch, 10), nil)
}

// UndoImport takes every figure of an import back.
func (c *Client) UndoImport(ctx context.Context, batch int64, reason string) (*wire.Undone, error) {
	return send[wire.Undone](ctx, c, "/api/imports/"+strconv.FormatInt(batch, 10)+"/undo", nil, map[string]string{"reason": reason})
}

// ExportOptions say what is written out.
type ExportOptions struct {
	AsOf       string
	Year       int      // targets and figures of this year only
	Indicators []string // and of these only
	Plan       bool     // without figures
	CSV        bool     // a .zip of CSV files instead of a workbook
}

// Export writes everything known at an instant as a file that Import reads.
func (c *Client) Export(ctx context.Context, w io.Writer, opt ExportOptions) error {
	q := At{AsOf: opt.AsOf, Year: opt.Year}.values()
	set(q, "indicators", strings.Join(opt.Indicators, ","))
	if opt.Plan {
		q.Set("plan", "true")
	}
	if opt.CSV {
		q.Set("format", "csv")
	}
	return c.download(ctx, w, "/api/export", q)
}

// ExportMatrix writes units by indicators as a workbook.
func (c *Client) ExportMatrix(ctx context.Context, w io.Writer, at At, f MatrixFilter) error {
	q := at.values()
	f.put(q)
	return c.download(ctx, w, "/api/matrix/export", q)
}

// Template writes the workbook that the clerk of a unit fills in.
func (c *Client) Template(ctx context.Context, w io.Writer, at At) error {
	return c.download(ctx, w, "/api/template", at.values())
}

// download copies a file.
func (c *Client) download(ctx context.Context, w io.Writer, path string, q url.Values) error {
	r := request{method: http.MethodGet, path: path, query: q}
	resp, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		return errorOf(r, resp, body)
	}
	if _, err := io.Copy(w, resp.Body); err != nil {
		return fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	return nil
}

// send sends a document and reads the answer.
func send[T any](ctx context.Context, c *Client, path string, q url.Values, body any) (*T, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("write %T: %w", body, err)
	}
	var v T
	if err := c.ask(ctx, request{method: http.MethodPost, path: path, query: q, body: text, kind: "application/json"}, &v); err != nil {
		return nil, err
	}
	return &v, nil
}
