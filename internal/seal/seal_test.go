package seal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestSeal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.key")
	key, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	const secret, purpose = "hunter2 ü", "source 1 at db.example.com"
	sealed, err := key.Seal(secret, purpose)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte(secret)) {
		t.Error("the secret stands in what was sealed")
	}
	twice, _ := key.Seal(secret, purpose)
	if bytes.Equal(sealed, twice) {
		t.Error("the same secret is sealed alike twice, so equal passwords can be told")
	}
	again, err := Open(path) // as after a restart
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Unseal(sealed, purpose); err != nil || got != secret {
		t.Errorf("got %q, %v", got, err)
	}
	other, err := Open(filepath.Join(t.TempDir(), "secrets.key"))
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for _, tt := range []struct {
		name    string
		key     *Key
		sealed  []byte
		purpose string
	}{
		{"another key", other, sealed, purpose},
		{"another purpose", key, sealed, "source 1 at db.attacker.example"},
		{"changed", key, flipped, purpose},
		{"cut", key, sealed[:5], purpose},
		{"nothing", key, nil, purpose},
		{"another version", key, append([]byte{9}, sealed[1:]...), purpose},
	} {
		if got, err := tt.key.Unseal(tt.sealed, tt.purpose); !errors.Is(err, ErrBroken) || got != "" {
			t.Errorf("%s: got %q, %v; want ErrBroken", tt.name, got, err)
		}
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.key")
	if _, err := Open(path); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o600, 0o644} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the key file has mode %v, %v; want 0600", info.Mode(), err)
		}
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil {
		t.Error("a damaged key was taken")
	}
}
