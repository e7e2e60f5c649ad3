package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/account"
)

// keyPath is where the key lies that seals shared secrets: where it was said, else
// beside the database, whose backups must not hold it.
func (a *app) keyPath(said string) string {
	switch {
	case said != "":
		return said
	case strings.Contains(a.db, "://"):
		return "luoshi.key"
	}
	return strings.TrimSuffix(a.db, filepath.Ext(a.db)) + ".key"
}

// key reads the key, and makes one where there is none yet.
func (a *app) key(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return a.makeKey(path)
	}
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, refuse("cli.key_open", "path", path)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != account.KeyBytes {
		return nil, refuse("cli.key_bad", "path", path)
	}
	return key, nil
}

func (a *app) makeKey(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the administrator's own choice of a file
	if errors.Is(err, fs.ErrExist) {                                      // another server made it just now
		return a.key(path)
	}
	if err != nil {
		return nil, err
	}
	key := make([]byte, account.KeyBytes)
	_, _ = rand.Read(key) // never fails
	_, err = fmt.Fprintln(f, base64.StdEncoding.EncodeToString(key))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	return key, nil
}

func refuse(key string, pairs ...any) error {
	return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say(key, pairs...)}
}
