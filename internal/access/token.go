package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// How long a token works when nothing is said, and at most, in days.
const (
	tokenDays    = 90
	maxTokenDays = 366
)

// Token lets a program act with the present rights of its user. The secret is
// shown once and not stored.
type Token struct {
	ID         id.ID      `json:"id" bun:",pk"`
	UserID     id.ID      `json:"user_id"`
	Name       string     `json:"name"`
	ReadOnly   bool       `json:"read_only" doc:"May only do what ends in .read."`
	ExpiresOn  date.Date  `json:"expires_on" doc:"The last day it works, UTC."`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty" doc:"To within five minutes."`
}

// NewToken is what it takes to make a token.
type NewToken struct {
	UserID    id.ID
	Name      string
	ReadOnly  bool
	ExpiresOn date.Date // empty = in 90 days
}

func (t Token) validate(today date.Date) error {
	last := today.AddDays(maxTokenDays)
	return fault.Check("access.invalid_token").
		That(t.Name != "" && len(t.Name) <= 100, "name", "Give the token a name of at most 100 characters that says what uses it.").
		That(t.ExpiresOn.Valid() && t.ExpiresOn >= today && t.ExpiresOn <= last, "expires_on",
			"Choose a last day between today and %s.", last).
		Err()
}

// CreateToken makes a token and returns its secret.
//
// Errors: Invalid; NotFound for an unknown or disabled user; Forbidden
// (access.above_own) for a token of somebody above the context's principal.
func (g *Gate) CreateToken(ctx context.Context, n NewToken) (Token, string, error) {
	now := g.now()
	t := Token{
		ID: id.New(), UserID: n.UserID, Name: strings.TrimSpace(n.Name), ReadOnly: n.ReadOnly,
		ExpiresOn: n.ExpiresOn, CreatedAt: now,
	}
	if t.ExpiresOn == "" {
		t.ExpiresOn = date.Of(now).AddDays(tokenDays)
	}
	if err := t.validate(date.Of(now)); err != nil {
		return Token{}, "", err
	}
	u, err := g.User(ctx, n.UserID)
	if err != nil {
		return Token{}, "", err
	}
	if u.Disabled {
		return Token{}, "", errNoUser()
	}
	if err := mayGrant(From(ctx), u.Role, u.Scope); err != nil {
		return Token{}, "", err
	}
	secret := newSecret(tokenPrefix)
	return t, secret, g.insertToken(ctx, t, fingerprint(secret))
}

// principalOfToken is Unauthenticated when the token is unknown, run out, or
// its user disabled: one reply for all three.
func (g *Gate) principalOfToken(ctx context.Context, secret string) (Principal, error) {
	refused := fault.New(fault.Unauthenticated, "access.bad_token",
		"This token does not work: it is unknown, has run out, or was revoked. Make a new one in the settings.")
	if !strings.HasPrefix(secret, tokenPrefix) {
		return Principal{}, refused
	}
	t, found, err := g.tokenByHash(ctx, fingerprint(secret))
	if err != nil {
		return Principal{}, err
	}
	now := g.now()
	if !found || t.ExpiresOn < date.Of(now) {
		return Principal{}, refused
	}
	p, err := g.PrincipalOf(ctx, t.UserID, ViaToken)
	if fault.Is(err, fault.NotFound) {
		return Principal{}, refused
	}
	if err != nil {
		return Principal{}, err
	}
	if t.LastUsedAt == nil || now.Sub(*t.LastUsedAt) >= seenEvery {
		g.noteUse(func(ctx context.Context) error { return g.touchToken(ctx, t.ID, now) })
	}
	p.ReadOnly, p.tokenID = t.ReadOnly, t.ID
	return p, nil
}

// Prefix of API tokens, so that people and secret scanners recognise a leaked one.
const tokenPrefix = "kv_"

// newSecret is a bearer secret of 256 random bits. Only [fingerprint] of it is
// ever stored.
func newSecret(prefix string) string {
	var raw [32]byte
	rand.Read(raw[:]) // never fails: it ends the program instead
	return prefix + base64.RawURLEncoding.EncodeToString(raw[:])
}

// fingerprint is what is stored of a secret. A fast hash is right here: 256
// random bits cannot be guessed, unlike a password, and the lookup by hash does
// not leak by timing how much of a guess was right.
func fingerprint(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// newCode is a secret that a person reads off one screen and types into
// another: four groups of five characters that are not mistaken for each other,
// 100 random bits.
func newCode() string {
	const alphabet = "abcdefghijkmnpqrstuvwxyz23456789" // 32, without l o 0 1
	var raw [20]byte
	rand.Read(raw[:])
	var code strings.Builder
	for i, b := range raw {
		if i > 0 && i%5 == 0 {
			code.WriteByte('-')
		}
		code.WriteByte(alphabet[int(b)%len(alphabet)])
	}
	return code.String()
}

// tidyCode undoes what people do to a code on the way: capitals and spaces.
func tidyCode(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(s), ""))
}
