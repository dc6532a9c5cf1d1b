// Package seal keeps secrets that the program itself must use again, such as the password of a company's database. They
// stand encrypted in the store, under a key in a file of the data folder: who has the store alone, as a copy or a backup of
// the database, cannot read them. (Passwords of people are not kept at all, only their hashes: see internal/access.)
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// keySize makes AES-256.
const keySize = 32

// version is the first byte of what is sealed, so that another way can be told apart some day.
const version = 1

// ErrBroken says that something was sealed with another key, for another purpose, or was changed since.
var ErrBroken = errors.New("the secret cannot be opened with the key of this data folder")

// Key seals and opens.
type Key struct{ aead cipher.AEAD }

// Open reads the key file, which its owner alone may read; the first time it is made.
func Open(path string) (*Key, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		raw, err = create(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of secrets: %w", err)
	}
	if len(raw) != keySize {
		return nil, fmt.Errorf("the key of secrets %s is damaged; restore it from a backup, or remove it and enter the passwords of the sources again", path)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, fmt.Errorf("close the key of secrets to others: %w", err)
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, fmt.Errorf("read the key of secrets: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("read the key of secrets: %w", err)
	}
	return &Key{aead: aead}, nil
}

func create(path string) (raw []byte, err error) {
	raw = make([]byte, keySize)
	if _, err := rand.Read(raw); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(raw); err != nil {
		return nil, err
	}
	return raw, f.Sync()
}

// Seal encrypts a secret for a purpose. It opens again for the same purpose only: a sealed secret that is moved to another
// record, or whose record is changed, is useless.
func (k *Key) Seal(secret, purpose string) ([]byte, error) {
	nonce := make([]byte, k.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("seal a secret: %w", err)
	}
	return k.aead.Seal(append([]byte{version}, nonce...), nonce, []byte(secret), []byte(purpose)), nil
}

// Unseal returns the secret, or ErrBroken.
func (k *Key) Unseal(sealed []byte, purpose string) (string, error) {
	head := 1 + k.aead.NonceSize()
	if len(sealed) < head || sealed[0] != version {
		return "", ErrBroken
	}
	secret, err := k.aead.Open(nil, sealed[1:head], sealed[head:], []byte(purpose))
	if err != nil {
		return "", ErrBroken
	}
	return string(secret), nil
}
