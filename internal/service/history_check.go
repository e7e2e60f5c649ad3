package service

import (
	"bufio"
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"luoshi.dev"
	chain "luoshi.dev/internal/history"
)

// HistoryCheck is a walk along the history: one that is under way, or how the last
// one ended.
type HistoryCheck struct {
	Running bool          `json:"running"`
	Done    int64         `json:"done"` // of Total, while it runs
	Total   int64         `json:"total"`
	Began   time.Time     `json:"began,omitzero"` // zero = never
	Ended   time.Time     `json:"ended,omitzero"`
	Deep    bool          `json:"deep"`   // the tables were held against the history too
	Events  int64         `json:"events"` // walked
	End     luoshi.Digest `json:"end"`    // hash of the last
	Broken  int64         `json:"broken"` // number of the first event that does not fit, 0 = none
	Found   []luoshi.Message
	Failed  bool        `json:"failed"` // it could not be ended
	Marks   []MarkCheck `json:"marks"`
}

// MarkCheck is one checkpoint held against the chain.
type MarkCheck struct {
	chain.Checkpoint
	Kept bool `json:"kept"` // the chain has it as it was signed
}

// Intact reports whether the last walk found nothing.
func (c HistoryCheck) Intact() bool {
	return !c.Running && !c.Began.IsZero() && !c.Failed && len(c.Found) == 0
}

// Holds reports whether the last walk found the chain whole up to an event.
func (c HistoryCheck) Holds(seq int64) bool {
	return !c.Running && !c.Failed && seq <= c.Events && (c.Broken == 0 || seq < c.Broken)
}

// checks is the walk of this process: one at a time.
type checks struct {
	mu   sync.Mutex
	last HistoryCheck
}

// HistoryCheck tells how the last walk along the history ended, or how far it is.
func (s *Service) HistoryCheck(context.Context) (HistoryCheck, error) { return s.lastCheck(), nil }

func (s *Service) lastCheck() HistoryCheck {
	s.checks.mu.Lock()
	defer s.checks.mu.Unlock()
	return s.checks.last
}

// checkpointsMost bounds how many checkpoints are held against the chain at a time.
const checkpointsMost = 1000

// Checkpoints reads checkpoints, one JSON object a line, as luoshi history writes
// them. Whether they are signed by whom they should be is for their keeper to check:
// here they are only held against the chain.
func Checkpoints(text string) ([]chain.Checkpoint, error) {
	var list []chain.Checkpoint
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		var c chain.Checkpoint
		if err := json.Unmarshal([]byte(line), &c); err != nil || c.Seq <= 0 || len(list) == checkpointsMost {
			return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("history.checkpoint", "line", n), Err: err}
		}
		list = append(list, c)
	}
	if err := lines.Err(); err != nil {
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("history.checkpoint", "line", len(list)+1), Err: err}
	}
	return list, nil
}

// CheckHistory begins a walk along the history, from its first event to its end;
// deep holds the tables against it too. It returns at once: [Service.HistoryCheck]
// tells how far it is. Where one is under way already nothing else is begun.
func (s *Service) CheckHistory(ctx context.Context, deep bool, checkpoints string) error {
	kept, err := Checkpoints(checkpoints)
	if err != nil {
		return err
	}
	s.checks.mu.Lock()
	defer s.checks.mu.Unlock()
	if s.checks.last.Running {
		return nil
	}
	now := HistoryCheck{Running: true, Began: s.now(), Deep: deep}
	s.checks.last = now
	ctx = context.WithoutCancel(ctx) // whoever began it may leave
	go func() {
		r, err := chain.Verify(ctx, s.store, kept, deep, func(done, total int64) {
			s.checks.mu.Lock()
			defer s.checks.mu.Unlock()
			s.checks.last.Done, s.checks.last.Total = done, total
		})
		now.Running, now.Ended, now.Failed = false, s.now(), err != nil
		if err == nil {
			now.Events, now.End, now.Broken, now.Found = r.Events, r.End, r.Broken, r.Found
			now.Marks, now.Failed = s.marked(ctx, kept)
		}
		s.checks.mu.Lock()
		defer s.checks.mu.Unlock()
		s.checks.last = now
	}()
	return nil
}

// marked says of each checkpoint whether the chain has it.
func (s *Service) marked(ctx context.Context, kept []chain.Checkpoint) (list []MarkCheck, failed bool) {
	for _, c := range kept {
		e, err := s.store.Event(ctx, c.Seq)
		if err != nil && luoshi.CodeOf(err) != luoshi.NotFound {
			return list, true
		}
		list = append(list, MarkCheck{c, err == nil && e.Hash == c.Hash})
	}
	return list, false
}
