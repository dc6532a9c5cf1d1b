// Package source reads the databases of the company's other systems directly: an address with a password, and for each
// kind of import a SELECT that runs on a schedule. What a run reads becomes a kept file and an ordinary import, so that
// mapping, rejects, history and rebuild are those of files.
//
// Three things are never done. The other database is not written to: every run is a read-only transaction of one checked
// SELECT (see [statement.Check] for what that means on each server). The password is not given out: it is sealed for the
// address it was entered for, and an address that was changed needs it again. Nobody's text but an administrator's becomes
// SQL, and it is never run on the program's own stores.
package source

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/statement"
	"github.com/kvadrant/kvadrant/know/intake"
)

// Kinds of records in the audit log.
const (
	Kind     = "source"
	FeedKind = "source_feed"
)

// The drivers: which database server is spoken to.
const (
	PostgreSQL = statement.PostgreSQL
	MySQL      = statement.MySQL // and MariaDB
	SQLServer  = statement.SQLServer
)

// The ways of encryption between this program and the server.
const (
	Verified   = "verified"   // encrypted, and the server's certificate is checked
	Unverified = "unverified" // encrypted, but whoever answers is believed
	Plain      = "none"
)

// Source is a database that is read.
type Source struct {
	ID          id.ID     `json:"id" bun:",pk"`
	Name        string    `json:"name" doc:"Also the source of its imports, unless a feed's mapping says another"`
	Driver      string    `json:"driver" enum:"postgresql,mysql,sqlserver"`
	Host        string    `json:"host"`
	Port        int64     `json:"port"`
	Database    string    `json:"database"`
	Username    string    `json:"username"`
	Encryption  string    `json:"encryption" enum:"verified,unverified,none" doc:"verified: the server's certificate is checked; unverified: encrypted, but whoever answers is believed"`
	HasPassword bool      `json:"has_password" bun:"-" doc:"The password itself is never given out"`
	Feeds       []Feed    `json:"feeds" nullable:"false" bun:"-"`
	Version     int64     `json:"version"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// Feed is what is read from a source for one kind of import.
type Feed struct {
	ID              id.ID          `json:"id" bun:",pk"`
	SourceID        id.ID          `json:"source_id"`
	Name            string         `json:"name"`
	Kind            string         `json:"kind" doc:"The kind of import"`
	Statement       string         `json:"statement" doc:"One SELECT; :since stands for the watermark"`
	Mapping         intake.Mapping `json:"mapping" bun:"-"`
	WatermarkColumn string         `json:"watermark_column" doc:"A column of numbers or dates that grows with what is new; empty reads everything each time"`
	Watermark       string         `json:"watermark" doc:"What :since stands for in the next run: the highest value imported so far"`
	Schedule        Schedule       `json:"schedule" bun:"-"`
	Enabled         bool           `json:"enabled"`
	OwnerID         id.ID          `json:"owner_id,omitempty" doc:"The administrator with whose rights it runs: who saved it last"`
	OwnerName       string         `json:"owner_name"`
	NextAt          *time.Time     `json:"next_at,omitempty" doc:"When it runs next; absent when only by hand"`
	LastRun         *Run           `json:"last_run,omitempty" bun:"-"`
	Version         int64          `json:"version"`
	CreatedAt       time.Time      `json:"created_at"`
	UpdatedAt       time.Time      `json:"updated_at"`
}

// State is how far a run has come.
type State string

// The states of a run. The watermark moves with done only.
const (
	Reading   State = "reading"
	Importing State = "importing"
	Done      State = "done"
	Failed    State = "failed"
)

// Run is one reading of a feed.
type Run struct {
	ID            id.ID      `json:"id" bun:",pk"`
	FeedID        id.ID      `json:"feed_id"`
	SourceID      id.ID      `json:"source_id"`
	FeedName      string     `json:"feed_name" bun:",scanonly"`
	State         State      `json:"state" enum:"reading,importing,done,failed"`
	Since         string     `json:"since" doc:"The watermark it began at; empty when everything was read"`
	Until         string     `json:"until" doc:"The highest value it read"`
	Rows          int64      `json:"rows" doc:"Rows read; 0 with done: there was nothing new, and nothing was imported"`
	ImportID      id.ID      `json:"import_id,omitempty"`
	JobID         id.ID      `json:"job_id,omitempty"`
	Error         string     `json:"error" doc:"Why it failed and what to do, in a sentence"`
	StartedByName string     `json:"started_by_name"`
	StartedAt     time.Time  `json:"started_at"`
	EndedAt       *time.Time `json:"ended_at,omitempty"`
}

// Ended tells whether the run is over.
func (r Run) Ended() bool { return r.State == Done || r.State == Failed }

// Bounds of texts, in bytes.
const (
	maxName      = 100
	maxHost      = 253
	maxStatement = 20_000
	maxPassword  = 1000
	maxWatermark = 100
)

func drivers() []string { return []string{PostgreSQL, MySQL, SQLServer} }

// usualPort is where a server of the driver listens unless somebody moved it.
func usualPort(driver string) int64 {
	switch driver {
	case MySQL:
		return 3306
	case SQLServer:
		return 1433
	default:
		return 5432
	}
}

func (s *Source) tidy() {
	s.Name, s.Host = strings.TrimSpace(s.Name), strings.ToLower(strings.TrimSpace(s.Host))
	s.Database, s.Username = strings.TrimSpace(s.Database), strings.TrimSpace(s.Username)
	if s.Port == 0 {
		s.Port = usualPort(s.Driver)
	}
	if s.Encryption == "" {
		s.Encryption = Verified
	}
}

// hostForm is a name of the network. A path (a socket of this machine), a list of hosts or anything with credentials is none.
var hostForm = regexp.MustCompile(`^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?$`)

func isHost(host string) bool {
	if len(host) > maxHost {
		return false
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Zone() == ""
	}
	return hostForm.MatchString(host)
}

// Validate checks the address, all at once.
func (s *Source) Validate() error {
	plain := func(text string) bool {
		return text != "" && len(text) <= maxName && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' })
	}
	return fault.Check("source.invalid").
		That(plain(s.Name), "name", "Give a name of at most %d characters.", maxName).
		That(slices.Contains(drivers(), s.Driver), "driver", "The database is one of %s.", strings.Join(drivers(), ", ")).
		That(isHost(s.Host), "host", "Give the name or the address of the server alone, such as erp.example.com or 10.0.0.5.").
		That(s.Port > 0 && s.Port < 65536, "port", "A port is a number from 1 to 65535.").
		That(plain(s.Database), "database", "Give the name of the database.").
		That(plain(s.Username), "username", "Give the name of a user who may read.").
		That(slices.Contains([]string{Verified, Unverified, Plain}, s.Encryption), "encryption", "The encryption is verified, unverified or none.").
		Err()
}

// purpose is what the password is sealed for: this record at this address, so that a changed address cannot be given the
// password of the old one.
func (s *Source) purpose() string {
	return strings.Join([]string{Kind, string(s.ID), s.address()}, "\n")
}

func (s *Source) address() string {
	return strings.Join([]string{s.Driver, s.Host, portText(s.Port), s.Username, s.Encryption}, "\n")
}

func (f *Feed) tidy() {
	f.Name, f.Statement = strings.TrimSpace(f.Name), strings.TrimSpace(f.Statement)
	f.WatermarkColumn, f.Watermark = strings.TrimSpace(f.WatermarkColumn), strings.TrimSpace(f.Watermark)
	f.Mapping.Kind = f.Kind
	f.Schedule.tidy()
}

// Validate checks the feed against the driver of its source; whether its mapping fits the kind the intake knows.
func (f *Feed) Validate(driver string) error {
	err := fault.Check("source.invalid_feed").
		That(f.Name != "" && len(f.Name) <= maxName, "name", "Give a name of at most %d characters.", maxName).
		That(len(f.Statement) <= maxStatement, "statement", "The SELECT may have at most %d characters; make a view of it in the database.", maxStatement).
		That(len(f.WatermarkColumn) <= maxName, "watermark_column", "The name of the column may have at most %d characters.", maxName).
		That(len(f.Watermark) <= maxWatermark, "watermark", "The value may have at most %d characters.", maxWatermark).
		Err()
	if err != nil {
		return err
	}
	uses, err := statement.Check(driver, f.Statement)
	if err != nil {
		return err
	}
	_, ordered := parseMark(f.Watermark)
	return fault.Check("source.invalid_feed").
		That(!uses || f.WatermarkColumn != "", "watermark_column", "The SELECT uses :since; choose the column whose highest value it stands for.").
		That(uses || f.WatermarkColumn == "", "statement", "Only what is new is to be read, but the SELECT does not use :since. Write, for example, WHERE %s >= :since.", f.WatermarkColumn).
		That(f.WatermarkColumn == "" || ordered, "watermark", "Say from which value to begin: a number such as 0, or a date such as 1900-01-01.").
		That(f.Schedule.check() == "", "schedule", "%s", f.Schedule.check()).
		Err()
}

func errNoSource() error {
	return fault.New(fault.NotFound, "source.not_found", "There is no such source.")
}

func errNoFeed() error {
	return fault.New(fault.NotFound, "source.no_feed", "There is no such feed.")
}

func errNoRun() error {
	return fault.New(fault.NotFound, "source.no_run", "There is no such run; only the last ones are kept.")
}

func errNameTaken(what, name string) error {
	return fault.New(fault.Conflict, "source.name_taken", "Another %s is called %q. Choose another name.", what, name).
		At("name", "Another %s has this name.", what)
}
