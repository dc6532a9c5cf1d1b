package reject_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every reason that a row can be rejected for stands in the client's words with the same sentence, and each language has it
// and says the same things in its sentence as English does. What a loader checks a record by has such reasons, too.
func TestReasonsHaveTheirWords(t *testing.T) {
	reasons := map[string]string{}
	for _, root := range []string{"../../know", "../../internal"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if f, ok := n.(*ast.FuncDecl); ok && checks(path, f) && mentions(f, "That") {
					t.Errorf("%s: %s finds what is known in English alone; give it a reason (fault.Checks.Because)", path, f.Name.Name)
				}
				if call, ok := n.(*ast.CallExpr); ok && says(call) {
					if code, sentence := text(t, call.Args[0]), text(t, call.Args[1]); code != "" {
						if other, twice := reasons[code]; twice && other != sentence {
							t.Errorf("%s: %q is the code of two sentences", path, code)
						}
						reasons[code] = sentence
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(reasons) < 40 {
		t.Fatalf("only %d reasons were found: the test looks in the wrong place", len(reasons))
	}
	english := words(t, "en")
	for code, sentence := range reasons {
		if got := strings.NewReplacer("“", `"`, "”", `"`, "{{", "{", "}}", "}").Replace(english[code]); got != sentence {
			t.Errorf("en.json, reject.%s: %q, but the program says %q", code, got, sentence)
		}
	}
	for _, language := range []string{"en", "da", "de", "nl", "pl", "zh-Hant"} {
		said := words(t, language)
		for code := range reasons {
			if said[code] == "" {
				t.Errorf("%s.json has no words for the reason %q", language, code)
			}
		}
		for code, sentence := range said {
			if _, known := reasons[code]; !known {
				t.Errorf("%s.json: nobody rejects for %q", language, code)
			}
			if got, want := places(sentence), places(english[code]); !slices.Equal(got, want) {
				t.Errorf("%s.json, reject.%s: it names %v, the English %v", language, code, got, want)
			}
		}
	}
}

// checks tells of the functions by which loaders check the records that they make of rows.
func checks(path string, f *ast.FuncDecl) bool {
	word := filepath.Base(filepath.Dir(path))
	return slices.Contains([]string{"customer", "org", "product", "purchase"}, word) && slices.Contains([]string{"Validate", "NewRate", "Place"}, f.Name.Name)
}

func mentions(f *ast.FuncDecl, method string) (found bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		found = found || ok && sel.Sel.Name == method
		return !found
	})
	return found
}

func says(call *ast.CallExpr) bool {
	if len(call.Args) < 2 {
		return false
	}
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name == "Why"
	case *ast.Ident:
		return strings.EqualFold(f.Name, "why")
	}
	return false
}

func text(t *testing.T, e ast.Expr) string {
	literal, ok := e.(*ast.BasicLit)
	if !ok {
		return ""
	}
	s, err := strconv.Unquote(literal.Value)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func words(t *testing.T, language string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("../../web/src/locale/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Reject map[string]string }
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all.Reject
}

// places are the names of what a sentence holds in its places.
func places(sentence string) []string {
	names := map[string]bool{}
	for _, m := range regexp.MustCompile(`\{\{(\w+)\}\}`).FindAllStringSubmatch(sentence, -1) {
		names[m[1]] = true
	}
	return slices.Sorted(maps.Keys(names))
}
