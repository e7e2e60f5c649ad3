package store

import (
	"cmp"
	"context"
	"crypto/sha512"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
)

// covered are the tables whose rows the history answers for, with the columns, by
// index, that narrow a table down to the rows of one sum. Rows are only ever added
// to them, so what the table holds is the sum of what all events wrote.
var covered = map[string][]int{
	"figure": {0, 1, 16}, // indicator, year, batch
	"target": {0},        // indicator
	"unit":   nil, "succession": nil, "indicator": nil, "indicator_set": nil, "set_item": nil, "goal": nil, "goal_item": nil, "scheme": nil,
	"batch": nil, "post": nil, "duty": nil, "phrase": nil, "capacity": nil, "catchup": nil,
}

// sum adds up rows whatever their order: the sum, modulo 2^1024, of two SHA-512
// hashes of each row beside each other. Two sets of rows with one sum cannot be
// found by anybody's means: the best attack known on sums of hashes (Wagner's
// generalised birthday, 2002) needs some 2^64 steps and 2^32 rows at this width.
type sum struct {
	rows int64
	bits [16]uint64
}

// add puts one row into the sum.
func (s *sum) add(row []byte) {
	row[0] = 0
	a := sha512.Sum512(row)
	row[0] = 1
	b := sha512.Sum512(row)
	var one sum
	one.rows = 1
	for i := range 8 {
		one.bits[i] = binary.LittleEndian.Uint64(a[8*i:])
		one.bits[8+i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	s.join(&one)
}

// join adds another sum.
func (s *sum) join(other *sum) {
	s.rows += other.rows
	var carry uint64
	for i := range s.bits {
		s.bits[i], carry = bits.Add64(s.bits[i], other.bits[i], carry)
	}
}

func (s *sum) text() string {
	var b [128]byte
	for i, w := range s.bits {
		binary.LittleEndian.PutUint64(b[8*i:], w)
	}
	return base64.RawStdEncoding.EncodeToString(b[:])
}

func (s *sum) read(c luoshi.Cover) error {
	b, err := base64.RawStdEncoding.DecodeString(c.Sum)
	if err != nil || len(b) != 128 || c.Rows < 0 {
		return fmt.Errorf("a cover of %s that is none", c.Table)
	}
	for i := range s.bits {
		s.bits[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	s.rows = c.Rows
	return nil
}

// encode writes the values of a row, each with its kind and length, after a byte
// that is left free.
func encode(to []byte, values []any) []byte {
	to = append(to[:0], 0)
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			to = append(to, 'n')
		case string:
			to = append(binary.BigEndian.AppendUint32(append(to, 's'), uint32(len(v))), v...) //nolint:gosec // no text is that long
		case []byte:
			to = append(binary.BigEndian.AppendUint32(append(to, 's'), uint32(len(v))), v...) //nolint:gosec // no text is that long
		case int:
			to = encodeInt(to, int64(v))
		case int32:
			to = encodeInt(to, int64(v))
		case int64:
			to = encodeInt(to, v)
		default:
			to = append(to, fmt.Sprintf("?%T%v", v, v)...)
		}
	}
	return to
}

// encodeInt writes a number in as few bytes as hold it, so that most rows fit into
// one block of the hash.
func encodeInt(to []byte, n int64) []byte {
	size := (64 - bits.LeadingZeros64(uint64(n^n>>63)) + 8) / 8 //nolint:gosec // a bit pattern
	if n == 0 {
		size = 0
	}
	to = append(to, '0'+byte(size))
	for i := size - 1; i >= 0; i-- {
		to = append(to, byte(n>>(8*i))) //nolint:gosec // one byte of it
	}
	return to
}

// coverKey is the table and the values that narrow it down, as text.
type coverKey struct{ table, key string }

func coverOf(table string, values []any) coverKey {
	columns := covered[table]
	key := make([]string, len(columns))
	for i, c := range columns {
		key[i] = fmt.Sprint(values[c])
	}
	return coverKey{table, strings.Join(key, " ")}
}

// which says in words which rows of the table are meant: "inv 2020 #12", with the
// indicator's code, the year and the batch.
func (k coverKey) which(b *book) string {
	words := strings.Fields(k.key)
	if len(words) == 0 {
		return ""
	}
	if id, err := strconv.Atoi(words[0]); err == nil && b != nil && b.byID[id] != nil {
		words[0] = b.byID[id].code
	}
	if len(words) == 3 && words[2] != "0" {
		words[2] = "#" + words[2]
	} else {
		words = words[:min(2, len(words))]
	}
	return " " + strings.Join(words, " ")
}

// sums are the sums of several tables.
type sums map[coverKey]*sum

func (s sums) add(table string, values []any, buffer []byte) []byte {
	buffer = encode(buffer, values)
	var one sum
	one.add(buffer)
	s.join(coverOf(table, values), &one)
	return buffer
}

func (s sums) join(k coverKey, one *sum) {
	at := s[k]
	if at == nil {
		at = &sum{}
		s[k] = at
	}
	at.join(one)
}

// text is the sums as an event has them: sorted, so that one set has one text.
func (s sums) text() string {
	if len(s) == 0 {
		return ""
	}
	keys := slices.SortedFunc(maps.Keys(s), func(a, b coverKey) int { return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.key, b.key)) })
	text := make([]byte, 0, 260*len(keys))
	for i, k := range keys { // as encoding/json would: every submitted figure pays for it
		text = append(text, ",{\"table\":\""...)
		if i == 0 {
			text[0] = '['
		}
		text = append(append(text, k.table...), '"')
		if k.key != "" {
			text = append(append(append(text, ",\"key\":["...), strings.ReplaceAll(k.key, " ", ",")...), ']')
		}
		text = strconv.AppendInt(append(text, ",\"rows\":"...), s[k].rows, 10)
		text = append(append(append(text, ",\"sum\":\""...), s[k].text()...), "\"}"...)
	}
	return string(append(text, ']'))
}

// take adds what an event says that it wrote.
func (s sums) take(covers string) error {
	if covers == "" {
		return nil
	}
	var list []luoshi.Cover
	if err := json.Unmarshal([]byte(covers), &list); err != nil {
		return err
	}
	for _, c := range list {
		key := make([]string, len(c.Key))
		for i, n := range c.Key {
			key[i] = fmt.Sprint(n)
		}
		var one sum
		if err := one.read(c); err != nil {
			return err
		}
		s.join(coverKey{c.Table, strings.Join(key, " ")}, &one)
	}
	return nil
}

// held adds up what a covered table holds. step is told of every row.
func (s *Store) held(ctx context.Context, q querier, table string, into sums, step func()) error {
	columns := coveredColumns(table)
	values := make([]any, len(columns))
	scan := make([]any, len(columns))
	for i := range values {
		scan[i] = &values[i]
	}
	var buffer []byte
	return s.each(ctx, q, "add up "+table, "SELECT "+strings.Join(columns, ", ")+" FROM "+table, nil, func(rows *sql.Rows) error {
		if err := rows.Scan(scan...); err != nil {
			return err
		}
		buffer = into.add(table, values, buffer)
		step()
		return nil
	})
}

// coveredColumns are the columns of a covered table in the order in which its rows
// are summed.
func coveredColumns(table string) []string {
	switch table {
	case "figure":
		return figureColumns
	case "target":
		return targetTable().list()
	case "unit":
		return unitFacts().list()
	case "succession":
		return successionFacts().list()
	case "indicator":
		return indicatorFacts().list()
	case "indicator_set":
		return setFacts().list()
	case "set_item":
		return setItems().list()
	case "goal":
		return goalFacts().list()
	case "goal_item":
		return goalItems().list()
	case "scheme":
		return schemeFacts().list()
	case "batch":
		return batchTable().list()
	case "post":
		return postTable().list()
	case "duty":
		return dutyTable().list()
	case "phrase":
		return phraseColumns
	case "capacity":
		return capacityTable().list()
	case "catchup":
		return catchUpTable().list()
	case objectTable:
		return objectColumns
	}
	panic("store: " + table + " is not covered")
}

// differ says where what is there is not what the events wrote.
// b, if not nil, gives the codes of indicators.
func (s sums) differ(said sums, b *book) []luoshi.Message {
	keys := map[coverKey]bool{}
	for k := range s {
		keys[k] = true
	}
	for k := range said {
		keys[k] = true
	}
	var found []luoshi.Message
	for _, k := range slices.SortedFunc(maps.Keys(keys), func(a, b coverKey) int { return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.key, b.key)) }) {
		var here, wrote sum
		if s[k] != nil {
			here = *s[k]
		}
		if said[k] != nil {
			wrote = *said[k]
		}
		switch {
		case here == wrote:
		case here.rows != wrote.rows:
			found = append(found, luoshi.Say("history.rows", "table", k.table, "which", k.which(b), "have", here.rows, "want", wrote.rows))
		default:
			found = append(found, luoshi.Say("history.changed", "table", k.table, "which", k.which(b), "rows", here.rows))
		}
	}
	return found
}

// since is the version of the schema that brought a table.
func since(table string) int64 {
	i := slices.IndexFunc(backupTables, func(t backupTable) bool { return t.name == table })
	return backupTables[i].since
}

// coveredTables are the tables for which the history answers, in order.
func coveredTables() []string { return slices.Sorted(maps.Keys(covered)) }
