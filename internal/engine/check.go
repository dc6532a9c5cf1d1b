package engine

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Check is a question whose answer is known from elsewhere, such as the rows and the revenue of each accepted import.
type Check struct {
	Name string     `json:"name"` // what it is about, for the message: "purchase lines of each import"
	Text string     `json:"text"` // in the common text, without parameters, with an ORDER BY
	Want [][]string `json:"want"` // each value as fmt.Sprint writes it; nil as "<nil>"
}

// checkVariable tells the program that it is a child that only checks a file.
const checkVariable = "KVADRANT_WAREHOUSE_CHECK"

// greeting is the first line of the child, so that a program that forgot RunCheckIfAsked is not mistaken for a broken file.
const greeting = "kvadrant warehouse check 1"

// checkWithin is how long the child may take before the file counts as broken.
const checkWithin = 2 * time.Minute

// RunCheckIfAsked must be the first call of main and of every TestMain whose tests call OpenOrSetAside. In the child that
// OpenOrSetAside starts it checks the file and ends the process; anywhere else it does nothing.
func RunCheckIfAsked() {
	if os.Getenv(checkVariable) == "" {
		return
	}
	os.Exit(runCheck(os.Stdin, os.Stdout))
}

type checkRequest struct {
	Config     checkConfig  `json:"config"`
	SchemaHash string       `json:"schema_hash"`
	Checks     []Check      `json:"checks"`
	Ack        acknowledged `json:"ack"` // zero when it is not known
}

type checkConfig struct {
	Path      string
	ImportDir string
	MemoryMB  int
	TempMB    int
	Threads   int
	ReadOnly  bool
}

type checkAnswer struct {
	Error   string `json:"error"`
	Damaged bool   `json:"damaged"`
}

// OpenOrSetAside opens the warehouse of a server. A child process opens the file first, since DuckDB aborts the process on
// some kinds of damage; it applies the log, compares the acknowledged commits and runs the checks. A file that fails is
// moved to <path>.broken.<time> and an empty one opened: Opening tells. Errors are about what is not the file's fault: it
// is in use, a right is missing. On a full disk it is opened for reading alone; see Regain.
func OpenOrSetAside(ctx context.Context, cfg Config, checks ...Check) (*Warehouse, error) {
	cfg = cfg.withDefaults()
	if err := prepareFolder(cfg.Path); err != nil {
		return nil, err
	}
	var found Opening
	err := inspect(ctx, cfg, checks)
	if fault.Is(err, fault.Full) { // the log cannot be moved into the file; what is there can be read
		cfg.readOnly = true
		err = inspect(ctx, cfg, checks)
	}
	var damaged damage
	if errors.As(err, &damaged) {
		found.Why = "The warehouse file was damaged: " + damaged.what
		found.SetAside, err = setAside(cfg, "broken")
	}
	if err != nil {
		return nil, err
	}
	return open(ctx, cfg, found)
}

var (
	errNotCalled  = errors.New("check the warehouse: main or TestMain must call engine.RunCheckIfAsked first")
	errWrongCheck = errors.New("the check itself is wrong")
)

// damage is the finding that a file must not be used.
type damage struct{ what string }

func (d damage) Error() string { return d.what }

// inspect returns nil for a sound file or none, a damage, or why nothing could be found out.
func inspect(ctx context.Context, cfg Config, checks []Check) error {
	exists, err := fileExists(cfg.Path)
	if err != nil {
		return err
	}
	ack, known := readAck(cfg.Path)
	if !exists {
		if wal, err := fileExists(walPath(cfg.Path)); err != nil || wal || known {
			return errors.Join(err, damage{"the file itself is missing"})
		}
		return nil
	}
	request, err := json.Marshal(checkRequest{SchemaHash: schemaHash(cfg.Schema), Checks: checks, Ack: ack, Config: checkConfig{
		Path: cfg.Path, ImportDir: cfg.ImportDir, MemoryMB: cfg.MemoryMB, TempMB: cfg.TempMB, Threads: cfg.Threads, ReadOnly: cfg.readOnly}})
	if err != nil {
		return fmt.Errorf("check the warehouse: %w", err)
	}
	started := cfg.Now()
	answer, err := askChild(ctx, request)
	switch {
	case err != nil:
		return err
	case answer.Damaged:
		return damage{answer.Error}
	case isFull(errors.New(answer.Error)):
		return fault.New(fault.Full, "warehouse.full", "The disk of the warehouse is full: free some space and start again.").
			Because(errors.New(answer.Error))
	case answer.Error != "":
		return fmt.Errorf("check the warehouse: %s", answer.Error)
	}
	cfg.Log.Info("the warehouse is sound", "took", cfg.Now().Sub(started).Round(time.Millisecond))
	return nil
}

// askChild runs this program again as a child that checks. Its input stays open as long as this process lives, so that
// the child never outlives it.
func askChild(ctx context.Context, request []byte) (checkAnswer, error) {
	if os.Getenv(checkVariable) != "" { // or a program without the call would start itself without end
		return checkAnswer{}, errNotCalled
	}
	program, err := os.Executable()
	if err != nil {
		return checkAnswer{}, fmt.Errorf("check the warehouse: %w", err)
	}
	limited, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	child := exec.CommandContext(limited, program)
	child.Env = append(os.Environ(), checkVariable+"=1")
	var out, errs bytes.Buffer
	child.Stdout, child.Stderr = &out, &errs
	in, err := child.StdinPipe()
	if err != nil {
		return checkAnswer{}, fmt.Errorf("check the warehouse: %w", err)
	}
	if err := child.Start(); err != nil {
		return checkAnswer{}, fmt.Errorf("check the warehouse: %w", err)
	}
	_, _ = in.Write(append(request, '\n')) // a child that died early tells more by how it ended
	ended := child.Wait()
	if ctx.Err() != nil {
		return checkAnswer{}, ctx.Err()
	}
	first, rest, _ := strings.Cut(out.String(), "\n")
	if first != greeting {
		return checkAnswer{}, errors.Join(errNotCalled, ended)
	}
	var answer checkAnswer
	if err := json.Unmarshal([]byte(rest), &answer); err != nil {
		return checkAnswer{Damaged: true, Error: fmt.Sprintf("the check ended without an answer (%v) %s", ended, firstLine(errs.String()))}, nil
	}
	return answer, nil
}

// firstLine returns what a dying child said first: the rest is its stack.
func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

func runCheck(in io.Reader, out io.Writer) int {
	fmt.Fprintln(out, greeting)
	lines := bufio.NewReader(in)
	line, err := lines.ReadBytes('\n')
	var request checkRequest
	if err == nil {
		err = json.Unmarshal(line, &request)
	}
	if err != nil {
		return answerCheck(out, fmt.Errorf("read what to check: %w", err))
	}
	go func() { // the parent is gone: do not keep the file locked
		_, _ = io.Copy(io.Discard, lines)
		os.Exit(3)
	}()
	return answerCheck(out, checkFile(context.Background(), request))
}

func answerCheck(out io.Writer, err error) int {
	answer := checkAnswer{}
	if err != nil {
		answer = checkAnswer{Error: err.Error(), Damaged: !isElsewhere(err)}
	}
	if json.NewEncoder(out).Encode(answer) != nil {
		return 1
	}
	return 0
}

// checkFile opens the file, which applies its log, checks it, and closes it, which empties the log. So the parent finds
// nothing left to do that was not tried here.
func checkFile(ctx context.Context, request checkRequest) error {
	cfg := Config{Path: request.Config.Path, ImportDir: request.Config.ImportDir, MemoryMB: request.Config.MemoryMB,
		TempMB: request.Config.TempMB, Threads: request.Config.Threads, readOnly: request.Config.ReadOnly}
	f, err := connect(ctx, cfg)
	if err != nil {
		return err
	}
	if err := f.readState(ctx); isWrongText(err) {
		return errors.New("it was not made to the end")
	} else if err != nil {
		return err
	}
	if request.Ack.FileID == f.id && f.commits < request.Ack.Commits {
		return fmt.Errorf("%d of %d acknowledged writes are missing", request.Ack.Commits-f.commits, request.Ack.Commits)
	}
	// Of another schema or not built to the end: it will not be used, so its content does not matter.
	if f.complete && f.hash == request.SchemaHash {
		for _, c := range request.Checks {
			if err := c.run(ctx, f.pool); err != nil {
				return err
			}
		}
	}
	if !cfg.readOnly {
		if err := f.checkpoint(ctx); err != nil {
			return err
		}
	}
	return f.close()
}

// run asks the check and says what differs.
func (c Check) run(ctx context.Context, pool *sql.DB) error {
	stmt, err := bind(c.Text, nil, nil)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", c.Name, errWrongCheck, err)
	}
	rows, err := pool.QueryContext(ctx, stmt.sql)
	if isWrongText(err) {
		err = fmt.Errorf("%w: %w", errWrongCheck, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	defer rows.Close()
	got, err := texts(rows)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	for i := range max(len(got), len(c.Want)) {
		want, have := rowText(c.Want, i), rowText(got, i)
		if want != have {
			return fmt.Errorf("%s: row %d should be %s but is %s", c.Name, i+1, want, have)
		}
	}
	return nil
}

func rowText(rows [][]string, i int) string {
	if i >= len(rows) {
		return "absent"
	}
	return "(" + strings.Join(rows[i], ", ") + ")"
}

// texts reads rows as text, as Check.Want has them.
func texts(rows *sql.Rows) ([][]string, error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values, cells := make([]any, len(columns)), make([]any, len(columns))
	for i := range cells {
		cells[i] = &values[i]
	}
	var all [][]string
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return nil, err
		}
		line := make([]string, len(values))
		for i, v := range values {
			line[i] = fmt.Sprint(v)
		}
		all = append(all, line)
	}
	return all, rows.Err()
}
