// Package history owns the record as an auditor uses it: walking the chain of
// events, signed checkpoints that are kept elsewhere, and the question how a number
// came to be. It writes no event and decides nothing.
package history

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// Checkpoint is the end of the chain at an instant, signed. An auditor keeps it
// where the database's masters cannot reach it: whoever then rewrites the tail of
// the chain makes it differ from the checkpoint.
type Checkpoint struct {
	Seq       int64         `json:"seq"`
	Hash      luoshi.Digest `json:"hash"`
	At        time.Time     `json:"at"`
	Signature []byte        `json:"signature"` // Ed25519 over the lines of [Checkpoint.signed]
}

// signed is what the signature is over: three lines after a first that names the
// form.
func (c Checkpoint) signed() []byte {
	return fmt.Appendf(nil, "luoshi checkpoint 1\n%d\n%s\n%s\n", c.Seq, c.Hash, c.At.UTC().Format(time.RFC3339Nano))
}

// Sign makes the checkpoint of an end of the chain.
func Sign(key ed25519.PrivateKey, seq int64, hash luoshi.Digest, at time.Time) Checkpoint {
	c := Checkpoint{Seq: seq, Hash: hash, At: at.UTC()}
	c.Signature = ed25519.Sign(key, c.signed())
	return c
}

// Valid reports whether the checkpoint was signed by the key's owner.
func (c Checkpoint) Valid(key ed25519.PublicKey) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, c.signed(), c.Signature)
}

// checkpointsMost bounds how many checkpoints are read.
const checkpointsMost = 100_000

// Read reads checkpoints, one JSON object a line, and refuses the file where one is
// not signed by the key's owner.
func Read(r io.Reader, key ed25519.PublicKey) ([]Checkpoint, error) {
	var list []Checkpoint
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var c Checkpoint
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("history.checkpoint", "line", n), Err: err}
		}
		if !c.Valid(key) {
			return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("history.signature", "line", n)}
		}
		if list = append(list, c); len(list) > checkpointsMost {
			return nil, &luoshi.Error{Code: luoshi.TooLarge, Message: luoshi.Say("history.checkpoint", "line", n)}
		}
	}
	return list, lines.Err()
}

// NewKey makes a pair of keys: the private one signs on the server, the public one
// checks anywhere. Both are PEM.
func NewKey() (private, public []byte, err error) {
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	inner, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		return nil, nil, err
	}
	outer, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: inner}), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: outer}), nil
}

var errKey = errors.New("not an Ed25519 key in PEM")

// PrivateKey reads a key that signs.
func PrivateKey(text []byte) (ed25519.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, keyError(errKey)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, keyError(err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, keyError(errKey)
	}
	return private, nil
}

// PublicKey reads a key that checks.
func PublicKey(text []byte) (ed25519.PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, keyError(errKey)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, keyError(err)
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, keyError(errKey)
	}
	return public, nil
}

func keyError(err error) error {
	return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("history.key"), Err: err}
}

// Verify walks the chain and holds it against checkpoints; deep adds up every
// covered table too.
func Verify(ctx context.Context, st *store.Store, kept []Checkpoint, deep bool, progress func(done, total int64)) (*store.ChainReport, error) {
	marks := make([]store.Mark, len(kept))
	for i, c := range kept {
		marks[i] = store.Mark{Seq: c.Seq, Hash: c.Hash}
	}
	return st.VerifyHistory(ctx, marks, deep, progress)
}
