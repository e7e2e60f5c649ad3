package history_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/history"
)

// A checkpoint is good as it was signed, by the key that goes with it, and in no
// other form.
func TestCheckpoint(t *testing.T) {
	private, public, err := history.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := history.PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	check, err := history.PublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	c := history.Sign(key, 42, luoshi.Digest{1, 2, 3}, time.Date(2020, 7, 31, 9, 0, 0, 0, luoshi.Zone))
	var file bytes.Buffer
	line, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	file.Write(line)
	file.WriteString("\n\n")
	file.Write(line)
	list, err := history.Read(&file, check)
	if err != nil || len(list) != 2 || list[0].Seq != 42 || list[0].Hash != c.Hash || !list[0].At.Equal(c.At) {
		t.Fatalf("%v %v", list, err)
	}
	for name, change := range map[string]func(*history.Checkpoint){
		"number": func(c *history.Checkpoint) { c.Seq++ }, "hash": func(c *history.Checkpoint) { c.Hash[0]++ },
		"instant": func(c *history.Checkpoint) { c.At = c.At.Add(1) }, "signature": func(c *history.Checkpoint) { c.Signature[0]++ },
		"no signature": func(c *history.Checkpoint) { c.Signature = nil },
	} {
		other := c
		other.Signature = bytes.Clone(c.Signature)
		change(&other)
		if other.Valid(check) {
			t.Errorf("a changed %s passes", name)
		}
	}
	_, stranger, err := history.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := history.PublicKey(stranger)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := history.Read(strings.NewReader(string(line)), wrong); luoshi.CodeOf(err) != luoshi.Invalid {
		t.Errorf("another's key passes: %v", err)
	}
	for _, bad := range [][]byte{nil, []byte("x"), private[:40]} {
		if _, err := history.PrivateKey(bad); err == nil {
			t.Errorf("%q is a private key", bad)
		}
		if _, err := history.PublicKey(bad); err == nil {
			t.Errorf("%q is a public key", bad)
		}
	}
	if _, err := history.PublicKey(private); err == nil {
		t.Error("a private key is taken for a public one")
	}
}

func FuzzRead(f *testing.F) {
	_, public, err := history.NewKey()
	if err != nil {
		f.Fatal(err)
	}
	key, err := history.PublicKey(public)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(`{"seq":1,"hash":"00","at":"2020-07-31T00:00:00Z","signature":"AA=="}`)
	f.Fuzz(func(t *testing.T, text string) {
		if list, err := history.Read(strings.NewReader(text), key); err == nil && len(list) > 0 {
			t.Error("a line that nobody signed passes")
		}
	})
}
