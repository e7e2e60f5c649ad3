package client

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"

	"luoshi.dev/wire"
)

// TrySplit splits a yearly target over units and months; nothing is saved.
func (c *Client) TrySplit(ctx context.Context, at At, s wire.Split) (*wire.SplitPlan, error) {
	return send[wire.SplitPlan](ctx, c, "/api/cascade/try", at.values(), s)
}

// PutSplit puts a split in force; s.Reason says why.
func (c *Client) PutSplit(ctx context.Context, at At, s wire.Split) (*wire.SplitPlan, error) {
	return send[wire.SplitPlan](ctx, c, "/api/cascade", at.values(), s)
}

// TryChange says what a change to the plan would do to the lights; nothing is saved.
func (c *Client) TryChange(ctx context.Context, at At, change wire.Change) (*wire.Effect, error) {
	return send[wire.Effect](ctx, c, "/api/plan/try", at.values(), change)
}

// PutChange puts a change to the plan in force.
func (c *Client) PutChange(ctx context.Context, change wire.Change) (*wire.Saved, error) {
	return send[wire.Saved](ctx, c, "/api/plan", nil, change)
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
	_, err = c.ask(ctx, request{method: http.MethodPost, path: "/api/imports", query: q, body: body.Bytes(), kind: form.FormDataContentType()}, &v)
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// send sends a document and reads the answer.
func send[T any](ctx context.Context, c *Client, path string, q url.Values, body any) (*T, error) {
	var v T
	if err := c.post(ctx, path, q, body, &v); err != nil {
		return nil, err
	}
	return &v, nil
}
