package scoring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/kvadrant/kvadrant/internal/engine"
)

// dieVariable tells this test program to be the child that scores and kills itself: "<path>|<how many steps before>".
const dieVariable = "KVADRANT_TEST_DIE_WHILE_SCORING"

func TestMain(m *testing.M) {
	engine.RunCheckIfAsked()
	if order := os.Getenv(dieVariable); order != "" {
		os.Exit(scoreAndDie(order))
	}
	os.Exit(m.Run())
}

// survived is the child's exit code when the run ended before its step came.
const survived = 7

func scoreAndDie(order string) int {
	path, at, _ := strings.Cut(order, "|")
	step, err := strconv.Atoi(at)
	if err != nil {
		return 1
	}
	t := &testing.T{}
	w := open(t, path)
	_, err = scorer(t, w, 12, "EUR").Score(context.Background(), "2026-06-30", func(int64, int64, string) {
		if step--; step < 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal is on its way
		}
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return survived
}

// F05: a server killed at any step of a run leaves the former version whole, or after the commit the new one, and a later
// run over the same facts gives the same rows.
func TestKillAtEachStepLeavesOneWholeVersion(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	w := open(t, path)
	many(t, w, 2000)
	first := score(t, scorer(t, w, 12, "EUR"), "2026-06-30")
	rows := digest(t, w)
	// One more customer's facts make the next version another than the first.
	run(t, w, "INSERT INTO purchase SELECT id, DATE '2026-02-02', 770000, 1 FROM customer WHERE code = 'C77'")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	newer := ""
	for step := 0; ; step++ {
		child := exec.Command(program)
		child.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%d", dieVariable, path, step))
		var said bytes.Buffer
		child.Stderr = &said
		var exit *exec.ExitError
		if err := child.Run(); !errors.As(err, &exit) {
			t.Fatalf("step %d: %v", step, err)
		}
		done := exit.ExitCode() == survived
		if !done && exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("step %d: the child ended by itself: %v %s", step, exit, said.String())
		}
		w, err := engine.OpenOrSetAside(context.Background(), config(t, path))
		if err != nil || w.Opening().SetAside != "" {
			t.Fatalf("step %d: %v %+v", step, err, w.Opening())
		}
		if got := table(t, w, "SELECT count(*), count(DISTINCT version), max(customers), count(DISTINCT as_of) FROM score_version"); got != "1 | 1 | 2000 | 1\n" {
			t.Errorf("step %d: versions %s", step, got)
		}
		if got := table(t, w, "SELECT count(*) FROM score s JOIN score_version v ON v.version = s.version"); got != "2000\n" {
			t.Errorf("step %d: rows of the version: %s", step, got)
		}
		version := table(t, w, "SELECT version FROM score_version")
		now := digest(t, w)
		switch {
		case version == fmt.Sprintf("%d\n", first.Version) && now != rows:
			t.Errorf("step %d: the former version was changed", step)
		case version != fmt.Sprintf("%d\n", first.Version) && newer == "":
			newer = now
			if now == rows {
				t.Error("the new version has the old rows: the test proves nothing")
			}
		case version != fmt.Sprintf("%d\n", first.Version) && now != newer:
			t.Errorf("step %d: scoring the same facts again gave other rows", step)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if done {
			if step < 10 || newer == "" {
				t.Errorf("only %d steps were tried", step)
			}
			return
		}
	}
}
