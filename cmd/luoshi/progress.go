package main

import (
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress draws one bar at a time on a terminal and nothing elsewhere.
type progress struct {
	app   *app
	stage string
	bar   *progressbar.ProgressBar
}

func (a *app) progress() *progress { return &progress{app: a} }

// step moves the bar of a stage; a new stage finishes the one before.
func (p *progress) step(stage string, done, total int64) {
	if p.app.quiet || !terminal(p.app.err) {
		return
	}
	if p.bar == nil || stage != p.stage {
		p.close()
		p.stage = stage
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.app.err), progressbar.OptionSetDescription(p.app.words.Word(p.app.lang(), "cli.stage_"+stage)),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100e6), progressbar.OptionClearOnFinish())
	}
	p.bar.ChangeMax64(total)
	_ = p.bar.Set64(done)
}

func (p *progress) close() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}

// terminal reports whether a stream is a terminal that a person watches.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
