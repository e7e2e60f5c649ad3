package account

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"strings"

	"luoshi.dev"
)

// KeyBytes is the length of the key that seals shared secrets.
const KeyBytes = 32

// sealed begins every sealed secret, so that the way it is sealed can change.
const sealed = "v1:"

// seal encrypts a shared secret by AES-256-GCM: unlike a password it must be read
// again, so a hash does not do. The key is not in the database.
func (a *Accounts) seal(plain string) (string, error) {
	box, err := a.box()
	if err != nil {
		return "", err
	}
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return sealed + base64.RawStdEncoding.EncodeToString(box.Seal(nonce, nonce, []byte(plain), nil)), nil
}

func (a *Accounts) unseal(_ context.Context, text string) (string, error) {
	box, err := a.box()
	if err != nil {
		return "", err
	}
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimPrefix(text, sealed))
	if err != nil || len(b) < box.NonceSize() {
		return "", refuse(luoshi.Internal, "signin.sealed")
	}
	plain, err := box.Open(nil, b[:box.NonceSize()], b[box.NonceSize():], nil)
	if err != nil {
		return "", &luoshi.Error{Code: luoshi.Internal, Message: luoshi.Say("signin.sealed"), Err: err}
	}
	return string(plain), nil
}

func (a *Accounts) box() (cipher.AEAD, error) {
	if len(a.opt.Key) != KeyBytes {
		return nil, refuse(luoshi.Unavailable, "signin.no_key")
	}
	block, err := aes.NewCipher(a.opt.Key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
