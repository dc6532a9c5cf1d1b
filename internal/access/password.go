package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Lengths of a password in characters. The upper one only bounds the work of
// hashing.
const (
	minPassword = 12
	maxPassword = 200
)

// commonPasswords are those of twelve characters and more that stand in every
// attacker's list, one a line, in small letters.
//
//go:embed common_passwords.txt
var commonPasswords string

// checkPassword says whether the user may choose this password; path is the
// field the fault points at.
func checkPassword(path, password, email string) error {
	var why string
	lower := strings.ToLower(password)
	local, _, _ := strings.Cut(strings.ToLower(email), "@")
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		why = fmt.Sprintf("The password needs at least %d characters; a sentence is easy to remember.", minPassword)
	case n > maxPassword:
		why = fmt.Sprintf("The password may have at most %d characters.", maxPassword)
	case lower == strings.ToLower(email) || len(local) >= 4 && strings.Trim(strings.ReplaceAll(lower, local, ""), "0123456789!.-_ ") == "":
		why = "The password may not be the e-mail address. Choose another."
	case distinct(lower) < 5 || common(lower):
		why = "This password is one of the first an attacker tries. Choose another."
	default:
		return nil
	}
	return fault.New(fault.Invalid, "access.weak_password", "%s", why).At(path, "%s", why)
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

func common(lower string) bool {
	for line := range strings.Lines(commonPasswords) {
		if strings.TrimSpace(line) == lower {
			return true
		}
	}
	return false
}

// The cost of one argon2id hash, the second of the OWASP recommendations:
// about 30 ms and 19 MiB.
const (
	argonMemoryKiB = 19 * 1024
	argonTime      = 2
	argonThreads   = 1
	argonSaltBytes = 16
	argonKeyBytes  = 32
)

// hasher makes and verifies password hashes, at most as many at a time as
// there are processors, so that a storm of sign-ins costs time and not memory.
type hasher struct {
	slots chan struct{}
	// decoy is verified against when there is no such user, so that the reply
	// takes as long as for one that exists.
	decoy string
}

func newHasher() hasher {
	return hasher{
		slots: make(chan struct{}, max(2, runtime.GOMAXPROCS(0))),
		decoy: encodeHash(randomBytes(argonSaltBytes), randomBytes(argonKeyBytes)),
	}
}

// hash returns the PHC text of the password. The error is the context's.
func (h hasher) hash(ctx context.Context, password string) (string, error) {
	salt := randomBytes(argonSaltBytes)
	key, err := h.key(ctx, password, salt, argonTime, argonMemoryKiB, argonThreads)
	if err != nil {
		return "", err
	}
	return encodeHash(salt, key), nil
}

// verify reports whether the password belongs to the hash. The hash carries its
// own cost, so hashes of an older cost keep working.
func (h hasher) verify(ctx context.Context, encoded, password string) (bool, error) {
	var version int
	var memory, time uint32
	var threads uint8
	parts := strings.Split(encoded, "$") // "", argon2id, v=, m=,t=,p=, salt, key
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, fmt.Errorf("access: a stored password hash is not argon2id")
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &time, &threads); err != nil {
		return false, fmt.Errorf("access: a stored password hash is damaged: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("access: the salt of a stored password hash is damaged: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fmt.Errorf("access: a stored password hash is damaged: %w", err)
	}
	got, err := h.key(ctx, password, salt, time, memory, threads)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func (h hasher) key(ctx context.Context, password string, salt []byte, time, memory uint32, threads uint8) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// Keyboards differ in how they compose é; both must open the door.
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, time, memory, threads, argonKeyBytes), nil
}

func encodeHash(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemoryKiB, argonTime, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
