package survey

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/mail"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

const (
	// maxInvitations is how many links are made at once.
	maxInvitations = 5000
	// maxLinkDays is how long a link may work.
	maxLinkDays = 366
	// linkDays is how long it works when nothing is said.
	linkDays = 30
)

// Invitation is a link by which somebody without an account answers a questionnaire about a customer, once. They can
// correct their answers until it ends.
type Invitation struct {
	bun.BaseModel `bun:"table:invitation,alias:i" json:"-"`

	ID            id.ID     `bun:"id,pk" json:"id"`
	SurveyID      id.ID     `bun:"survey_id" json:"survey_id"`
	CustomerID    id.ID     `bun:"customer_id" json:"customer_id"`
	TokenHash     string    `bun:"token_hash" json:"-"`
	Respondent    string    `bun:"respondent" json:"respondent" doc:"Who is asked; may be empty"`
	Email         string    `bun:"email" json:"email" doc:"Where to send the link; nothing is sent by itself"`
	ExpiresOn     date.Date `bun:"expires_on" json:"expires_on" doc:"The last day it works, UTC"`
	Closed        bool      `bun:"closed" json:"closed"`
	CreatedByName string    `bun:"created_by_name" json:"created_by_name"`
	Version       int64     `bun:"version" json:"version"`
	CreatedAt     time.Time `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time `bun:"updated_at" json:"updated_at"`

	CustomerCode string    `bun:"customer_code,scanonly" json:"customer_code" readOnly:"true"`
	CustomerName string    `bun:"customer_name,scanonly" json:"customer_name" readOnly:"true"`
	AnsweredOn   date.Date `bun:"answered_on,scanonly" json:"answered_on,omitempty" readOnly:"true" doc:"Absent while nobody has answered"`
}

func (i *Invitation) check(today date.Date) error {
	i.Respondent, i.Email = line(i.Respondent), line(i.Email)
	last := today.AddDays(maxLinkDays)
	check := fault.Check("invitation.invalid").
		That(i.ExpiresOn.Valid() && i.ExpiresOn >= today && i.ExpiresOn <= last, "expires_on", "Choose a last day between today and %s.", last).
		That(utf8.RuneCountInString(i.Respondent) <= maxName, "respondent", "Use at most %d characters.", maxName)
	if i.Email != "" {
		_, err := mail.ParseAddress(i.Email)
		check.That(err == nil && utf8.RuneCountInString(i.Email) <= 254, "email", "Give an e-mail address such as name@example.com, or none.")
	}
	return check.Err()
}

// newToken is the secret of a link: 256 random bits.
func newToken() string {
	var raw [32]byte
	rand.Read(raw[:]) // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// fingerprint is what is kept of a token. The lookup goes by it, so its timing tells nothing of how much of a guess was
// right; a fast hash is enough for a secret that cannot be guessed.
func fingerprint(token string) string {
	sum := sha256.Sum256([]byte("answer\x00" + token))
	return hex.EncodeToString(sum[:])
}
