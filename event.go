package luoshi

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Digest is a SHA-256 hash.
type Digest [32]byte

// String writes the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText writes the digest in hexadecimal.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Event is one line of the history: who wanted what, on what, and what differed.
// Each holds the hash of the one before, so that none can be changed, taken out or
// put in without all that follow showing it.
type Event struct {
	Seq     int64     // from 1, without gaps
	At      time.Time // to the microsecond
	Actor   PersonID  // 0 = the command line or the program itself
	Behalf  PersonID  // for whom, 0 = the actor
	Intent  string    // as workflow names it
	Object  string    // what was acted on, "target key_projects 340100 2020"
	Unit    UnitID    // whose it is, 0 = nobody's
	Before  string    // JSON of what differed, "" = nothing was there
	After   string    // JSON of what it became
	Reason  string
	Request string // number of the request, "" from the command line
	Covers  string // JSON list of [Cover]: the rows that were written with it
	Prev    Digest // hash of the event before, zero for the first
	Hash    Digest // of all of the above
}

// EventState is what Before and After of an event say of targets, figures, units and
// registers, as JSON. Accounts write a form of their own, of which it reads nothing.
type EventState struct {
	Batch   int64  `json:"batch,omitempty"`   // under which the rows were written
	Undoes  int64  `json:"undoes,omitempty"`  // the batch that was taken back
	Name    string `json:"name,omitempty"`    // of an import
	History bool   `json:"history,omitempty"` // an import of what was known at earlier instants
	// Rows counts what an import wrote, by kind: units, targets, figures …
	Rows map[string]RowsWritten `json:"rows,omitempty"`
	// Fields are what differs, by object and then by field, as the columns of the
	// workbook are called. A field that one side lacks was or became empty.
	Fields map[string]map[string]string `json:"fields,omitempty"`
	More   int                          `json:"more,omitempty"` // objects that changed too and are not listed
	// Targets are the indicators of which targets were written.
	Targets []string `json:"targets,omitempty"`
}

// RowsWritten counts rows of one kind.
type RowsWritten struct {
	New     int `json:"new,omitempty"`
	Changed int `json:"changed,omitempty"`
}

// Text writes the state as an event keeps it; the empty state is "".
func (s EventState) Text() string {
	text, err := json.Marshal(s)
	if err != nil || string(text) == "{}" { // it holds only texts and numbers: there is no error
		return ""
	}
	return string(text)
}

// States reads Before and After.
func (e Event) States() (before, after EventState) {
	return readState(e.Before), readState(e.After)
}

func readState(text string) (s EventState) {
	if strings.HasPrefix(text, "{") {
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			return EventState{} // another form
		}
	}
	return s
}

// Objects lists what the event can be found by: its object, the batches that it
// wrote and took back ("batch 12"), each object of which it says what differed, and
// "targets CODE" for the indicators of which it wrote targets.
func (e Event) Objects() []string {
	var list []string
	if e.Object != "" {
		list = append(list, e.Object)
	}
	if !strings.Contains(e.After, `"batch":`) { // quick: only a state has one
		return list
	}
	before, after := e.States()
	for _, batch := range []int64{after.Batch, after.Undoes} {
		if batch != 0 {
			list = append(list, "batch "+strconv.FormatInt(batch, 10))
		}
	}
	list = slices.AppendSeq(list, maps.Keys(before.Fields))
	list = slices.AppendSeq(list, maps.Keys(after.Fields))
	for _, code := range after.Targets {
		list = append(list, "targets "+code)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Cover says which rows of a table an event wrote: how many, and a sum over them
// that does not depend on their order. Key narrows the table down to them.
type Cover struct {
	Table string  `json:"table"`
	Key   []int64 `json:"key,omitempty"`
	Rows  int64   `json:"rows"`
	Sum   string  `json:"sum"`
}

// Seal is the hash of the event: SHA-256 over its fields in order, each text with
// its length before it, so that no two events have one encoding.
func (e Event) Seal() Digest {
	h := sha256.New()
	var buf []byte
	number := func(n int64) { buf = binary.BigEndian.AppendUint64(buf, uint64(n)) } //nolint:gosec // a bit pattern, not a number
	text := func(s string) { number(int64(len(s))); buf = append(buf, s...) }
	buf = append(buf, "luoshi event 1\n"...)
	buf = append(buf, e.Prev[:]...)
	number(e.Seq)
	number(e.At.UnixMicro())
	number(int64(e.Actor))
	number(int64(e.Behalf))
	number(int64(e.Unit))
	for _, s := range []string{e.Intent, e.Object, e.Before, e.After, e.Reason, e.Request, e.Covers} {
		text(s)
	}
	h.Write(buf)
	return Digest(h.Sum(nil))
}

// UnmarshalText reads what MarshalText writes.
func (d *Digest) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != len(d) {
		return &Error{Code: Invalid, Message: Say("digest.unreadable"), Err: err}
	}
	copy(d[:], b)
	return nil
}
