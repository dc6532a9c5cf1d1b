// Package job runs long work (imports, scoring, exports) in the background, with visible progress, cancel, and a result
// that stays.
//
// There are two records of each job. The row in table job is what people see and what is true. River, which no other
// package may import, only decides which process executes it and when: its row says "execute attempt n of job x" and may
// be repeated, delayed or lost without harm, because an execution first claims its attempt in the job row and every later
// write is fenced by that attempt. An execution whose server vanished is noticed by its silent heartbeat and given a new
// attempt, after which the old one cannot write any more.
package job

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// State is where a job stands.
type State string

// The states. The last three are final.
const (
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// States lists every state in the order a job goes through them.
func States() []State { return []State{Queued, Running, Done, Failed, Cancelled} }

// Ended tells whether the state is final.
func (s State) Ended() bool { return s == Done || s == Failed || s == Cancelled }

// Job is a piece of long work as people see it.
type Job struct {
	ID         id.ID           `bun:"id,pk" json:"id"`
	Kind       string          `bun:"kind" json:"kind" doc:"What sort of work, such as \"scoring\"."`
	Title      string          `bun:"title" json:"title" doc:"The work in words."`
	State      State           `bun:"state" json:"state" enum:"queued,running,done,failed,cancelled"`
	Done       int64           `bun:"done" json:"done" doc:"How much of total is done."`
	Total      int64           `bun:"total" json:"total" doc:"0 when it is not known how much there is."`
	Note       string          `bun:"note" json:"note" doc:"What is being done now."`
	Result     json.RawMessage `bun:"result,nullzero" json:"result,omitempty" doc:"What the work gave; its shape depends on the kind."`
	Error      string          `bun:"error" json:"error,omitempty" doc:"Why it failed, with the cure."`
	Cancelling bool            `bun:"cancelling" json:"cancelling" doc:"Somebody asked to cancel it."`
	OwnerID    id.ID           `bun:"owner_id" json:"owner_id,omitempty" doc:"The user who started it."`
	OwnerName  string          `bun:"owner_name" json:"owner_name,omitempty"`
	CreatedAt  time.Time       `bun:"created_at" json:"created_at"`
	StartedAt  time.Time       `bun:"started_at,nullzero" json:"started_at,omitzero"`
	EndedAt    time.Time       `bun:"ended_at,nullzero" json:"ended_at,omitzero"`
}

// Spec says what to run.
type Spec struct {
	Kind  string // a kind that was given to Handle
	Title string // the work in words, such as "Import purchases from orders.csv"
	Args  any    // marshalled to JSON for the handler; never a secret, since it is kept
	// Unique allows one unfinished job of this Kind and Key at a time; Enqueue refuses a second with a Conflict that names
	// the first. It refuses rather than joining in, because the second asker's Args may differ.
	Unique bool
	Key    string // narrows Unique, such as to the as-of date; empty means one job of the kind
	Owner  id.ID  // the user it is for; empty takes the actor of the context
}

func (s Spec) uniqueKey() string {
	if !s.Unique {
		return ""
	}
	return s.Kind + ":" + s.Key
}

// Sentences that a job can end with on its own account.
const (
	lostSentence    = "The server stopped while this ran. Start it again."
	poisonSentence  = "The server stopped %d times while this ran, so it was given up. Ask an administrator to look into the server's log."
	panicSentence   = "This stopped because of a fault in the program. The server's log has the details under job %s."
	unknownSentence = "Something went wrong while this ran. The server's log has the details under job %s."
)

// sentence is what people read of an error: a fault's own words, else where to find the details.
func sentence(job id.ID, err error) string {
	f := fault.Of(err)
	if f == nil {
		return fmt.Sprintf(unknownSentence, job)
	}
	if len(f.Fields) > 1 {
		return f.Error()
	}
	return f.Detail
}

func notFound() error {
	return fault.New(fault.NotFound, "job.not_found", "There is no such job; it may belong to somebody else.")
}

// clash is the fault of enqueueing what the unfinished job of the same key already does.
func clash(active Job) error {
	doing := "is waiting to start"
	if active.State == Running {
		doing = "is running"
	}
	return fault.New(fault.Conflict, "job.unfinished",
		"%q %s (job %s). Wait until it has ended, or cancel it first.", active.Title, doing, active.ID)
}
