package kvadrant_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/kvadrant/kvadrant/"

// arrows lists every package and which packages of the program it may import, beside those of its wing's rule (see
// below). A package that is not here, or an import that is not allowed, fails the test: adding one is a decision, with a
// reason.
var arrows = map[string][]string{
	"cmd/kvadrant": {"app", "app/bench"}, // flags and signals only
	"app":          {"*"},                // the one place that sees everything
	// asks a server as its users do, and fits the models
	"app/bench": {"app", "internal/demo", "internal/engine", "internal/filter", "internal/job", "know/intake", "learn/lifetime", "learn/spend"},
	"web":       {}, // the built browser client, embedded

	// know: what we know.
	"know/mapping":     {},
	"know/load":        {"know/mapping", "know/reject"},              // carries mappings out, tells what was rejected
	"know/intake":      {"know/load", "know/mapping", "know/reject"}, // runs, tries, repeats and undoes loads
	"know/reject":      {},
	"know/org":         {"know/intake"},                              // its units and people come in from files
	"know/customer":    {"know/intake", "know/load", "know/mapping"}, // its customers and potentials come in from files
	"know/product":     {"know/intake"},                              // its catalogue comes in from files
	"know/purchase":    {"know/intake", "know/org", "know/product"},  // its lines, budgets and rates come in from files; names its sellers and products
	"know/interaction": {"know/intake"},                              // its visits and calls come in from files
	"know/survey":      {"know/intake"},                              // answers come in from files
	"know/source":      {"know/intake"},                              // what it reads becomes a file and an import
	"know/upload":      {"know/intake"},                              // gives complete files to it
	// learn: what we compute.
	"learn/scoring": {},                                    // knows no measure: the words give it steps
	"learn/measure": {"learn/scoring"},                     // reads what its steps say of their columns
	"learn/rfm":     {"learn/scoring"},                     // gives scoring the step of points and cells, and asks of its versions
	"learn/loyalty": {"learn/scoring", "learn/likelihood"}, // gives scoring the step of consistency, tie and warnings, and asks of its versions
	"learn/rule":    {"learn/scoring"},                     // gives scoring the step of the company's own measures
	"learn/quality": {},                                    // looks at the tables of every word in the warehouse, and asks intake what has been imported
	// keeps rules over fields and measures, and asks them of scoring's versions
	"learn/grid":   {"learn/scoring", "learn/measure"},               // places customers by any two measures of a version
	"learn/matrix": {"learn/scoring", "learn/measure", "learn/grid"}, // lists by any measure; gives scoring the step of classes and cells, and asks of its versions
	// tells of any matrix what stands in its cells, and compares its parts; narrows and dates as the lists behind do
	"learn/statistics": {"learn/scoring", "learn/measure", "learn/grid", "learn/matrix"},
	// tells who moved between the cells of any matrix; narrows as the lists behind do
	"learn/migration": {"learn/scoring", "learn/measure", "learn/grid", "learn/matrix"},
	"learn/variance":  {"learn/scoring"},                     // remembers its answers as those about versions are
	"learn/profit":    {"learn/scoring"},                     // gives scoring the step of margin, cost to serve and profit, and asks of its versions
	"learn/wallet":    {"learn/scoring", "learn/likelihood"}, // gives scoring the step of revenue, potential and share, and asks of its versions; binomial intervals
	"learn/segment":   {"learn/scoring", "learn/measure", "learn/criterion"},
	"learn/criterion": {"learn/measure"},                               // compiles rules for learn/segment
	"learn/visit":     {"learn/scoring", "learn/grid", "learn/matrix"}, // gives scoring the step of last contact and its colour by the cell; narrows as the lists behind do
	"learn/whatif":    {"learn/scoring", "learn/grid", "learn/matrix"}, // adds up cells of the customer matrix; narrows as the lists behind do

	// gives scoring the step of value to come, danger of leaving and next purchase by the models, and asks of its versions
	"learn/clv": {"learn/scoring", "learn/lifetime", "learn/spend", "learn/likelihood", "learn/occasion"},

	// asks of scoring's versions how long customers stay, by the mathematics of contracts
	"learn/survival": {"learn/scoring", "learn/contract"},

	"learn/pyramid":    {"learn/scoring", "learn/measure"},              // tiers by any measure; gives scoring the step of the tier, and asks of its versions
	"learn/allocation": {"learn/scoring", "learn/measure", "learn/clv"}, // segments by any measure; the interest and the cost of winning of lifetime value

	// The models of repeat buying: mathematics. learn/clv asks the first four, learn/survival the last.
	"learn/likelihood": {},
	"learn/lifetime":   {"learn/likelihood"}, // fitted by it
	"learn/spend":      {"learn/likelihood"}, // fitted by it
	"learn/occasion":   {"learn/likelihood"}, // fitted by it
	"learn/contract":   {"learn/likelihood"}, // fitted by it

	// act: what we do.
	"act/goal": {}, // what is to be reached, measured in the scored versions by the learn wing

	// internal: plumbing, from the bottom up.
	"internal/id":         {},
	"internal/date":       {},
	"internal/money":      {},
	"internal/fault":      {},
	"internal/fold":       {},
	"internal/country":    {"internal/fold"},
	"internal/filter":     {"internal/fault"},
	"internal/seal":       {},
	"internal/db":         {"internal/fault"},
	"internal/audit":      {"internal/id"},
	"internal/setting":    {"internal/access", "internal/audit", "internal/db", "internal/fault", "internal/money", "internal/web"},
	"internal/web":        {"internal/date", "internal/db", "internal/fault", "internal/id"},
	"internal/access":     {"internal/audit", "internal/date", "internal/db", "internal/fault", "internal/filter", "internal/id", "internal/web"},
	"internal/engine":     {"internal/date", "internal/fault", "internal/filter", "internal/id"},
	"internal/charset":    {},
	"internal/archive":    {"internal/fault"},
	"internal/statement":  {"internal/fault"},
	"internal/dateform":   {},
	"internal/parquet":    {},
	"internal/tabular":    {"internal/archive", "internal/charset", "internal/dateform", "internal/fault", "internal/id", "internal/parquet"},
	"internal/merge":      {"internal/engine"},
	"internal/sheet":      {"internal/access", "internal/date", "internal/fault", "internal/tabular", "internal/web"},
	"internal/undo":       {"internal/engine", "internal/id"},
	"internal/projection": {"internal/audit", "internal/db", "internal/engine", "internal/filter", "internal/id"},
	"internal/job":        {"internal/access", "internal/audit", "internal/db", "internal/fault", "internal/filter", "internal/id", "internal/web"},
	"internal/demo":       {},
	"internal/testkit":    {"internal/db", "internal/engine", "internal/id"},
	// Only tests import it: it brings their rows in through the real intake. It stands apart from testkit, which the tests
	// of what the intake itself needs import.
	"internal/testkit/loading": {"internal/db", "internal/engine", "internal/job", "know/intake", "know/mapping"},
}

// wings says what every package of a wing may import without its line above saying so: arrows point down.
var wings = map[string][]string{
	"act":      {"reach", "learn", "know", "internal"},
	"reach":    {"know", "internal"},
	"learn":    {"know", "internal"},
	"know":     {"internal"},
	"internal": {},
}

// layers says, by the end of a file's name inside a word's package, what only that layer may import. A file with none of
// these names holds the noun itself: types and rules, neither HTTP nor SQL.
var layers = map[string][]string{
	"net/http":            {"http"},
	"internal/web":        {"http", "store"}, // a store tells of stale records and pages
	"internal/db":         {"store", "http", "projection", "intake", "job", "measure"},
	"internal/engine":     {"measure", "projection", "intake", "job", "store", "step"},
	"internal/job":        {"job", "http"},
	"database/sql":        {"store", "measure", "projection", "intake", "step", "driver"}, // a driver speaks to other systems' databases
	"internal/projection": {"projection"},
}

// Budgets of DESIGN 7: a file, a function, a package.
const (
	maxFile, maxFunc       = 600, 80
	maxPackage, maxPkgFile = 2500, 15
)

type source struct {
	path, dir, name string
	file            *ast.File
	fset            *token.FileSet
	lines           int
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "data" || d.Name() == "bin") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, p, text, parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, source{filepath.ToSlash(p), path.Dir(filepath.ToSlash(p)), d.Name(), file, fset, strings.Count(string(text), "\n")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (s source) test() bool { return strings.HasSuffix(s.name, "_test.go") }

func (s source) imports() []string {
	var all []string
	for _, i := range s.file.Imports {
		all = append(all, strings.TrimPrefix(strings.Trim(i.Path.Value, `"`), module))
	}
	return all
}

func TestArrowsPointDown(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range sources(t) {
		if s.dir == "." || s.test() {
			continue
		}
		seen[s.dir] = true
		allowed, listed := arrows[s.dir]
		if !listed {
			t.Errorf("%s: the package is not in the list of arrow_test.go; add it with what it may import and why", s.dir)
			continue
		}
		for i, spec := range s.file.Imports {
			if !strings.HasPrefix(strings.Trim(spec.Path.Value, `"`), module) {
				continue
			}
			if to := s.imports()[i]; !mayImport(s.dir, to, allowed) {
				t.Errorf("%s imports %s: no arrow goes there; compose the two in app, or add the arrow with its reason", s.path, to)
			}
		}
	}
	for dir := range arrows {
		if !seen[dir] {
			t.Errorf("%s is listed but there is no such package", dir)
		}
	}
}

func mayImport(from, to string, allowed []string) bool {
	if slices.Contains(allowed, "*") || slices.Contains(allowed, to) {
		return true
	}
	wing, _, _ := strings.Cut(from, "/")
	below, _, _ := strings.Cut(to, "/")
	return slices.Contains(wings[wing], below)
}

func TestAFileIsALayer(t *testing.T) {
	for _, s := range sources(t) {
		wing, word, _ := strings.Cut(s.dir, "/")
		if s.test() || !slices.Contains([]string{"know", "learn", "act", "reach"}, wing) {
			continue
		}
		if strings.Contains(word, "/") {
			t.Errorf("%s: inside a package a layer is a file, never a sub-package", s.dir)
		}
		layer := strings.TrimSuffix(s.name, ".go")
		layer = layer[strings.LastIndex(layer, "_")+1:]
		for _, to := range s.imports() {
			if only, ruled := layers[to]; ruled && !slices.Contains(only, layer) && word != "intake" && word != "load" && word != "scoring" {
				t.Errorf("%s imports %s, which only %v files may", s.path, to, only)
			}
		}
		if _, isLayer := layerNames()[layer]; !isLayer {
			onlyBaseModel(t, s)
		}
	}
}

func layerNames() map[string]bool {
	names := map[string]bool{}
	for _, only := range layers {
		for _, name := range only {
			names[name] = true
		}
	}
	return names
}

// onlyBaseModel holds a noun's file to naming its table: questions to the database stand in the store.
func onlyBaseModel(t *testing.T, s source) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "bun" && sel.Sel.Name != "BaseModel" {
			t.Errorf("%s: bun.%s belongs in a store file", s.fset.Position(sel.Pos()), sel.Sel.Name)
		}
		return true
	})
}

func TestBudgets(t *testing.T) {
	lines, files := map[string]int{}, map[string]int{}
	for _, s := range sources(t) {
		if s.lines > maxFile {
			t.Errorf("%s has %d lines; at most %d: split it by word", s.path, s.lines, maxFile)
		}
		if !s.test() {
			lines[s.dir] += s.lines
			files[s.dir]++
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || s.test() { // a test's table may be as long as it needs
				continue
			}
			if n := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1; n > maxFunc {
				t.Errorf("%s: %s has %d lines; at most %d", s.path, f.Name.Name, n, maxFunc)
			}
			if f.Name.Name == "init" && f.Recv == nil {
				t.Errorf("%s: no init(): what a package needs is given to it", s.path)
			}
		}
	}
	for dir, n := range lines {
		if n > maxPackage || files[dir] > maxPkgFile {
			t.Errorf("%s has %d lines in %d files; at most %d in %d: split it by word", dir, n, files[dir], maxPackage, maxPkgFile)
		}
	}
}

func TestNames(t *testing.T) {
	for _, s := range sources(t) {
		for _, bad := range []string{"util", "utils", "common", "helper", "helpers", "models", "services"} {
			if slices.Contains(strings.Split(s.dir, "/"), bad) || strings.TrimSuffix(s.name, ".go") == bad {
				t.Errorf("%s: %q says nothing; name it by what it is about", s.path, bad)
			}
		}
	}
}

// TestExportedNamesAreDocumented also refuses mutable package variables: errors, embedded texts and compiled patterns are
// all that a package may hold.
func TestExportedNamesAreDocumented(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || s.file.Name.Name == "main" {
			continue
		}
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: %s needs a comment", s.fset.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				undocumented(t, s, d)
				mutable(t, s, d)
			}
		}
	}
}

func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	typ := f.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if index, ok := typ.(*ast.IndexExpr); ok {
		typ = index.X
	}
	name, ok := typ.(*ast.Ident)
	return ok && name.IsExported()
}

func undocumented(t *testing.T, s source, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				t.Errorf("%s: %s needs a comment", s.fset.Position(spec.Pos()), spec.Name.Name)
			}
		case *ast.ValueSpec:
			if spec.Names[0].IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				t.Errorf("%s: %s needs a comment", s.fset.Position(spec.Pos()), spec.Names[0].Name)
			}
		}
	}
}

func mutable(t *testing.T, s source, d *ast.GenDecl) {
	if d.Tok != token.VAR {
		return
	}
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		if v.Names[0].Name == "_" || embedded(d.Doc) || embedded(v.Doc) || constant(v) {
			continue
		}
		t.Errorf("%s: the package variable %s can change; pass it, or make it a function", s.fset.Position(v.Pos()), v.Names[0].Name)
	}
}

func embedded(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed") })
}

// constant tells of values that Go cannot write as constants but that nobody changes.
func constant(v *ast.ValueSpec) bool {
	for _, value := range v.Values {
		call, ok := value.(*ast.CallExpr)
		if !ok {
			return false
		}
		fun, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		if !slices.Contains([]string{"New", "MustCompile", "OnceValue", "OnceValues", "NewReplacer", "Must"}, fun.Sel.Name) {
			return false
		}
	}
	return len(v.Values) > 0
}
