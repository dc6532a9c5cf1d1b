// Package demo invents a company to try the program on: Nordhavn Ship Supply, a
// ship chandler that sells in Denmark, Germany, the Netherlands, Poland and
// Taiwan. It writes ordinary CSV files, one per import kind, whose columns are
// named as the import fields; so the demo takes the same road as a real
// company's data and proves it.
//
// The numbers tell the story the customer matrix is made for: few customers
// bring most of the revenue and get a small part of the visits, while much of
// the visiting goes to customers who have little left to buy.
//
// The same seed and number of customers give the same bytes, whatever the
// number of processors (on one architecture: the last bit of math.Exp may
// differ between architectures).
package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Days of the story, as ISO dates. FirstDay is the first possible purchase;
// LastDay is the day the company's files were "exported" and the date to score
// it as of.
const (
	FirstDay = "2021-11-01"
	LastDay  = "2026-10-31"
)

// Company and BaseCurrency are what the demo company calls itself and keeps its
// books in; the files presume that currency as the base of the rates.
const (
	Company      = "Nordhavn Ship Supply"
	BaseCurrency = "DKK"
)

// Limits of Config.Customers. Above MaxCustomers the codes would need an eighth
// digit.
const (
	MinCustomers = 1
	MaxCustomers = 9_999_999
)

// ErrCustomers says that Config.Customers is outside MinCustomers…MaxCustomers.
var ErrCustomers = errors.New("number of demo customers out of range")

// Config says what to invent and where to put it.
type Config struct {
	// Customers is the number of customers; 3,000 make a good demo, 1,000,000
	// the benchmark set of about ten million purchase lines.
	Customers int
	// Seed chooses the world; equal seeds give equal files.
	Seed uint64
	// Dir receives the files; it is created when absent.
	Dir string
	// Progress, when set, hears how many of all customers are written. It is
	// called from the goroutine that called Generate.
	Progress func(done, total int64)
}

// File is one written import file.
type File struct {
	// Kind is the import kind, such as "purchases".
	Kind string
	// Path is the file's place, inside Config.Dir.
	Path string
	// Columns are the header names in order; each equals the import field it
	// feeds, so the mapping is the identity.
	Columns []string
	// Rows is the number of records below the header.
	Rows int64
}

// User is somebody to sign in as. The password is made where users are made.
type User struct {
	Email, Name string
	// Role is a role of the access package: director, manager or salesperson.
	Role string
	// PersonCode and UnitCode refer to the generated people and units; the unit
	// is the top of what the user may see.
	PersonCode, UnitCode string
}

// Users returns a director, a manager of one country and a salesperson. They
// exist in every generated company, whatever its size and seed.
func Users() []User {
	return []User{
		{Email: "director@nordhavn.example", Name: "Ingrid Holm", Role: "director", PersonCode: "S0001", UnitCode: "NH"},
		{Email: "manager@nordhavn.example", Name: "Mads Kjær", Role: "manager", PersonCode: "S0002", UnitCode: "DK"},
		{Email: "sales@nordhavn.example", Name: "Sofie Lund", Role: "salesperson", PersonCode: "S0007", UnitCode: "DK-ESB"},
	}
}

// Generate writes the files and returns them in the order in which they must be
// imported: a file refers only to codes of earlier files or earlier rows. It
// needs memory for a few thousand customers at a time, whatever their number.
// On an error or a cancelled ctx the folder may hold partial files.
func Generate(ctx context.Context, cfg Config) ([]File, error) {
	if cfg.Customers < MinCustomers || cfg.Customers > MaxCustomers {
		return nil, fmt.Errorf("%w: %d is not between %d and %d", ErrCustomers, cfg.Customers, MinCustomers, MaxCustomers)
	}
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the demo files: %w", err)
	}
	w, err := newWorld(cfg.Seed, cfg.Customers)
	if err != nil {
		return nil, fmt.Errorf("read the demo company's word lists: %w", err)
	}
	files := []File{
		{Kind: "units", Columns: []string{"code", "name", "kind", "parent"}},
		{Kind: "people", Columns: []string{"code", "name", "email", "title", "unit"}},
		{Kind: "rates", Columns: []string{"currency", "valid_from", "rate"}},
		{Kind: "products", Columns: []string{"code", "name", "category", "cost", "currency"}},
		{Kind: "customers", Columns: []string{"code", "name", "kind", "industry", "size_employees", "street", "postal_code", "city", "country", "email", "website", "parent", "owner", "unit", "lifecycle"}},
		{Kind: "potentials", Columns: []string{"customer", "amount", "currency", "source", "valid_from", "note"}},
		{Kind: "budgets", Columns: []string{"customer", "month", "revenue", "currency"}},
		{Kind: "interactions", Columns: []string{"code", "customer", "kind", "date", "person", "minutes", "result", "note"}},
		{Kind: "answers", Columns: []string{"code", "customer", "date", "survey", "question", "topic", "score", "weight", "respondent"}},
		{Kind: "purchases", Columns: []string{"document", "line", "date", "customer", "product", "quantity", "revenue", "cost", "currency", "channel", "seller"}},
	}
	for i := range files {
		files[i].Path = filepath.Join(cfg.Dir, files[i].Kind+".csv")
	}
	fixed, bulk := files[:4], files[4:]
	for i, write := range []func(*page){w.writeUnits, w.writePeople, w.writeRates, w.writeProducts} {
		if err := writeFile(&fixed[i], write); err != nil {
			return nil, err
		}
	}
	if err := writeBulk(ctx, w, cfg, bulk); err != nil {
		return nil, err
	}
	return files, nil
}
