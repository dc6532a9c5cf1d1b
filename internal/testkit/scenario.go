package testkit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Command carries out one step of a scenario and returns what there is to see afterwards, a line each.
type Command func(t *testing.T, args, input string) []string

// Scenarios runs each text file that matches the pattern as a test, on what begin makes for it. A file is a list of steps
// with an empty line between:
//
//	# what is going on
//	load purchases
//	| document,line,date
//	| F1,1,2026-01-02
//	created 1, updated 0, unchanged 0, rejected 0
//
// The first line names the command and its arguments, lines with a bar are its input, and the rest is what must be seen.
func Scenarios(t *testing.T, pattern string, begin func(t *testing.T) map[string]Command) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios match %s (%v)", pattern, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			commands := begin(t)
			for _, s := range steps(string(text)) {
				name, args, _ := strings.Cut(s.command, " ")
				run, ok := commands[name]
				if !ok {
					t.Fatalf("%s:%d: there is no command %q", file, s.line, name)
				}
				got := strings.TrimSpace(strings.Join(run(t, args, strings.Join(s.input, "\n")), "\n"))
				if want := strings.Join(s.want, "\n"); got != want {
					t.Errorf("%s:%d: %s\ngot:\n%s\n\nwant:\n%s", file, s.line, s.command, got, want)
				}
			}
		})
	}
}

type step struct {
	line        int
	command     string
	input, want []string
}

func steps(text string) (all []step) {
	open := false
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " ")
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			open = false
		case !open:
			all = append(all, step{line: i + 1, command: line})
			open = true
		case strings.HasPrefix(line, "|"):
			s := &all[len(all)-1]
			s.input = append(s.input, strings.TrimPrefix(strings.TrimPrefix(line, "|"), " "))
		default:
			s := &all[len(all)-1]
			s.want = append(s.want, line)
		}
	}
	return all
}
