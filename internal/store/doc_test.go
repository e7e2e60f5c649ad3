package store

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
)

// blocks are the fenced blocks of a kind in doc/HISTORY.md, in order.
func blocks(t *testing.T, kind string) []string {
	t.Helper()
	text, err := os.ReadFile("../../doc/HISTORY.md")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for i, part := range strings.Split(string(text), "```") {
		if body, ok := strings.CutPrefix(part, kind+"\n"); ok && i%2 == 1 {
			list = append(list, strings.TrimSpace(body))
		}
	}
	return list
}

// The worked example of doc/HISTORY.md: the bytes as it lays them out give the hash
// that it tells, and so does the program.
func TestWorkedExample(t *testing.T) {
	var v struct {
		Seq, At, Actor, Behalf, Unit                         int64
		Intent, Object, Before, After, Reason, Request, Prev string
		Covers                                               json.RawMessage
	}
	list := blocks(t, "json")
	if err := json.Unmarshal([]byte(list[0]), &v); err != nil {
		t.Fatal(err)
	}
	want := blocks(t, "hash")[0]
	covers := string(v.Covers)
	prev, err := hex.DecodeString(v.Prev)
	if err != nil {
		t.Fatal(err)
	}
	bytes := append([]byte("luoshi event 1\n"), prev...)
	for _, n := range []int64{v.Seq, v.At, v.Actor, v.Behalf, v.Unit} {
		bytes = binary.BigEndian.AppendUint64(bytes, uint64(n)) //nolint:gosec // a bit pattern
	}
	for _, s := range []string{v.Intent, v.Object, v.Before, v.After, v.Reason, v.Request, covers} {
		bytes = append(binary.BigEndian.AppendUint64(bytes, uint64(len(s))), s...)
	}
	if got := sha256.Sum256(bytes); hex.EncodeToString(got[:]) != want {
		t.Errorf("the bytes of the document give %x, it says %s", got, want)
	}
	e := luoshi.Event{Seq: v.Seq, At: time.UnixMicro(v.At), Actor: luoshi.PersonID(v.Actor), Behalf: luoshi.PersonID(v.Behalf), Unit: luoshi.UnitID(v.Unit), Intent: v.Intent,
		Object: v.Object, Before: v.Before, After: v.After, Reason: v.Reason, Request: v.Request, Covers: covers}
	copy(e.Prev[:], prev)
	if got := e.Seal().String(); got != want {
		t.Errorf("the program gives %s, the document says %s", got, want)
	}
	// The row of the example, as the document writes its bytes.
	row, err := hex.DecodeString(strings.Join(strings.Fields(blocks(t, "row")[0]), ""))
	if err != nil {
		t.Fatal(err)
	}
	if got := encode(nil, []any{int64(1), "clerk"}); !slices.Equal(got, row) {
		t.Errorf("the program writes % x, the document % x", got, row)
	}
	var one sum
	one.add(slices.Clone(row))
	var said []luoshi.Cover
	if err := json.Unmarshal(v.Covers, &said); err != nil || len(said) != 1 || said[0].Sum != one.text() {
		t.Errorf("the row sums up to %s: %v %v", one.text(), said, err)
	}
	if raw, err := base64.RawStdEncoding.DecodeString(one.text()); err != nil || len(raw) != 128 {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
}

// The tables of doc/HISTORY.md are those that the history answers for, with their
// columns in the order in which they are summed.
func TestCoveredTablesAreTold(t *testing.T) {
	told := map[string][2]string{}
	text, err := os.ReadFile("../../doc/HISTORY.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(strings.TrimSpace(line), "|"); len(cells) == 5 && strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			told[strings.Trim(strings.TrimSpace(cells[1]), "`")] = [2]string{strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3])}
		}
	}
	for _, table := range coveredTables() {
		columns := coveredColumns(table)
		var key []string
		for _, c := range covered[table] {
			key = append(key, columns[c])
		}
		want := [2]string{strings.Join(key, " "), strings.Join(columns, " ")}
		if told[table] != want {
			t.Errorf("%s: told %q, want %q", table, told[table], want)
		}
	}
	if len(told) != len(covered) {
		t.Errorf("%d tables are told, %d covered", len(told), len(covered))
	}
}

// Numbers are written in as few bytes as hold them, each in one way; what an event
// says of its rows is JSON as any program writes it.
func TestCoverForms(t *testing.T) {
	for n, want := range map[int64]string{0: "30", 1: "3101", -1: "31ff", 127: "317f", 128: "320080", -128: "3180", -129: "32ff7f", 1 << 62: "384000000000000000", -1 << 63: "388000000000000000"} {
		if got := hex.EncodeToString(encodeInt(nil, n)); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	all := sums{}
	all.add("phrase", []any{int64(1), "clerk"}, nil)
	figure := make([]any, len(figureColumns))
	for i := range figure {
		figure[i] = int64(i * 1000)
	}
	all.add("figure", figure, nil)
	var list []luoshi.Cover
	if err := json.Unmarshal([]byte(all.text()), &list); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(list)
	if err != nil || string(text) != all.text() || len(list) != 2 || !slices.Equal(list[0].Key, []int64{0, 1000, 16000}) {
		t.Errorf("%v\n%s\n%s", err, text, all.text())
	}
}

// Two programs on one file: each chains to where the other left off.
func TestEndMovedByAnother(t *testing.T) {
	ctx := t.Context()
	path := t.TempDir() + "/a.db"
	var stores [2]*Store
	for i := range stores {
		s, err := Open(ctx, path, Options{})
		if err == nil {
			err = s.Migrate(ctx)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		stores[i] = s
	}
	for i := range 12 {
		s := stores[i/2%2]
		err := s.Write(ctx, func(tx *Tx) error {
			tx.Record(luoshi.Event{Intent: "x"})
			if i%5 == 4 {
				return errors.New("taken back")
			}
			return nil
		})
		if (err != nil) != (i%5 == 4) {
			t.Fatal(err)
		}
	}
	r, err := stores[0].VerifyHistory(ctx, nil, true, nil)
	if err != nil || !r.Intact() || r.Events != 10 {
		t.Errorf("%+v %v", r, err)
	}
}
